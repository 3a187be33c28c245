"""A site that the benchmarks have grown is what the site itself would have left there."""

import asyncpg
import pytest

from benchmarks.support.filling import MANY
from benchmarks.support.growing import Around, Growth, grow
from db.naming import look
from db.queries.figures.recount import differences
from db.session import Database
from tests.support.crawling import populate
from tests.support.invariants import breaches
from tests.support.services import TestServices
from webapp.runtime.embedded.postgres import DATABASE, SUPERUSER

GROWTH = Growth(accounts=30, projects=12, tasks=600, answers=1500, entries=5)
NAMES = """
SELECT name, name_skeleton FROM users UNION ALL SELECT short_name, short_name_skeleton FROM project"""
INDEXES = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"


@pytest.mark.parametrize("many", [1, MANY])
async def test_a_grown_site_keeps_every_count(
    services: TestServices, database: Database, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr("benchmarks.support.growing.MANY", many)
    site = await populate(database)
    people = {role: site.people[role].id for role in ("owner", "volunteer", "admin")}
    filler = await asyncpg.connect(services.superuser_url.replace(f"/{SUPERUSER}?", f"/{DATABASE}?"))
    try:
        before = await filler.fetch(INDEXES)
        for _again in range(2):
            latest = await grow(filler, database, Around(project=site.project_id, **people), GROWTH)
        assert await filler.fetch(INDEXES) == before
        projects = [row["id"] for row in await filler.fetch("SELECT id FROM project")]
        names = await filler.fetch(NAMES)
        n_runs = await filler.fetchval("SELECT count(*) FROM task_run")
    finally:
        await filler.close()
    assert len(projects) == 2 + 2 * GROWTH.projects and int(latest["latest_id"]) == max(projects)
    assert n_runs == pytest.approx(2 * GROWTH.answers, rel=0.1)
    assert all(look(name) == skeleton for name, skeleton in names)
    async with database.unit(read_only=True) as uow:
        for project in projects:
            assert await breaches(uow.session, project) == []
    async with database.unit(read_only=True) as uow:
        assert await differences(uow.session) == []
