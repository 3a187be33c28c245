"""The page of what has come of a project: the owner's own, in a frame, once there is something to show."""

from datetime import UTC, datetime

import pytest

from db.models import Project
from db.queries.importing import backfill
from db.session import Database
from tests.factories import make_project, make_tasks, make_user
from tests.support.client import Client

PAGE = "<h2>What was found</h2>"
FRAME = "/project/birds/frame/results"


async def make_birds(database: Database, *, concluded: bool, presented: bool = True, published: bool = True) -> Project:
    """A project of one task with one answer, and what its owner has made of it."""
    info = {"task_presenter": "<p>Which bird?</p>"} | ({"results": PAGE} if presented else {})
    async with database.unit() as uow:
        owner = await make_user(uow.session)
        project = await make_project(uow.session, owner, short_name="birds", info=info, published=published)
        (task,) = await make_tasks(uow.session, project, n_answers=1)
        now = datetime.now(UTC)
        run = backfill.PastRun(task.id, f"user:{owner.id}", owner.id, None, now, now, "owl")
        await backfill.store_past_runs(uow.session, project.id, [run])
        if concluded:
            await backfill.conclude(uow.session, project.id, {task.id: {"bird": "owl"}})
    return project


async def test_everybody_sees_the_owners_page_once_there_is_a_result(client: Client, database: Database) -> None:
    await make_birds(database, concluded=True)

    assert FRAME in (await client.get("/project/birds/results")).text
    assert PAGE in (await client.get("/project/birds/frame/results", headers={"Sec-Fetch-Dest": "iframe"})).text
    shown = (await client.get("/project/birds/results", json=True)).json
    assert shown["n_results"] == 1
    assert "results" not in shown["project"]["info"]


@pytest.mark.parametrize(("concluded", "presented"), [(False, True), (True, False)])
async def test_otherwise_it_says_so(client: Client, database: Database, concluded: bool, presented: bool) -> None:
    await make_birds(database, concluded=concluded, presented=presented)

    page = (await client.get("/project/birds/results")).text

    assert FRAME not in page
    assert "No results shown yet" in page


async def test_a_drafts_results_are_its_owners(client: Client, database: Database) -> None:
    await make_birds(database, concluded=True, published=False)

    assert (await client.get("/project/birds/results", json=True)).status == 401
