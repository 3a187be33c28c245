"""How many projects and files one account may have, and how many tasks a project."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from db.models import OwnershipOffer, Project, Task, TaskImport, User
from db.repositories.rows import add_row, find_row
from db.session import Database
from tests.factories import make_project
from tests.support.client import Client
from tests.webapp.views.project.conftest import As
from webapp.config import Settings
from webapp.services.importing import task_imports

NEW = {"name": "Owls", "short_name": "owls", "long_description": "Where do owls sleep?"}
SENT = {"name": "Owls", "short_name": "owls", "description": "Where do owls sleep?"}
TOLD = "You have 2 projects, as many as one may: delete one, or ask the administrators."


@pytest.fixture
def most() -> int:
    return 2


@pytest.fixture
def settings(settings: Settings, most: int) -> Settings:
    return settings.model_copy(update={"most_projects": most, "most_tasks": 3, "most_stored_mib": 1})


async def own(database: Database, user: User, number: int) -> None:
    async with database.unit() as uow:
        for one in range(number):
            await make_project(uow.session, user, short_name=f"own{one}", name=f"Own {one}")


async def test_the_last_one_is_made(as_user: As, database: Database, owner: User) -> None:
    await own(database, owner, 1)
    assert (await as_user(owner).post("/project/new", NEW, json=True)).json["status"] == "success"


async def test_one_more_is_refused_at_the_form(as_user: As, database: Database, owner: User) -> None:
    await own(database, owner, 2)
    ada = as_user(owner)
    assert (await ada.post("/project/new", NEW, json=True)).json["form"]["errors"] == {"name": [TOLD]}
    assert TOLD in (await ada.post("/project/new", NEW)).text


@pytest.mark.parametrize(("number", "status"), [(1, 200), (2, 403), (3, 403)])
async def test_the_api_says_so(as_user: As, database: Database, owner: User, number: int, status: int) -> None:
    await own(database, owner, number)
    answer = await as_user(owner).api("POST", "/api/project", SENT)
    assert answer.status == status
    if status == 403:
        assert (answer.json["exception_cls"], answer.json["exception_msg"]) == ("Forbidden", TOLD)


async def test_others_projects_are_not_counted(as_user: As, database: Database, owner: User, stranger: User) -> None:
    async with database.unit() as uow:
        for one in ("a", "b"):
            both = [owner.id, stranger.id]
            await make_project(uow.session, owner, short_name=one * 3, name=one, owners_ids=both)
    assert (await as_user(stranger).api("POST", "/api/project", SENT)).status == 200


async def test_administrators_are_not_held_to_it(as_user: As, database: Database, admin: User) -> None:
    await own(database, admin, 2)
    assert (await as_user(admin).api("POST", "/api/project", SENT)).status == 200


@pytest.mark.parametrize("most", [0])
async def test_zero_is_no_limit(as_user: As, database: Database, owner: User) -> None:
    await own(database, owner, 3)
    assert (await as_user(owner).api("POST", "/api/project", SENT)).status == 200


@pytest.mark.parametrize(("number", "accepted"), [(1, True), (2, False)])
async def test_accepting_a_project_counts(
    as_user: As, database: Database, owner: User, stranger: User, project: Project, number: int, accepted: bool
) -> None:
    await own(database, stranger, number)
    async with database.unit() as uow:
        offer = OwnershipOffer(
            project_id=project.id,
            email_addr=stranger.email_addr,
            user_id=stranger.id,
            offered_by=owner.id,
            expires=datetime.now(UTC) + timedelta(days=1),
        )
        await add_row(uow.session, offer)
    answer = await as_user(stranger).post("/project/stars/offer/accept", {}, json=True)
    async with database.unit(read_only=True) as uow:
        kept, waiting = (
            await find_row(uow.session, Project, project.id),
            await find_row(uow.session, OwnershipOffer, offer.id),
        )
    assert kept is not None
    assert (kept.owner_id == stranger.id, waiting is None) == (accepted, accepted)
    if not accepted:
        assert answer.status == 403 and TOLD in answer.text


FULL = "A project may have 3 tasks, and would have more: ask the administrators."


@pytest.fixture
async def bare(database: Database, owner: User) -> Project:
    """A project without tasks."""
    async with database.unit() as uow:
        return await make_project(uow.session, owner, short_name="bare", name="Bare")


async def n_tasks(database: Database) -> int:
    async with database.unit(read_only=True) as uow:
        return len((await uow.session.scalars(select(Task.id))).all())


async def test_a_project_takes_tasks_up_to_its_limit_by_the_api(
    as_user: As, database: Database, owner: User, admin: User, bare: Project
) -> None:
    ada = as_user(owner)
    task = {"project_id": bare.id, "info": {"n": 1}}
    assert (await ada.api("POST", "/api/task", [task, task])).status == 200
    assert (await ada.api("POST", "/api/task", task)).status == 200
    for sent in (task, [task]):
        refused = await ada.api("POST", "/api/task", sent)
        assert (refused.status, refused.json["exception_msg"]) == (403, FULL)
    assert await n_tasks(database) == 3
    assert (await as_user(admin).api("POST", "/api/task", task)).status == 200


async def test_an_import_beyond_the_limit_adds_nothing(
    as_user: As, database: Database, owner: User, bare: Project
) -> None:
    ada, address = as_user(owner), "/project/bare/tasks/import?type=localCSV&response_format=json"

    async def take(n_rows: int) -> Any:
        content = b"n\n" + b"".join(b"%d\n" % n for n in range(n_rows))
        file = FileStorage(BytesIO(content), "n.csv")
        return (await ada.post(address, {"form_name": "localCSV"}, files={"file": file})).json

    assert (await take(4))["form"]["errors"] == {"file": [FULL]}
    assert await n_tasks(database) == 0
    assert "3 new tasks" in (await take(3))["flash"]
    # What is there already is no more.
    assert "no new records" in (await take(3))["flash"]
    assert (await take(4))["form"]["errors"] == {"file": [FULL]}
    assert await n_tasks(database) == 3


@pytest.mark.parametrize("who", ["owner", "admin"])
async def test_an_import_by_the_worker_is_held_to_it_but_for_administrators(
    database: Database, owner: User, admin: User, bare: Project, who: str
) -> None:
    user = owner if who == "owner" else admin
    async with database.unit() as uow:
        row = await add_row(uow.session, TaskImport(project_id=bare.id, user_id=user.id, source="csv", options={}))

    async def source(_row: TaskImport) -> BytesIO:
        return BytesIO(b"n\n1\n2\n3\n4\n")

    ended = await task_imports.run(database, row.id, source, most_tasks=3)
    assert ended is not None
    expected = ("failed", FULL, 0) if who == "owner" else ("done", None, 4)
    assert (ended.state, ended.error, await n_tasks(database)) == expected


async def test_files_of_one_account_have_their_limit(as_user: As, owner: User, admin: User, bare: Project) -> None:
    async def store(client: Client, kib: int) -> int:
        file = FileStorage(BytesIO(b"x" * kib * 1024), "a.txt", content_type="text/plain")
        answer = await client.upload("POST", "/api/helpingmaterial", {"project_id": bare.id}, file)
        if answer.status == 403:
            assert "may have 1 MiB together" in answer.json["exception_msg"]
        return answer.status

    ada = as_user(owner)
    assert [await store(ada, kib) for kib in (600, 500, 424, 1)] == [200, 403, 200, 403]
    assert await store(as_user(admin), 2000) == 200
