"""Tasks in bulk: rows are copied beside the table, and those that are new are found there and added."""

from collections.abc import Sequence
from typing import Any, cast

from asyncpg import InterfaceError
from sqlalchemy import CursorResult, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import PLAN_CHECKS_ONCE
from db.errors import refused_by_closed

COLUMNS = ("line", "info", "n_answers", "priority_0", "quorum", "calibration")
# Two imports of one project do not both find that the same task is missing.
_ALONE = text(
    "SELECT pg_advisory_xact_lock(hashtext('import of tasks'), CAST(CAST(:project AS bigint) % 2147483647 AS integer))"
)
_CREATE_ROWS = text("""
CREATE TEMPORARY TABLE import_rows (
  line integer, info jsonb, n_answers integer, priority_0 double precision, quorum integer, calibration integer,
  hash bytea GENERATED ALWAYS AS (decode(md5(info::text), 'hex')) STORED
) ON COMMIT DROP
""")
_CREATE_NEW = text("CREATE TEMPORARY TABLE import_new (line integer) ON COMMIT DROP")

# The text of jsonb is canonical, so equal infos have equal hashes, and the project's index finds them. Which rows are
# new is found without their width: sorting it took longer.
_FIND_NEW = text("""
INSERT INTO import_new
SELECT line FROM (
  SELECT DISTINCT ON (hash) hash, line FROM import_rows r
  WHERE NOT EXISTS (SELECT 1 FROM task t WHERE t.project_id = :project AND t.info_hash = r.hash)
  ORDER BY hash, line
) first
""")
# What is given as a parameter changes nothing about this statement's plan.
_ADD = text("""
INSERT INTO task (project_id, info, n_answers, priority_0, quorum, calibration)
SELECT :project, info, coalesce(n_answers, :n_answers), coalesce(priority_0, 0), coalesce(quorum, 0),
       coalesce(calibration, 0)
FROM import_rows JOIN import_new USING (line) ORDER BY line
""")
# For the sorts; one statement at a time uses it.
_MEMORY = text("SET LOCAL work_mem = '64MB'")


async def begin(session: AsyncSession) -> None:
    """Make the place where rows wait; it goes with the transaction."""
    await session.execute(_CREATE_ROWS)
    await session.execute(_CREATE_NEW)


async def stage(session: AsyncSession, rows: Sequence[tuple[Any, ...]]) -> None:
    """Copy rows of `COLUMNS` there."""
    connection = await (await session.connection()).get_raw_connection()
    driver: Any = connection.driver_connection
    try:
        await driver.copy_records_to_table("import_rows", records=rows, columns=COLUMNS)
    except InterfaceError as error:
        if (away := refused_by_closed(driver, error)) is not None:
            raise away from error
        raise


async def move(session: AsyncSession, project_id: int, *, n_answers: int) -> int:
    """Make tasks of the rows whose info the project does not have yet, each once; how many."""
    await session.execute(text("SET LOCAL lock_timeout = '60s'"))
    await session.execute(_MEMORY)
    await session.execute(_ALONE, {"project": project_id})
    await session.execute(_FIND_NEW, {"project": project_id})
    await session.execute(PLAN_CHECKS_ONCE)
    added = cast("CursorResult[Any]", await session.execute(_ADD, {"project": project_id, "n_answers": n_answers}))
    return added.rowcount


async def analyze(session: AsyncSession) -> None:
    """Have PostgreSQL learn of the new tasks: until it does by itself, it takes their project for an empty one."""
    await session.execute(text("ANALYZE task, task_slots"))
