"""The site as a whole, in numbers, from the counters that submissions keep."""

from dataclasses import dataclass

from sqlalchemy import BigInteger, Integer, Text, column, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.queries.reading.visibility import is_public

TOP = 5


@dataclass(frozen=True, slots=True)
class SiteTotals:
    """How much there is."""

    n_users: int
    n_anonymous: int
    """Contributors without an account, once for each project that they answered in."""
    n_published_projects: int
    n_draft_projects: int
    n_tasks: int
    n_slots: int
    """Answers wanted in all."""
    n_completed_tasks: int
    n_task_runs: int
    n_counted: int
    """Runs that are not surplus: what `n_slots` lacks is still to do."""
    n_results: int

    @property
    def n_people(self) -> int:
        """Accounts, and contributors without one."""
        return self.n_users + self.n_anonymous

    @property
    def n_projects(self) -> int:
        return self.n_published_projects + self.n_draft_projects


@dataclass(frozen=True, slots=True)
class CategoryCount:
    """A category and its published projects."""

    id: int
    short_name: str
    name: str
    n_projects: int


@dataclass(frozen=True, slots=True)
class ActiveUser:
    """An account, and its answers of the last day."""

    id: int
    name: str
    fullname: str
    n_task_runs: int


@dataclass(frozen=True, slots=True)
class ActiveProject:
    """A public project, and its answers of the last day."""

    id: int
    name: str
    short_name: str
    n_task_runs: int


_NUMBERS = ("n_anonymous", "n_tasks", "n_slots", "n_completed_tasks", "n_task_runs", "n_counted", "n_results")
_SUMS = ", ".join(f"CAST(coalesce(sum({name}), 0) AS bigint) AS {name}" for name in _NUMBERS)
_TOTALS = text(f"""
SELECT (SELECT count(*) FROM users) AS n_users, n_anonymous,
       (SELECT count(*) FROM project WHERE published) AS n_published_projects,
       (SELECT count(*) FROM project WHERE NOT published) AS n_draft_projects,
       n_tasks, n_slots, n_completed_tasks, n_task_runs, n_counted, n_results
FROM (SELECT {_SUMS} FROM project_counter) sums
""").columns(
    *(
        column(name, BigInteger)
        for name in ("n_users", "n_anonymous", "n_published_projects", "n_draft_projects", *_NUMBERS[1:])
    )
)

_CATEGORIES = text("""
SELECT c.id, c.short_name, c.name, count(p.id) AS n_projects
FROM category c LEFT JOIN project p ON p.category_id = c.id AND p.published
GROUP BY c.id ORDER BY c.id
""").columns(
    column("id", BigInteger), column("short_name", Text), column("name", Text), column("n_projects", BigInteger)
)

_FEATURED = text("SELECT count(*) FROM project WHERE featured AND published")

_TOP_USERS = text("""
SELECT u.id, u.name, u.fullname, n.runs
FROM (SELECT user_id, count(*) AS runs FROM task_run
      WHERE finish_time > now() - interval '24 hours' AND user_id IS NOT NULL GROUP BY user_id) n
JOIN users u ON u.id = n.user_id
WHERE NOT u.restrict ORDER BY n.runs DESC, u.id LIMIT :top
""").columns(column("id", BigInteger), column("name", Text), column("fullname", Text), column("runs", Integer))

_TOP_PROJECTS = text(f"""
SELECT p.id, p.name, p.short_name, n.runs
FROM (SELECT project_id, count(*) AS runs FROM task_run
      WHERE finish_time > now() - interval '24 hours' GROUP BY project_id) n
JOIN project p ON p.id = n.project_id
WHERE {is_public("p")} ORDER BY n.runs DESC, p.id LIMIT :top
""").columns(column("id", BigInteger), column("name", Text), column("short_name", Text), column("runs", Integer))


async def totals(session: AsyncSession) -> SiteTotals:
    """The site's totals, as of now."""
    return SiteTotals(*(await session.execute(_TOTALS)).one())


async def categories(session: AsyncSession) -> list[CategoryCount]:
    """Every category with the number of its published projects."""
    return [CategoryCount(*row) for row in (await session.execute(_CATEGORIES)).all()]


async def n_featured(session: AsyncSession) -> int:
    """How many published projects are featured."""
    return int((await session.execute(_FEATURED)).scalar_one())


async def most_active_users(session: AsyncSession, limit: int = TOP) -> list[ActiveUser]:
    """Who answered most in the last 24 hours."""
    return [ActiveUser(*row) for row in (await session.execute(_TOP_USERS, {"top": limit})).all()]


async def most_active_projects(session: AsyncSession, limit: int = TOP) -> list[ActiveProject]:
    """Which public projects were answered most in the last 24 hours."""
    return [ActiveProject(*row) for row in (await session.execute(_TOP_PROJECTS, {"top": limit})).all()]
