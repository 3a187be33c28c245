"""The contribute page, its frames and their token (docs/contract/pages.md 4.3, docs/architecture.md 7)."""

import html
import re
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from db.models import Project, User
from db.session import Database
from tests.factories import make_project, make_tasks
from tests.support.client import Answer, Client
from tests.webapp.views.project.conftest import As
from webapp.config import Settings
from webapp.services.contributing.frame_token import read_frame_token
from webapp.services.projects.presenters import NAMES, snippet

FRAMED = {"Sec-Fetch-Dest": "iframe"}
"""What a browser sends with what it loads into a frame."""


def config(answer: Answer) -> Any:
    """What the page hands to its script."""
    found = re.search(r'data-config="([^"]*)"', answer.text)
    assert found is not None
    return orjson.loads(html.unescape(found[1]))


async def change(database: Database, project: Project, **values: Any) -> None:
    async with database.unit() as uow:
        for name, value in values.items():
            statement = text(f"UPDATE project SET {name} = :value WHERE id = :id")
            await uow.session.execute(statement, {"value": value, "id": project.id})


async def states(database: Database) -> dict[tuple[str, int], str]:
    """The assignments by contributor and task."""
    async with database.unit(read_only=True) as uow:
        rows = await uow.session.execute(text("SELECT contributor, task_id, state FROM assignment"))
        return {(row.contributor, row.task_id): row.state for row in rows}


@pytest.mark.parametrize("path", ["newtask", "presenter"])
async def test_the_page_runs_the_presenter_in_a_sandbox(client: Client, project: Project, path: str) -> None:
    answer = await client.get(f"/project/stars/{path}")
    assert answer.status == 200
    assert '<iframe id="presenter" title="Task of Stars" sandbox="">' in answer.text
    found = config(answer)
    assert (found["short_name"], found["frame_url"], found["total"]) == ("stars", "/project/stars/frame", 3)


async def test_a_draft_is_for_its_owners_alone(
    client: Client, as_user: As, stranger: User, owner: User, draft: Project
) -> None:
    assert (await client.get("/project/birds/newtask")).status == 401
    assert (await as_user(stranger).get("/project/birds/newtask")).status == 403
    assert (await as_user(owner).get("/project/birds/newtask")).status == 200
    assert (await as_user(stranger).get("/project/birds/frame")).status == 403
    assert (await as_user(stranger).get("/project/birds/frame", headers=FRAMED)).status == 401


async def test_where_an_account_is_asked_for_others_are_sent_to_sign_in(
    client: Client, database: Database, project: Project
) -> None:
    await change(database, project, allow_anonymous_contributors=False)
    answer = await client.get("/project/stars/newtask")
    assert (answer.status, answer.location) == (302, "/account/signin?next=/project/stars/presenter")
    assert (await client.get("/project/stars/frame", headers=FRAMED)).status == 401


async def test_a_volunteer_is_told_apart_from_the_first_request_on(
    client: Client, project: Project, settings: Settings
) -> None:
    first, again = [config(await client.get("/project/stars/newtask")) for _ in range(2)]
    assert first["who"] == again["who"] and first["who"].startswith("anon:")
    grant = read_frame_token(first["token"], settings.key("frame"))
    assert grant is not None and (grant.contributor, grant.project_id) == (first["who"], project.id)


async def test_a_task_by_its_address_is_lent_to_whoever_opens_it(
    client: Client, database: Database, project: Project
) -> None:
    async with database.unit(read_only=True) as uow:
        ids = (await uow.session.execute(text("SELECT id FROM task ORDER BY id"))).scalars().all()
    found = config(await client.get(f"/project/stars/task/{ids[1]}"))
    assert found["task_id"] == ids[1] and found["frame_url"] == f"/project/stars/frame/task/{ids[1]}"
    assert await states(database) == {(found["who"], ids[1]): "offered"}


async def test_a_task_as_json_has_the_keys_of_old(
    client: Client, owner: User, database: Database, project: Project
) -> None:
    async with database.unit() as uow:
        other = await make_project(uow.session, owner, short_name="other")
        [foreign] = await make_tasks(uow.session, other, 1)
        own = (await uow.session.execute(text("SELECT min(id) FROM task"))).scalar_one()
    shown = await client.get(f"/project/stars/task/{own}", json=True)
    assert (
        set(shown.json) >= {"project", "owner", "template", "title"}
        and shown.json["template"] == "/projects/presenter.html"
    )
    wrong = await client.get(f"/project/stars/task/{foreign.id}", json=True)
    assert (wrong.status, wrong.json["template"]) == (200, "/projects/task/wrong.html")
    assert (await client.get("/project/stars/task/999999", json=True)).status == 404
    assert "flash" not in wrong.json


async def test_clients_tell_who_is_not_signed_in_that_there_is_no_credit(
    client: Client, as_user: As, stranger: User, database: Database, project: Project
) -> None:
    async with database.unit(read_only=True) as uow:
        number = (await uow.session.execute(text("SELECT min(id) FROM task"))).scalar_one()
    path = f"/project/stars/task/{number}"
    told = (await client.get(path, json=True)).json
    assert told["status"] == "warning" and f'<a href="/account/signin?next={path}">' in told["flash"]
    assert "no credit" not in (await client.get(path)).text
    assert "flash" not in (await as_user(stranger).get(path, json=True)).json


async def test_a_task_that_is_none_is_not_found_in_a_draft_either(client: Client, draft: Project) -> None:
    assert (await client.get("/project/birds/task/999999", json=True)).status == 404


async def test_the_tutorial_comes_first_and_once(client: Client, database: Database, project: Project) -> None:
    async with database.unit() as uow:
        patch = text('UPDATE project SET info = info || \'{"tutorial": "<p>Look here</p>"}\'')
        await uow.session.execute(patch)
    first = await client.get("/project/stars/newtask")
    assert "/project/stars/frame/tutorial" in html.unescape(first.text)
    assert "data-config" in (await client.get("/project/stars/newtask")).text
    shown = await client.get("/project/stars/tutorial", json=True)
    assert shown.json["title"] == "Project: Stars &middot; Tutorial"
    frame = await client.get("/project/stars/frame/tutorial", headers=FRAMED)
    assert "<p>Look here</p>" in frame.text and 'id="start"' in frame.text


async def test_a_part_that_no_project_has_is_not_found(client: Client, project: Project) -> None:
    assert (await client.get("/project/stars/frame/nothing")).status == 404
    assert (await client.get("/project/nothing/frame")).status == 404


async def test_a_fresh_token_says_who_contributes(
    client: Client, as_user: As, stranger: User, project: Project
) -> None:
    answer = await as_user(stranger).get("/project/stars/frame-token", json=True)
    assert answer.headers["Cache-Control"] == "private, no-cache"
    mine = answer.json
    assert mine["who"] == f"user:{stranger.id}" and mine["token"] and mine["expires_in"] == 900


async def test_no_token_for_a_draft_of_somebody_else(client: Client, draft: Project) -> None:
    assert (await client.get("/project/birds/frame-token", json=True)).status == 401


@pytest.mark.parametrize("name", NAMES)
def test_a_template_is_made_for_its_project(name: str) -> None:
    made = snippet(f"projects/presenters/{name}.html", "stars")
    assert "pybossa.run('stars')" in made and "{{" not in made
