"""How many volunteers a project had on each of the last days, and how many of them were new."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import BigInteger, Date, column, text
from sqlalchemy.ext.asyncio import AsyncSession

_BY_DAY = text("""
WITH days AS (
  SELECT CAST(day AS date) AS day FROM generate_series(
    date_trunc('day', now() AT TIME ZONE 'UTC') - make_interval(days => CAST(:days AS int) - 1),
    date_trunc('day', now() AT TIME ZONE 'UTC'), interval '1 day') day
), seen AS (
  SELECT DISTINCT CAST(finish_time AT TIME ZONE 'UTC' AS date) AS day, contributor FROM task_run
  WHERE project_id = :project
    AND finish_time >= date_trunc('day', now(), 'UTC') - make_interval(days => CAST(:days AS int) - 1)
)
SELECT d.day, count(s.contributor) AS active,
       count(s.contributor) FILTER (WHERE CAST(p.first_at AT TIME ZONE 'UTC' AS date) = d.day) AS new
FROM days d LEFT JOIN seen s USING (day)
LEFT JOIN contributor_progress p ON p.project_id = :project AND p.contributor = s.contributor
GROUP BY d.day ORDER BY d.day
""").columns(column("day", Date), column("active", BigInteger), column("new", BigInteger))


@dataclass(frozen=True, slots=True)
class VolunteerDay:
    """One day (UTC) of a project."""

    day: date
    active: int
    new: int
    """Those whose first answer in the project was on this day."""

    @property
    def returning(self) -> int:
        return self.active - self.new


async def volunteer_days(session: AsyncSession, project_id: int, days: int = 14) -> list[VolunteerDay]:
    """The last days up to today, the oldest first, those without anybody included."""
    rows = await session.execute(_BY_DAY, {"project": project_id, "days": days})
    return [VolunteerDay(row.day, row.active, row.new) for row in rows]
