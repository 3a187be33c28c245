"""Numbers beyond what doubles and 64 bits hold, through the API, the database and back."""

import pytest

from db.models import Project
from tests.support.client import Client

NUMBERS = ("123456789012345678901234", "18446744073709551616", "-9223372036854775809", "9007199254740993.25")


@pytest.mark.parametrize("number", NUMBERS)
async def test_a_task_keeps_every_digit(as_owner: Client, client: Client, project: Project, number: str) -> None:
    body = f'{{"project_id": {project.id}, "info": {{"id": {number}}}}}'.encode()
    made = await as_owner.api("POST", "/api/task", body)
    assert f'"id":{number}}}' in made.text
    drawn = await client.api("GET", f"/api/project/{project.id}/newtask")
    assert f'"id":{number}}}' in drawn.text
    answer = f'{{"project_id": {project.id}, "task_id": {made.json["id"]}, "info": [{number}]}}'.encode()
    assert f"[{number}]" in (await client.api("POST", "/api/taskrun", answer)).text
    assert f"[{number}]" in (await as_owner.api("GET", f"/api/taskrun?project_id={project.id}")).text
    found = await as_owner.api("GET", f'/api/task?project_id={project.id}&info={{"id":{number}}}')
    assert [row["id"] for row in found.json] == [made.json["id"]]
