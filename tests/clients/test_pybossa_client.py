"""pybossa-client, the library that researchers' scripts are written with, untouched."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pbclient
import pytest

from db.models import User
from db.session import Database
from tests.factories import make_user
from tests.support.answering import answer_all
from tests.support.served import served
from webapp.app import create_app
from webapp.config import Settings

PIXEL = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99=\x1d\x00\x00\x00\x00IEND\xaeB`\x82"
)


@pytest.fixture
async def owner(database: Database) -> User:
    async with database.unit() as uow:
        await make_user(uow.session, admin=True)
        return await make_user(uow.session)


@pytest.fixture
def url(settings: Settings, owner: User) -> Iterator[str]:
    """A server, to which the client is set in the owner's name."""
    with served(create_app(settings)) as address:
        pbclient.set("endpoint", address)
        pbclient.set("api_key", owner.api_key)
        yield address


@pytest.fixture
def project(url: str) -> Any:
    made = pbclient.create_project("Flowers", "flowers", "Which flower is it?")
    assert isinstance(made, pbclient.Project), made
    return made


def test_a_project_is_found_changed_and_deleted(project: Any) -> None:
    found = pbclient.find_project(short_name="flowers")
    assert [one.id for one in found] == [project.id]
    mine = pbclient.get_project(project.id)
    mine.description, mine.info = "Which one?", {"task_presenter": "<p>?</p>", "of_mine": 7}
    changed = pbclient.update_project(mine)
    assert (changed.description, changed.info["of_mine"]) == ("Which one?", 7)
    assert pbclient.delete_project(project.id) is True
    assert pbclient.find_project(short_name="flowers") == []


def test_tasks_are_added_paged_changed_and_deleted(project: Any) -> None:
    made = [pbclient.create_task(project.id, {"n": n}, n_answers=2, priority_0=0.5) for n in range(5)]
    first, second = pbclient.get_tasks(project.id, limit=3), pbclient.get_tasks(project.id, limit=3, last_id=made[2].id)
    assert [one.info["n"] for one in first + second] == [0, 1, 2, 3, 4]
    task = pbclient.find_tasks(project.id, id=made[3].id)[0]
    task.n_answers = "3"  # pbs sends what was typed
    assert pbclient.update_task(task).n_answers == 3
    assert pbclient.delete_task(made[4].id) is True
    assert len(pbclient.get_tasks(project.id)) == 4


def test_answers_and_results_are_read_and_results_concluded(url: str, owner: User, project: Any) -> None:
    for n in range(2):
        pbclient.create_task(project.id, {"n": n}, n_answers=1)
    assert owner.api_key is not None
    assert answer_all(url, project.id, owner.api_key, {"flower": "rose"}) == 2
    runs = pbclient.get_taskruns(project.id)
    assert [run.info for run in runs] == [{"flower": "rose"}] * 2
    assert pbclient.find_taskruns(project.id, task_id=runs[1].task_id)[0].id == runs[1].id
    results = pbclient.get_results(project.id)
    assert [result.task_id for result in results] == [run.task_id for run in runs]
    result = results[0]
    result.info = {"flower": "rose", "sure": True}
    assert pbclient.update_result(result).info == {"flower": "rose", "sure": True}
    # What is part of a result is no more its author's to delete (docs/contract/api.md 2.3).
    assert pbclient.delete_taskrun(runs[0].id)["status_code"] == 403


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # the client's own: it opens what it sends
def test_helping_materials_come_with_a_file(url: str, project: Any, tmp_path: Path) -> None:
    picture = tmp_path / "a rose.png"
    picture.write_bytes(PIXEL)
    made = pbclient.create_helpingmaterial(project.id, {"about": "roses"}, file_path=str(picture))
    assert made.media_url.startswith(url)
    assert httpx.get(made.media_url).content.startswith(PIXEL[:8])
    made.info = made.info | {"about": "roses"}
    # The client takes the id out of the object that it is given.
    updated = pbclient.update_helping_material(made)
    assert updated.info["about"] == "roses"
    assert [one.id for one in pbclient.get_helping_materials(project.id, last_id=0)] == [updated.id]


def test_refusals_are_objects_with_their_class(project: Any) -> None:
    again = pbclient.create_project("Flowers", "flowers", "Which flower is it?")
    assert (again["status"], again["exception_cls"], again["target"]) == ("failed", "DBIntegrityError", "project")
    assert pbclient.get_project(2**40)["status_code"] == 404
    assert pbclient.delete_task(2**40)["exception_cls"] == "NotFound"
    assert pbclient.create_task(project.id, {}, priority_0="high")["exception_cls"] == "DataError"
