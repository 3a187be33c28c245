"""What the benchmarks fill a database with is what the site itself would have left there."""

import asyncpg
import pytest
from sqlalchemy import make_url

from benchmarks.support.filling import MANY, Filling, fill
from db.session import Database
from tests.support.invariants import breaches
from tests.support.services import TestServices


@pytest.mark.parametrize("complete", [0.0, 0.9])
async def test_a_filled_project_keeps_every_count(
    services: TestServices, database: Database, complete: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.support.filling.MANY", 1 if complete else MANY)
    name = make_url(services.database_url).database
    filler = await asyncpg.connect(services.superuser_url.replace("/postgres?", f"/{name}?"))
    indexes = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"
    before = await filler.fetch(indexes)
    await filler.execute("INSERT INTO category (name, short_name, description) VALUES ('Birds', 'birds', 'Birds')")
    try:
        filled = await fill(filler, Filling("filled", n_tasks=200, complete=complete, answered=(5, 15), group_size=3))
        assert await filler.fetchval("SELECT count(*) FROM task_run") == 3 * 20 + round(200 * complete)
        assert await filler.fetch(indexes) == before
    finally:
        await filler.close()
    assert {n: len(keys) for n, keys in filled.groups.items()} == {5: 3, 15: 3}
    async with database.unit(read_only=True) as uow:
        assert await breaches(uow.session, filled.project) == []
