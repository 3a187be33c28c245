"""Jobs that were given up (docs/contract/pages.md 5)."""

import pytest
from sqlalchemy import text

from db.models import User
from db.queries.site import jobs
from db.session import Database
from tests.support.client import Client
from tests.webapp.views.admin.conftest import As
from webapp.integrations.queue import Queue
from webapp.services.site import failed_jobs


@pytest.fixture
async def given_up(database: Database) -> int:
    """A job that was given up, with its traceback."""
    async with database.unit() as uow:
        number = await Queue().enqueue(uow.session, "deliver_webhook", queue="webhooks", lock="p1", project_id=1)
        await uow.session.execute(text("UPDATE procrastinate_jobs SET status = 'failed', attempts = 5"))
    try:
        raise ValueError("no\x00such <host>")
    except ValueError as error:
        await failed_jobs.note(database, number, error)
        await failed_jobs.note(database, number, error)
    return number


async def rows(database: Database) -> list[tuple[object, ...]]:
    async with database.unit(read_only=True) as uow:
        found = await uow.session.execute(
            text("SELECT task_name, queue_name, lock, args, CAST(status AS text), attempts FROM procrastinate_jobs")
        )
        return [tuple(row) for row in found]


async def test_it_is_shown_with_its_trace(rita: Client, given_up: int) -> None:
    page = (await rita.get("/admin/rq/")).text
    assert "deliver_webhook" in page and "ValueError: nosuch &lt;host&gt;" in page and "tried 5 times" in page


async def test_it_is_tried_again(rita: Client, given_up: int, database: Database) -> None:
    assert (await rita.post(f"/admin/rq/{given_up}/retry", json=True)).json["next"] == "/admin/rq/"
    assert await rows(database) == [("deliver_webhook", "webhooks", "p1", {"project_id": 1}, "todo", 0)]
    assert (await rita.post(f"/admin/rq/{given_up}/retry", json=True)).status == 404
    assert "No job was given up" in (await rita.get("/admin/rq/")).text


async def test_it_is_dropped(rita: Client, given_up: int, database: Database) -> None:
    assert (await rita.post(f"/admin/rq/{given_up}/drop", json=True)).json["status"] == "success"
    assert await rows(database) == []
    assert (await rita.post(f"/admin/rq/{given_up}/drop", json=True)).status == 404


async def test_what_waits_or_runs_is_left_alone(rita: Client, given_up: int, database: Database) -> None:
    async with database.unit() as uow:
        await uow.session.execute(text("UPDATE procrastinate_jobs SET status = 'todo'"))
    for what in ("retry", "drop"):
        assert (await rita.post(f"/admin/rq/{given_up}/{what}", json=True)).status == 404
    assert len(await rows(database)) == 1


async def test_old_ones_are_forgotten(given_up: int, database: Database) -> None:
    await failed_jobs.forget_old(database)
    assert len(await rows(database)) == 1
    async with database.unit() as uow:
        await uow.session.execute(text("UPDATE job_failure SET at = at - interval '31 days'"))
    await failed_jobs.forget_old(database)
    assert await rows(database) == []
    async with database.unit() as uow:
        assert await jobs.failed(uow.session, limit=9) == []
        assert (await uow.session.execute(text("SELECT count(*) FROM job_failure"))).scalar_one() == 0


async def test_others_may_not(as_user: As, client: Client, ann: User, given_up: int, database: Database) -> None:
    hers = as_user(ann)
    assert ((await client.get("/admin/rq/")).status, (await hers.get("/admin/rq/")).status) == (401, 403)
    for what in ("retry", "drop"):
        assert (await hers.post(f"/admin/rq/{given_up}/{what}", json=True)).status == 403
    assert len(await rows(database)) == 1
