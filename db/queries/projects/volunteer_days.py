"""How many volunteers a project had on each of the last days, and how many of them were new."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import BigInteger, Date, column, text
from sqlalchemy.ext.asyncio import AsyncSession

_BY_DAY = text("""
SELECT CAST(d.day AS date) AS day, coalesce(p.n_active, 0) AS active, coalesce(p.n_new, 0) AS new
FROM generate_series(CAST(now() AT TIME ZONE 'UTC' AS date) - CAST(:days AS int) + 1,
                     CAST(now() AT TIME ZONE 'UTC' AS date), interval '1 day') d (day)
LEFT JOIN project_day p ON p.project_id = :project AND p.day = CAST(d.day AS date) ORDER BY 1
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
