"""A site whose web workers reach PostgreSQL through PgBouncer in transaction mode."""

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg
import pytest

from db.pooler import entries
from tests.support import pgbouncer
from tests.support.crowd import Crowd, check_exact, prepare
from tests.support.server import NotStarted, RunningServer, running_server
from tests.support.services import TEST_SECRET, TestServices
from webapp.config import STATEMENT_SECONDS
from webapp.runtime.embedded.data_directory import open_data_directory

pytestmark = pytest.mark.skipif(pgbouncer.missing() is not None, reason=pgbouncer.missing() or "")
POOL = 2
"""Connections of each entry: fewer than are wanted at once, so that all are shared."""
N_TASKS, N_ANSWERS, N_PEOPLE = 40, 3, 16


@contextmanager
def pooled_site(services: TestServices, tmp_path: Path, *, told: bool = True) -> Iterator[RunningServer]:
    """A site before a PgBouncer that was told what `workbee db pooler` says, or only where the database is."""
    url = pgbouncer.pooler_url(services.database_url)
    lines = entries(url, services.database_url, STATEMENT_SECONDS)
    if not told:
        lines = {name: line.split(" connect_query")[0] for name, line in lines.items()}
    directory = open_data_directory(services.settings.data_dir)
    variables = {
        "DATABASE_URL": services.database_url,
        "POOLER_URL": url,
        "REDIS_URL": services.settings.redis_url or "",
        "SECRET_KEY": TEST_SECRET,
        "WORKERS": "2",
    }
    with (
        pgbouncer.running_pgbouncer(directory, url, lines, pool_size=POOL),
        running_server(tmp_path / "site", variables=variables) as server,
    ):
        yield server


async def test_a_crowd_answers_through_pgbouncer(services: TestServices, tmp_path: Path) -> None:
    with pooled_site(services, tmp_path) as server:
        project_id, people = await prepare(
            services.database_url, n_tasks=N_TASKS, n_answers=N_ANSWERS, n_people=4 * N_PEOPLE, short_name="pooled"
        )
        crowd = Crowd(server.url, project_id, random.Random(5))
        async with asyncio.timeout(120), httpx.AsyncClient(base_url=server.url, timeout=30) as client:
            pages = ("/", "/project/pooled/", "/project/pooled/stats", f"/api/task?project_id={project_id}")
            working = asyncio.create_task(crowd.work(people, N_PEOPLE))
            answers = await asyncio.gather(*(client.get(page) for page in pages for _ in range(5)))
            await working
            exported = await client.get("/project/pooled/tasks/export?type=task_run&format=json")
        assert {answer.status_code for answer in answers} == {200}
        assert exported.status_code == 200 and exported.content[:2] == b"PK"
        with psycopg.connect(services.database_url) as connection:
            counting = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'workbee' AND query LIKE %s"
            row = connection.execute(counting, ["%workbee_draw%"]).fetchone()
        assert row is not None and row[0] <= POOL
    await check_exact(services.database_url, crowd, n_tasks=N_TASKS, n_answers=N_ANSWERS)
    assert set(crowd.statuses) <= {200, 403}


def test_a_site_does_not_start_before_a_pgbouncer_that_was_told_too_little(
    services: TestServices, tmp_path: Path
) -> None:
    with (
        pytest.raises(NotStarted, match=r"WORKBEE_POOLER_URL: its entry .* does not set"),
        pooled_site(services, tmp_path, told=False),
    ):
        pass
