"""Tasks in bulk: rows are copied beside the table, and those that are new move into it in one statement."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

COLUMNS = ("line", "info", "n_answers", "priority_0", "quorum", "calibration")
# Two imports of one project do not both find that the same task is missing.
_ALONE = text(
    "SELECT pg_advisory_xact_lock(hashtext('import of tasks'), CAST(CAST(:project AS bigint) % 2147483647 AS integer))"
)
_CREATE = text("""
CREATE TEMPORARY TABLE import_rows (
  line integer, info text, n_answers integer, priority_0 double precision, quorum integer, calibration integer
) ON COMMIT DROP
""")

# The text of jsonb is canonical, so equal infos have equal hashes, and the project's index finds them.
_MOVE = text("""
WITH hashed AS (
  SELECT line, parsed, decode(md5(parsed::text), 'hex') AS hash, n_answers, priority_0, quorum, calibration
  FROM (SELECT *, CAST(info AS jsonb) AS parsed FROM import_rows) rows
), fresh AS (
  SELECT DISTINCT ON (hash) * FROM hashed h
  WHERE NOT EXISTS (SELECT 1 FROM task t WHERE t.project_id = :project AND t.info_hash = h.hash)
  ORDER BY hash, line
), added AS (
  INSERT INTO task (project_id, info, n_answers, priority_0, quorum, calibration)
  SELECT :project, parsed, coalesce(n_answers, :n_answers), coalesce(priority_0, 0), coalesce(quorum, 0),
         coalesce(calibration, 0)
  FROM fresh ORDER BY line RETURNING 1
)
SELECT count(*) FROM added
""")


async def begin(session: AsyncSession) -> None:
    """Make the place where rows wait; it goes with the transaction."""
    await session.execute(_CREATE)


async def stage(session: AsyncSession, rows: Sequence[tuple[Any, ...]]) -> None:
    """Copy rows of `COLUMNS` there."""
    connection = await (await session.connection()).get_raw_connection()
    driver: Any = connection.driver_connection
    await driver.copy_records_to_table("import_rows", records=rows, columns=COLUMNS)


async def move(session: AsyncSession, project_id: int, *, n_answers: int) -> int:
    """Make tasks of the rows whose info the project does not have yet, each once; how many."""
    await session.execute(text("SET LOCAL lock_timeout = '60s'"))
    await session.execute(_ALONE, {"project": project_id})
    return int((await session.execute(_MOVE, {"project": project_id, "n_answers": n_answers})).scalar_one())
