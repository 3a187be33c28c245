"""Imports that are done again every day (docs/contract/pages.md 4.4, docs/contract/jobs.md 5)."""

from io import BytesIO
from typing import IO, Any

import pytest
from sqlalchemy import select, text

from db.models import Auditlog, Mail, Project, TaskImport, User
from db.session import Database
from tests.factories import make_user
from tests.support.outbox import Outbox
from tests.webapp.views.project.conftest import As
from webapp.config import Settings
from webapp.integrations.mail import Letter
from webapp.integrations.queue import Queue
from webapp.services.importing import automatic, task_imports
from webapp.services.mails import delivery

PAGE = "/project/stars/tasks/autoimporter"
SHEET = {"form_name": "csv", "csv_url": "https://bees.example/tasks.csv"}


@pytest.fixture
async def pro(database: Database, project: Project) -> User:
    """A co-owner with the feature."""
    async with database.unit() as uow:
        user = await make_user(uow.session, name="pia", pro=True)
        project.owners_ids = [*project.owners_ids, user.id]
        await uow.session.merge(project)
        return user


async def kept(database: Database) -> Any:
    async with database.unit(read_only=True) as uow:
        return (await uow.session.scalars(select(Project.info["autoimporter"]))).one()


async def imports(database: Database) -> list[tuple[str, Any, str]]:
    async with database.unit(read_only=True) as uow:
        found = await uow.session.execute(select(TaskImport.source, TaskImport.options, TaskImport.state))
        return [(row[0], row[1], row[2]) for row in found]


async def test_it_is_set_up_shown_and_stopped(as_user: As, pro: User, project: Project, database: Database) -> None:
    pia = as_user(pro)
    assert "EpiCollect" in (await pia.get(PAGE)).text
    assert "Address of the CSV file" in (await pia.get(f"{PAGE}?type=csv")).text
    assert "must provide a URL" in (await pia.post(f"{PAGE}?type=csv", SHEET | {"csv_url": ""})).text
    assert (await pia.post(f"{PAGE}?type=csv", SHEET)).location == PAGE
    assert await kept(database) == {"type": "csv", "csv_url": "https://bees.example/tasks.csv"}
    assert "https://bees.example/tasks.csv" in (await pia.get(PAGE)).text
    assert (await pia.post(f"{PAGE}/delete")).location == "/project/stars/tasks/"
    assert await kept(database) is None
    async with database.unit(read_only=True) as uow:
        log = (await uow.session.scalars(select(Auditlog.attribute))).all()
    assert list(log) == ["autoimporter", "autoimporter"]
    assert (await pia.get(f"{PAGE}?type=localCSV")).status == 404


async def test_only_owners_with_the_feature(
    as_user: As, pro: User, owner: User, stranger: User, project: Project, database: Database
) -> None:
    for who in (owner, stranger):
        assert (await as_user(who).get(PAGE)).status == 403
        assert (await as_user(who).post(f"{PAGE}?type=csv", SHEET)).status == 403
        assert (await as_user(who).post(f"{PAGE}/delete")).status == 403
    assert (
        await as_user(owner).api("PUT", f"/api/project/{project.id}", {"info": {"autoimporter": SHEET}})
    ).status == 200
    assert await kept(database) is None, "not by the API either"


async def test_every_night_an_import_begins_unless_one_is_under_way(
    as_user: As, pro: User, owner: User, project: Project, database: Database, settings: Settings
) -> None:
    await as_user(pro).post(f"{PAGE}?type=csv", SHEET)
    assert await automatic.start_all(database, Queue(), settings) == 0, "the owner has not the feature"
    async with database.unit() as uow:
        await uow.session.execute(text("UPDATE users SET pro = true WHERE id = :id"), {"id": owner.id})
    assert await automatic.start_all(database, Queue(), settings) == 1
    assert await automatic.start_all(database, Queue(), settings) == 0
    options = {"address": "https://bees.example/tasks.csv", "kind": "csv", "automatic": True}
    assert await imports(database) == [("csv", options, "queued")]
    async with database.unit() as uow:
        await uow.session.execute(text("UPDATE task_import SET state = 'done'"))
        await uow.session.execute(text("UPDATE users SET suspended_until = now() + interval '1 day'"))
    assert await automatic.start_all(database, Queue(), settings) == 0, "the owner is suspended"
    async with database.unit() as uow:
        await uow.session.execute(text("UPDATE users SET suspended_until = NULL"))
    assert await automatic.start_all(database, Queue(), settings) == 1


async def test_the_owner_is_told_of_what_came_and_of_nothing_else(
    owner: User, project: Project, database: Database, settings: Settings
) -> None:
    mailing = settings.model_copy(update={"base_url": "https://bees.example"})

    async def source(row: TaskImport) -> IO[bytes]:
        return BytesIO(b"question\n" + b"".join(b"%d\n" % n for n in range(row.options["rows"])))

    for rows in (0, 3, 3):
        async with database.unit() as uow:
            options = {"automatic": True, "rows": rows}
            row = TaskImport(project_id=project.id, user_id=owner.id, source="csv", options=options)
            uow.session.add(row)
        await task_imports.run(database, row.id, source)

    async with database.unit(read_only=True) as uow:
        [mail] = (await uow.session.scalars(select(Mail))).all()
    assert (mail.kind, mail.user_id) == (task_imports.AUTOMATIC_KIND, owner.id)
    letters: list[Letter] = []
    await delivery.deliver(database, mailing, Outbox(letters).take, mail.id)
    [letter] = letters
    assert letter.to == owner.email_addr
    assert "3 new tasks" in letter.body and "https://bees.example/project/stars/tasks/autoimporter" in letter.body
