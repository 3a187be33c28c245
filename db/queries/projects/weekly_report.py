"""The last week of one project, from its figures."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import BigInteger, Date, Text, column, text
from sqlalchemy.ext.asyncio import AsyncSession

_DAYS = text("""
SELECT CAST(d.day AS date) AS day, coalesce(p.n_runs, 0) AS n_runs, coalesce(p.n_completed, 0) AS n_completed
FROM generate_series(CAST(coalesce(CAST(:until AS text), CAST(now() AT TIME ZONE 'UTC' AS text)) AS date) - 7,
                     CAST(coalesce(CAST(:until AS text), CAST(now() AT TIME ZONE 'UTC' AS text)) AS date) - 1,
                     interval '1 day') d (day)
LEFT JOIN project_day p ON p.project_id = :project AND p.day = CAST(d.day AS date) ORDER BY 1
""").columns(column("day", Date), column("n_runs", BigInteger), column("n_completed", BigInteger))
_TOP = text("""
SELECT CASE WHEN u.privacy_mode THEN u.name ELSE u.fullname END AS shown, t.n_runs
FROM (SELECT CAST(key AS bigint) AS user_id, n_runs FROM project_contributor
      WHERE project_id = :project AND kind = 'user' AND n_runs > 0 ORDER BY n_runs DESC, key LIMIT 5) t
JOIN users u ON u.id = t.user_id WHERE NOT u.restrict ORDER BY t.n_runs DESC, u.id
""").columns(column("shown", Text), column("n_runs", BigInteger))


@dataclass(frozen=True, slots=True)
class Week:
    """What came in seven days (UTC)."""

    days: list[tuple[date, int, int]]
    """Day, answers, tasks completed; the oldest first."""
    top_volunteers: list[tuple[str, int]]
    """Accounts with the most answers altogether, and how many; by their full names where these are not kept back."""


async def week_of(session: AsyncSession, project_id: int, *, until: str | None) -> Week:
    """The seven days before `until` (a day in ISO's form), or before today."""
    days = await session.execute(_DAYS, {"project": project_id, "until": until})
    top = await session.execute(_TOP, {"project": project_id})
    return Week([(row.day, row.n_runs, row.n_completed) for row in days], [(row.shown, row.n_runs) for row in top])
