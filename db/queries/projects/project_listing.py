"""Lists of projects, ranked or ordered, one page at a time (docs/contract/pages.md 4.1)."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CTE,
    Boolean,
    ColumnElement,
    DateTime,
    Integer,
    and_,
    column,
    exists,
    func,
    not_,
    select,
    true,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import (
    CategoryTotal,
    ContributorProgress,
    Project,
    ProjectChange,
    ProjectSearch,
    ProjectTotal,
    SiteTotal,
    User,
)
from db.queries.projects.project_cards import COUNTS, N_BLOGPOSTS, PROGRESS, ProjectCard, select_cards
from db.queries.reading.visibility import Viewer, project_open
from db.words import contains


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which part of a list is wanted, and in which order; ranked unless said otherwise."""

    limit: int = 20
    offset: int = 0
    orderby: str | None = None
    """A key of `ORDERS`; a list raises KeyError for any other."""
    descending: bool = False


@dataclass(frozen=True, slots=True)
class ProjectPage:
    """A part of a list of projects, and how long the list is."""

    projects: list[ProjectCard]
    total: int


ORDERS: dict[str, Any] = {
    "id": Project.id,
    "name": func.lower(Project.name),
    "short_name": func.lower(Project.short_name),
    "description": Project.description,
    "created": Project.created,
    "updated": Project.updated,
    "category_id": Project.category_id,
    "featured": Project.featured,
    "owner": func.lower(User.fullname),
    "owner_id": Project.owner_id,
    "n_tasks": COUNTS.c.n_tasks,
    "n_completed_tasks": COUNTS.c.n_completed_tasks,
    "n_task_runs": COUNTS.c.n_task_runs,
    "n_results": COUNTS.c.n_results,
    "n_volunteers": COUNTS.c.n_volunteers,
    "n_blogposts": N_BLOGPOSTS,
    "overall_progress": PROGRESS,
    "last_activity": COUNTS.c.last_activity,
    "last_activity_raw": COUNTS.c.last_activity,
}
"""What a list may be ordered by, under the names that its items have."""

PUBLIC: ColumnElement[bool] = and_(project_open(Viewer()), not_(User.restrict))
"""What everybody is shown in lists: published, without a password, of an owner whose data may be processed."""


_LISTING = (
    func.workbee_listing(Project.id)
    .table_valued(
        column("is_listed", Boolean), column("rank", Integer), column("last_activity", DateTime(timezone=True))
    )
    .lateral("listing")
)
_PENDING = select(ProjectChange.project_id).distinct().cte("pending")
"""Projects that have changed in this second: the figures may not know their places yet."""


def _place(rank: Any, last_activity: Any, project_id: Any) -> tuple[Any, ...]:
    """The order of lists, unless another is asked for."""
    return (rank.desc(), last_activity.desc().nulls_last(), project_id.desc())


async def _ranked(
    session: AsyncSession, part: PageRequest, counted: Any, *, among: CTE | None = None, **of_list: Any
) -> ProjectPage:
    """A part of the ranked list of public projects whose columns have these values, and whose `project_id` is `among`
    these, by the places that the figures keep. `counted` is how long the list is as far as they know."""
    is_pending = exists().where(_PENDING.c.project_id == ProjectTotal.project_id)
    in_figures = [ProjectTotal.is_listed, *(getattr(ProjectTotal, name) == value for name, value in of_list.items())]
    in_list = [getattr(Project, name) == value for name, value in of_list.items()]
    if among is not None:
        in_figures.append(ProjectTotal.project_id.in_(select(among.c.project_id)))
        in_list.append(Project.id.in_(select(among.c.project_id)))
    known = (
        select(ProjectTotal.project_id, ProjectTotal.rank, ProjectTotal.last_activity)
        .where(*in_figures, ~is_pending)
        .order_by(*_place(ProjectTotal.rank, ProjectTotal.last_activity, ProjectTotal.project_id))
        .limit(part.offset + part.limit)
    )
    fresh = (
        select(Project.id.label("project_id"), _LISTING.c.rank, _LISTING.c.last_activity)
        .select_from(_PENDING)
        .join(Project, Project.id == _PENDING.c.project_id)
        .join(_LISTING, true())
        .where(_LISTING.c.is_listed, *in_list)
        .cte("fresh")
    )
    n_pending = select(func.count()).select_from(ProjectTotal).where(*in_figures, is_pending).scalar_subquery()
    n_fresh = select(func.count()).select_from(fresh).scalar_subquery()
    n_known = func.coalesce(counted.scalar_subquery(), 0)
    total = int((await session.execute(select(n_known - n_pending + n_fresh))).scalar_one())
    if part.offset >= total or not part.limit:
        return ProjectPage([], total)
    places = union_all(known, select(fresh)).subquery("places")
    chosen = (
        select(places)
        .order_by(*_place(places.c.rank, places.c.last_activity, places.c.project_id))
        .limit(part.limit)
        .offset(part.offset)
    ).subquery("chosen")
    statement = (
        select_cards()
        .join(chosen, chosen.c.project_id == Project.id)
        .order_by(*_place(chosen.c.rank, chosen.c.last_activity, chosen.c.project_id))
    )
    return ProjectPage([ProjectCard(*row) for row in (await session.execute(statement)).all()], total)


async def _page(session: AsyncSession, part: PageRequest, *conditions: Any) -> ProjectPage:
    order = _order(part)
    count = select(func.count()).select_from(Project).join(User, User.id == Project.owner_id).where(*conditions)
    total = (await session.scalars(count)).one()
    if part.offset >= total:
        return ProjectPage([], total)
    # The page is chosen by ids first: sorting whole rows would carry every presenter's text along.
    chosen = (
        select(Project.id, func.row_number().over(order_by=order).label("place"))
        .join(User, User.id == Project.owner_id)
        .join(COUNTS, true())
        .join(_LISTING, true())
        .where(*conditions)
        .order_by("place")
        .limit(part.limit)
        .offset(part.offset)
        .subquery("chosen")
    )
    statement = select_cards().join(chosen, chosen.c.id == Project.id).order_by(chosen.c.place)
    return ProjectPage([ProjectCard(*row) for row in (await session.execute(statement)).all()], total)


def _order(part: PageRequest) -> tuple[Any, ...]:
    if part.orderby is None:
        return _place(_LISTING.c.rank, _LISTING.c.last_activity, Project.id)
    key = ORDERS[part.orderby]
    return (key.desc().nulls_last() if part.descending else key.asc().nulls_first(), Project.id)


async def in_category(session: AsyncSession, category_id: int, part: PageRequest) -> ProjectPage:
    """Public projects of a category."""
    if part.orderby is None:
        counted = select(CategoryTotal.n_listed).where(CategoryTotal.category_id == category_id)
        return await _ranked(session, part, counted, category_id=category_id)
    return await _page(session, part, PUBLIC, Project.category_id == category_id)


async def featured(session: AsyncSession, part: PageRequest) -> ProjectPage:
    """Public projects that the administrators put forward."""
    if part.orderby is None:
        return await _ranked(session, part, select(SiteTotal.n_listed_featured), featured=True)
    return await _page(session, part, PUBLIC, Project.featured)


async def any_featured(session: AsyncSession) -> bool:
    """Whether there is any of them: lists of categories then begin with "Featured"."""
    return (await featured(session, PageRequest(limit=0))).total > 0


async def public(session: AsyncSession, part: PageRequest) -> ProjectPage:
    """Every public project."""
    if part.orderby is None:
        return await _ranked(session, part, select(SiteTotal.n_listed))
    return await _page(session, part, PUBLIC)


async def drafts(session: AsyncSession, part: PageRequest) -> ProjectPage:
    """Unpublished projects, for administrators."""
    return await _page(session, part, not_(Project.published))


async def search(session: AsyncSession, words: str, part: PageRequest) -> ProjectPage:
    """Public projects that have each of the words in a name or a description; none if there are no words."""
    each = [contains(ProjectSearch.words.expression, word) for word in words.split()]
    if not each:
        return ProjectPage([], 0)
    found = select(ProjectSearch.project_id).where(*each).cte("found")
    ids = select(found.c.project_id)
    if part.orderby is None:
        counted = select(func.count()).where(ProjectTotal.is_listed, ProjectTotal.project_id.in_(ids))
        return await _ranked(session, part, counted, among=found)
    return await _page(session, part, PUBLIC, Project.id.in_(ids))


async def contributed(
    session: AsyncSession, user_id: int, part: PageRequest, *, seen_by: Viewer | None = None
) -> ProjectPage:
    """The projects that this account answered in and may still see, the latest answer first, whatever `part` says;
    `seen_by` somebody else, those that they may see."""
    viewer = seen_by or Viewer(user_id=user_id)
    count = (
        select(func.count())
        .select_from(ContributorProgress)
        .join(Project, Project.id == ContributorProgress.project_id)
        .where(ContributorProgress.user_id == user_id, project_open(viewer))
    )
    found = await contributed_lately(session, user_id, part, seen_by=viewer)
    return ProjectPage(found, (await session.scalars(count)).one())


async def contributed_lately(
    session: AsyncSession, user_id: int, part: PageRequest, *, seen_by: Viewer | None = None
) -> list[ProjectCard]:
    """This part of `contributed`, without counting the rest."""
    statement = (
        select_cards(ContributorProgress.last_at)
        .join(ContributorProgress, ContributorProgress.project_id == Project.id)
        .where(ContributorProgress.user_id == user_id, project_open(seen_by or Viewer(user_id=user_id)))
        .order_by(ContributorProgress.last_at.desc(), Project.id.desc())
        .limit(part.limit)
        .offset(part.offset)
    )
    return [ProjectCard(*row) for row in (await session.execute(statement)).all()]


async def open_to_all(session: AsyncSession, project_id: int) -> ProjectCard | None:
    """The project, if everybody may see inside."""
    row = (await session.execute(select_cards().where(Project.id == project_id, project_open(Viewer())))).one_or_none()
    return ProjectCard(*row) if row is not None else None


async def owned(session: AsyncSession, user_id: int, *, published: bool) -> list[ProjectCard]:
    """The projects that this account owns or co-owns, the newest first."""
    return await _newest(session, Project.owners_ids.contains([user_id]), Project.published.is_(published))


async def created_by(session: AsyncSession, user_id: int) -> list[ProjectCard]:
    """The public projects that this account owns, the newest first."""
    return await _newest(session, Project.owner_id == user_id, PUBLIC)


async def _newest(session: AsyncSession, *conditions: ColumnElement[bool]) -> list[ProjectCard]:
    statement = select_cards().where(*conditions).order_by(Project.created.desc(), Project.id.desc())
    return [ProjectCard(*row) for row in (await session.execute(statement)).all()]
