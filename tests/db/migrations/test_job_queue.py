"""The job queue's schema follows the version of its package."""

import shutil
from pathlib import Path

import asyncpg
import pytest
from procrastinate.schema import SchemaManager

from db import upgrade
from db.migrations import job_queue
from tests.support.migrations import schema_of
from tests.support.services import TestServices

WAITS = "03.04.00_50_post_add_retry_failed_job_procedure.sql"
SINCE_3_2 = [
    "03.02.00_50_post_batch_defer_jobs.sql",
    "03.03.00_01_pre_priority_lock_fetch_job.sql",
    "03.04.00_01_pre_add_retry_failed_job_procedure.sql",
    WAITS,
]
DEFER = """
SELECT procrastinate_defer_jobs_v1(
  ARRAY[ROW('q', 'n', 0, NULL, NULL, '{}', NULL)::procrastinate_job_to_defer_v1])
"""


def as_of(version: str, folder: Path) -> Path:
    """The migrations that the package had at a version, those for after it has been deployed left out."""
    for file in job_queue.FOLDER.glob("*.sql"):
        if file.name < f"{version}_50":
            shutil.copy(file, folder)
    return folder


async def test_a_site_gets_what_a_later_version_of_the_package_brings(
    services: TestServices, empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In two steps: what takes something from the version before waits until that has stopped."""
    with monkeypatch.context() as before:
        before.setattr(job_queue, "FOLDER", as_of("03.02.00", tmp_path))
        await upgrade.upgrade(empty_database)
        assert await upgrade.check(empty_database) == []
    connection = await asyncpg.connect(empty_database)
    await connection.fetch(DEFER)

    missing = [f"the job queue lacks its migration {name}" for name in SINCE_3_2]
    assert (await upgrade.check(empty_database))[: len(missing)] == missing
    await upgrade.upgrade(empty_database)
    assert await upgrade.check(empty_database) == [f"the job queue lacks its migration {WAITS}"]
    await upgrade.upgrade(empty_database)
    assert await upgrade.check(empty_database) == []

    assert await schema_of(empty_database) == await schema_of(services.database_url)
    await connection.fetch(DEFER)
    assert await connection.fetchval("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'") == 2
    await connection.close()


async def test_the_migrations_of_the_package_make_its_schema(services: TestServices, empty_database: str) -> None:
    """The package brings both; we use the migrations alone, and it is the other that its own tests are made on."""
    connection = await asyncpg.connect(empty_database)
    await connection.execute(SchemaManager.get_schema())
    await connection.close()
    whole = await schema_of(empty_database)
    ours = {part: value for part, value in (await schema_of(services.database_url)).items() if part in whole}
    assert ours == whole
