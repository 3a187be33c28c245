"""The site as a whole, in numbers, from the figures."""

from dataclasses import dataclass, fields

from sqlalchemy import BigInteger, Text, column, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import SiteTotal

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


NOTHING = SiteTotals(*([0] * len(fields(SiteTotals))))
"""The totals of an empty site."""
_TOTALS = select(
    SiteTotal.n_users,
    SiteTotal.n_anonymous,
    SiteTotal.n_published.label("n_published_projects"),
    SiteTotal.n_drafts.label("n_draft_projects"),
    SiteTotal.n_tasks,
    SiteTotal.n_slots,
    SiteTotal.n_completed_tasks,
    SiteTotal.n_task_runs,
    SiteTotal.n_counted,
    SiteTotal.n_results,
)

_CATEGORIES = text("""
SELECT c.id, c.short_name, c.name, coalesce(f.n_published, 0) AS n_projects
FROM category c LEFT JOIN category_total f ON f.category_id = c.id ORDER BY c.id
""").columns(
    column("id", BigInteger), column("short_name", Text), column("name", Text), column("n_projects", BigInteger)
)

_TOP_USERS = text("""
SELECT u.id, u.name, u.fullname, r.n_runs
FROM recent_activity r JOIN users u ON u.id = r.subject_id
WHERE r.kind = 'user' AND r.n_runs > 0 AND NOT u.restrict ORDER BY r.n_runs DESC, r.subject_id LIMIT :top
""").columns(column("id", BigInteger), column("name", Text), column("fullname", Text), column("n_runs", BigInteger))

_TOP_PROJECTS = text("""
SELECT p.id, p.name, p.short_name, r.n_runs
FROM recent_activity r JOIN project p ON p.id = r.subject_id
WHERE r.kind = 'project' AND r.n_runs > 0 AND p.is_open ORDER BY r.n_runs DESC, r.subject_id LIMIT :top
""").columns(column("id", BigInteger), column("name", Text), column("short_name", Text), column("n_runs", BigInteger))


async def totals(session: AsyncSession) -> SiteTotals:
    """The site's totals, as of a second ago."""
    row = (await session.execute(_TOTALS)).mappings().one_or_none()
    return SiteTotals(**row) if row is not None else NOTHING


async def categories(session: AsyncSession) -> list[CategoryCount]:
    """Every category with the number of its published projects."""
    return [CategoryCount(*row) for row in (await session.execute(_CATEGORIES)).all()]


async def n_featured(session: AsyncSession) -> int:
    """How many published projects are featured."""
    return (await session.scalars(select(SiteTotal.n_featured))).one_or_none() or 0


async def most_active_users(session: AsyncSession, limit: int = TOP) -> list[ActiveUser]:
    """Who answered most in the last 24 hours, the present one included."""
    return [ActiveUser(*row) for row in (await session.execute(_TOP_USERS, {"top": limit})).all()]


async def most_active_projects(session: AsyncSession, limit: int = TOP) -> list[ActiveProject]:
    """Which public projects were answered most in the last 24 hours, the present one included."""
    return [ActiveProject(*row) for row in (await session.execute(_TOP_PROJECTS, {"top": limit})).all()]
