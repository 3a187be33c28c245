"""The last seven days of the site, for its administrators: what each costs depends on what was done in them."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import BigInteger, Date, Executable, Integer, Text, column, text
from sqlalchemy.ext.asyncio import AsyncSession

DAYS = 7
MOST_PROJECTS = 200
"""Of each list, the newest."""


@dataclass(frozen=True, slots=True)
class Day:
    """What happened on one day."""

    day: date
    n_users: int
    """Accounts that answered."""
    n_anonymous: int
    """Volunteers without an account who did."""
    n_runs: int
    n_tasks: int
    """Tasks that came."""
    n_accounts: int
    """Accounts that were made."""


@dataclass(frozen=True, slots=True)
class DatedProject:
    """A project with its owner, and the day that it is listed for."""

    day: date
    id: int
    name: str
    short_name: str
    owner_id: int
    owner_name: str
    email_addr: str


# Both ends of the days are in UTC.
_DAYS = text(
    """
WITH days AS (
  SELECT day::date AS day FROM generate_series((now() AT TIME ZONE 'UTC')::date - CAST(:days AS int) + 1,
                                               (now() AT TIME ZONE 'UTC')::date, interval '1 day') day
), people AS (
  SELECT day, count(DISTINCT contributor) FILTER (WHERE contributor LIKE 'user:%') AS n_users,
         count(DISTINCT contributor) FILTER (WHERE contributor LIKE ANY ('{anon:%,ip:%}')) AS n_anonymous
  FROM contributor_day WHERE day >= (SELECT min(day) FROM days) AND n_runs > 0 GROUP BY day
), tasks AS (
  SELECT (created AT TIME ZONE 'UTC')::date AS day, count(*) AS n FROM task
  WHERE created >= (SELECT min(day) FROM days)::timestamp AT TIME ZONE 'UTC' GROUP BY 1
), accounts AS (
  SELECT (created AT TIME ZONE 'UTC')::date AS day, count(*) AS n FROM users
  WHERE created >= (SELECT min(day) FROM days)::timestamp AT TIME ZONE 'UTC' GROUP BY 1
)
SELECT day, coalesce(p.n_users, 0), coalesce(p.n_anonymous, 0), coalesce(s.n_runs, 0), coalesce(t.n, 0),
       coalesce(a.n, 0)
FROM days LEFT JOIN people p USING (day) LEFT JOIN site_day s USING (day) LEFT JOIN tasks t USING (day)
LEFT JOIN accounts a USING (day) ORDER BY day
""".replace("::", "\\:\\:")
).columns(column("day", Date), *(column(f"n_{place}", BigInteger) for place in range(5)))

# Days in a row have the same difference between the day and its place among the account's days.
_RETURNING = text(
    """
WITH days AS (
  SELECT DISTINCT contributor, day FROM contributor_day
  WHERE day >= (now() AT TIME ZONE 'UTC')::date - CAST(:days AS int) AND n_runs > 0 AND contributor LIKE 'user:%'
), rows AS (
  SELECT contributor, day - CAST(row_number() OVER (PARTITION BY contributor ORDER BY day) AS int) AS beginning
  FROM days
), longest AS (
  SELECT contributor, max(n) AS n FROM (SELECT contributor, count(*) AS n FROM rows GROUP BY contributor, beginning) one
  GROUP BY contributor
)
SELECT n - 1 AS n_days, count(*) AS n_accounts FROM longest WHERE n > 1 GROUP BY n
""".replace("::", "\\:\\:")
).columns(column("n_days", Integer), column("n_accounts", BigInteger))


def _projects(when: str, state: str) -> str:
    return f"""
SELECT (p.{when} AT TIME ZONE 'UTC')\\:\\:date AS day, p.id, p.name, p.short_name, p.owner_id, u.name, u.email_addr
FROM project p JOIN users u ON u.id = p.owner_id
WHERE p.{when} >= now() - make_interval(days => :days) AND {state}
ORDER BY p.{when} DESC, p.id DESC LIMIT :most"""


_COLUMNS = (
    column("day", Date),
    column("id", BigInteger),
    column("p_name", Text),
    column("short_name", Text),
    column("owner_id", BigInteger),
    column("u_name", Text),
    column("email_addr", Text),
)
_NEW_DRAFTS = text(_projects("created", "NOT p.published")).columns(*_COLUMNS)
_NEW_PUBLISHED = text(_projects("created", "p.published")).columns(*_COLUMNS)
_CHANGED = text(_projects("updated", "true")).columns(*_COLUMNS)


async def last_days(session: AsyncSession) -> list[Day]:
    """The last seven days (UTC), today last."""
    return [Day(*row) for row in await session.execute(_DAYS, {"days": DAYS})]


async def returning(session: AsyncSession) -> list[int]:
    """How many accounts came back on one day, on two, … on seven days in a row, in the last seven days and the one
    before."""
    counts = {row.n_days: row.n_accounts for row in await session.execute(_RETURNING, {"days": DAYS})}
    return [counts.get(n, 0) for n in range(1, DAYS + 1)]


async def new_drafts(session: AsyncSession) -> list[DatedProject]:
    """Drafts that were made in these days, the newest first."""
    return await _listed(session, _NEW_DRAFTS)


async def new_published(session: AsyncSession) -> list[DatedProject]:
    """Published projects that were made in these days."""
    return await _listed(session, _NEW_PUBLISHED)


async def changed(session: AsyncSession) -> list[DatedProject]:
    """Projects that were changed in these days, the latest change first."""
    return await _listed(session, _CHANGED)


async def _listed(session: AsyncSession, statement: Executable) -> list[DatedProject]:
    rows = await session.execute(statement, {"days": DAYS, "most": MOST_PROJECTS})
    return [DatedProject(*row) for row in rows]
