"""Keeping the figures: in the background, mended at night, and by hand."""

import asyncio
import logging

import pytest
from sqlalchemy import text

from db.session import Database
from tests.factories import leased_and_answered, make_project, make_tasks, make_user
from webapp.services.contributing.contributing import Contributor
from webapp.services.site import figures


@pytest.fixture(autouse=True)
def _no_second_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "SECOND_LOOK_S", 0.0)


@pytest.fixture
async def answered(database: Database) -> None:
    async with database.unit() as uow:
        project = await make_project(uow.session, await make_user(uow.session))
        for task in await make_tasks(uow.session, project, 3):
            await leased_and_answered(uow.session, project, Contributor("anon:a", user_ip="10.0.0.1"), task.id)


async def n_runs(database: Database) -> int:
    [(number,)] = await database.autocommit.fetch("SELECT coalesce(sum(n_runs), 0)::bigint FROM site_day")
    return int(number)


@pytest.mark.usefixtures("answered")
async def test_what_is_new_is_added_in_parts(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.queries.figures.folding.MOST_ROWS", 1)
    assert await figures.fold(database) == 3
    assert await n_runs(database) == 3
    assert await figures.fold(database) == 0


@pytest.mark.usefixtures("answered")
async def test_the_worker_s_loop_adds_what_comes(database: Database) -> None:
    keeping = asyncio.create_task(figures.keep_folding(database))
    try:
        for _tick in range(1000):
            if await n_runs(database) == 3:
                break
            await asyncio.sleep(0.01)
        assert await n_runs(database) == 3
    finally:
        keeping.cancel()


@pytest.mark.usefixtures("answered")
async def test_a_wrong_figure_is_told_and_mended(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    await figures.fold(database)
    assert await figures.mend(database) == 0
    async with database.unit() as uow:
        await uow.session.execute(text("UPDATE site_day SET n_runs = n_runs + 2"))
    with caplog.at_level(logging.ERROR):
        assert await figures.mend(database) == 1
    assert "site_day" in caplog.text and "(5.0,)" in caplog.text and "(3.0,)" in caplog.text
    assert await figures.check(database) == []
    assert await n_runs(database) == 3
