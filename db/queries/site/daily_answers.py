"""Answers of the whole site by day."""

from datetime import date

from sqlalchemy import BigInteger, Date, column, text
from sqlalchemy.ext.asyncio import AsyncSession

# Published projects only, through their index on time: a few days of answers, however many there are in all.
_BY_DAY = text("""
SELECT day, CAST(sum(n) AS bigint) AS n FROM project p, LATERAL (
  SELECT CAST(finish_time AT TIME ZONE 'UTC' AS date) AS day, count(*) AS n FROM task_run r
  WHERE r.project_id = p.id AND r.finish_time >= date_trunc('day', now()) - make_interval(days => :days)
  GROUP BY 1
) counted WHERE p.published GROUP BY day
""").columns(column("day", Date), column("n", BigInteger))


async def answers_by_day(session: AsyncSession, days: int) -> dict[date, int]:
    """The number of answers of each of the last `days` days (UTC), today included; days without any are left out."""
    rows = await session.execute(_BY_DAY, {"days": days - 1})
    return {row.day: row.n for row in rows}
