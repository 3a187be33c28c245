"""Upkeep of assignments: those of long ago, and where who looks for passed deadlines may begin.

An answered hold leaves its entry in the index of deadlines until the table is next cleaned up. The entries come by
time, so each look from the beginning goes over everything that was answered since. A job remembers how far nothing is
due.
"""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from db.executors import AutocommitExecutor

_LATELY_ACTIVE = """
SELECT DISTINCT project_id FROM project_counter WHERE last_activity > now() - make_interval(hours => $1::int)"""

# From the beginning, so that a clock that was set back mends itself. The minute is for transactions under way, whose
# deadlines count from their beginning. Whoever has the row, an import perhaps, is not waited for.
_REMEMBER = """
UPDATE project_counter c SET deadline_watermark = coalesce((
  SELECT a.deadline FROM assignment a
  WHERE a.project_id = $1::bigint AND a.state IN ('leased', 'reserved') AND a.deadline <= now()
  ORDER BY a.deadline LIMIT 1
), now()) - interval '1 minute'
WHERE c.project_id = $1::bigint AND c.shard = 0 AND (
  SELECT true FROM project_counter l WHERE l.project_id = $1::bigint AND l.shard = 0 FOR NO KEY UPDATE SKIP LOCKED)"""


_FORGET = text("""
DELETE FROM assignment a USING result r
WHERE a.state = 'offered' AND r.task_id = a.task_id AND r.last_version AND r.created < now() - make_interval(weeks =>
:weeks)
""")


async def lately_active(autocommit: AutocommitExecutor, *, hours: int) -> list[int]:
    """The ids of the projects that have had an answer within these hours."""
    return [row[0] for row in await autocommit.fetch(_LATELY_ACTIVE, hours)]


async def remember_none_due(autocommit: AutocommitExecutor, project_id: int) -> None:
    """Remember before which time no slot of the project is past its deadline."""
    await autocommit.fetch(_REMEMBER, project_id)


async def forget_old_assignments(session: AsyncSession, *, weeks: int) -> int:
    """Remove permission to answer tasks that were completed longer ago than that; how many rows."""
    return int(getattr(await session.execute(_FORGET, {"weeks": weeks}), "rowcount", 0))
