"""Lists of projects, ranked or ordered, one page at a time (docs/contract/pages.md 4.1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    DateTime,
    Double,
    Integer,
    Select,
    Text,
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

from db.constants import constant
from db.index_order import equal_in_order, next_equal_in_order, one_of
from db.models import (
    CategoryTotal,
    ContributorProgress,
    Project,
    ProjectChange,
    ProjectOrder,
    ProjectSearch,
    ProjectTotal,
    SiteTotal,
    User,
)
from db.paging import Part, nearer_part
from db.queries.projects.project_cards import ProjectCard, cards_by_id, select_cards
from db.queries.reading.visibility import Viewer, owns, project_open
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


ORDERS: Mapping[str, str] = {
    name: name
    for name in (
        "id",
        "name",
        "short_name",
        "description",
        "created",
        "updated",
        "category_id",
        "featured",
        "owner",
        "owner_id",
        "n_tasks",
        "n_completed_tasks",
        "n_task_runs",
        "n_results",
        "n_volunteers",
        "n_blogposts",
        "overall_progress",
        "last_activity",
    )
} | {"last_activity_raw": "last_activity"}
"""What a list may be ordered by, under the names that its items have, and what `project_order` calls it."""

PUBLIC: ColumnElement[bool] = and_(Project.is_open, not_(User.restrict))
"""What everybody is shown in lists: published, without a password, of an owner whose data may be processed."""

Keys = tuple[tuple[str, bool], ...]
"""Names of columns, the first the most significant, each with whether it is descending."""
RANKED: Keys = (("rank", True), ("last_activity", True), ("project_id", True))
"""The order of lists, unless another is asked for."""
MAY_BE_NULL = frozenset({"last_activity", "number", "words"})
"""Null is less than any value."""

_LISTING = (
    func.workbee_listing(Project.id)
    .table_valued(
        column("is_listed", Boolean), column("rank", Integer), column("last_activity", DateTime(timezone=True))
    )
    .lateral("listing")
)
_VALUES = (
    func.workbee_project_orders(Project.id)
    .table_valued(column("orderby", Text), column("number", Double), column("words", Text))
    .lateral("values")
)
_PENDING = select(ProjectChange.project_id).distinct().cte("pending")
"""Projects that have changed in this second: the figures may not know their places yet."""


@dataclass(frozen=True, slots=True)
class _Listed:
    """A list of public projects, or of drafts, whose columns have these values and whose ids are `among` these."""

    counted: Any
    """How long it is as far as the figures know."""
    of: dict[str, Any] = field(default_factory=dict)
    drafts: bool = False
    among: Select[int] | None = None

    def known(self, figure: Any) -> list[ColumnElement[bool]]:
        """What it asks of the rows of `ProjectTotal` or `ProjectOrder`. Of a category, so that its own part of an index
        is read in order: it is most of the site, or nearly nothing of it."""
        found = [not_(figure.published) if self.drafts else figure.is_listed]
        for name, value in self.of.items():
            kept = getattr(figure, name)
            found.append(equal_in_order(kept, value) if name == CATEGORY else kept == value)
        return found if self.among is None else [*found, one_of(figure.project_id, self.among)]

    def fresh(self) -> list[ColumnElement[bool]]:
        """The same of the projects themselves, with `_LISTING`."""
        found = [not_(Project.published) if self.drafts else _LISTING.c.is_listed]
        found += [getattr(Project, name) == value for name, value in self.of.items()]
        if self.among is not None:
            # Said of both sides of the join, so that it begins with these few from whichever.
            found += [one_of(_PENDING.c.project_id, self.among), one_of(Project.id, self.among)]
        return found


CATEGORY = "category_id"


async def _page(session: AsyncSession, part: PageRequest, listed: _Listed) -> ProjectPage:
    """A part of the list, by the places that the figures keep; of projects that they may not know yet, as they are."""
    total = await _total(session, listed)
    if part.offset >= total or not part.limit:
        return ProjectPage([], total)
    cut = nearer_part(part.limit, part.offset, total)
    orderby = part.orderby and ORDERS[part.orderby]
    keys = RANKED if orderby is None else _by_value(part.descending)
    known, fresh = _places(listed, keys, orderby, cut)
    places = union_all(known, fresh).subquery("places")
    order = _sorted(places.c, keys, cut.backwards)
    chosen = _cut(select(places).order_by(*order), cut).subquery("chosen")
    statement = select_cards().join(chosen, chosen.c.project_id == Project.id).order_by(*_sorted(chosen.c, keys))
    return ProjectPage([ProjectCard(*row) for row in (await session.execute(statement)).all()], total)


def _by_value(descending: bool) -> Keys:
    return (("number", descending), ("words", descending), ("project_id", False))


def _is_pending(figure: Any) -> ColumnElement[bool]:
    return exists().where(_PENDING.c.project_id == figure.project_id)


async def _total(session: AsyncSession, listed: _Listed) -> int:
    """How long the list is."""
    n_known = func.coalesce(listed.counted.scalar_subquery(), constant(0))
    n_pending = select(func.count()).where(*listed.known(ProjectTotal), _is_pending(ProjectTotal)).scalar_subquery()
    fresh = select(func.count()).select_from(_PENDING).join(Project, Project.id == _PENDING.c.project_id)
    n_fresh = fresh.join(_LISTING, true()).where(*listed.fresh()).scalar_subquery()
    return int((await session.execute(select(n_known - n_pending + n_fresh))).scalar_one())


def _places(listed: _Listed, keys: Keys, orderby: str | None, cut: Part) -> tuple[Select[Any], Select[Any]]:
    """The ids and keys of the projects whose places the figures know, as many as the part can hold, and of all those
    that are pending."""
    figure = ProjectTotal if orderby is None else ProjectOrder
    prefix: Keys = ((CATEGORY, False),) if CATEGORY in listed.of else ()
    names = [name for name, _ in keys]
    known = select(*(getattr(figure, name) for name in names)).where(*listed.known(figure), ~_is_pending(figure))
    fresh = select(_PENDING.c.project_id).select_from(_PENDING).join(Project, Project.id == _PENDING.c.project_id)
    fresh = fresh.join(_LISTING, true()).where(*listed.fresh())
    if orderby is None:
        values = _LISTING.c
    else:
        values = _VALUES.c
        prefix = (*prefix, ("orderby", False))
        known = known.where(next_equal_in_order(ProjectOrder.orderby, orderby))
        fresh = fresh.join(_VALUES, true()).where(values.orderby == orderby)
    known = known.order_by(*_sorted(figure, (*prefix, *keys), cut.backwards)).limit(constant(cut.offset + cut.limit))
    return known, fresh.with_only_columns(*(values[name] for name in names[:-1]), _PENDING.c.project_id)


def _sorted(of: Any, keys: Keys, backwards: bool = False) -> list[Any]:
    found = []
    for name, descending in keys:
        key = getattr(of, name)
        ordered = key.desc() if descending != backwards else key.asc()
        if name in MAY_BE_NULL:
            ordered = ordered.nulls_last() if descending != backwards else ordered.nulls_first()
        found.append(ordered)
    return found


def _cut(statement: Select[*tuple[Any, ...]], cut: Part) -> Select[*tuple[Any, ...]]:
    """This part of the rows, so that the plan for the first page is one that is kept."""
    return statement.limit(constant(cut.limit)).offset(constant(cut.offset) if cut.offset else None)


async def in_category(session: AsyncSession, category_id: int, part: PageRequest) -> ProjectPage:
    """Public projects of a category."""
    counted = select(CategoryTotal.n_listed).where(CategoryTotal.category_id == category_id)
    return await _page(session, part, _Listed(counted, {CATEGORY: category_id}))


async def featured(session: AsyncSession, part: PageRequest) -> ProjectPage:
    """Public projects that the administrators put forward."""
    return await _page(session, part, _Listed(select(SiteTotal.n_listed_featured), {"featured": True}))


async def any_featured(session: AsyncSession) -> bool:
    """Whether there is any of them: lists of categories then begin with "Featured"."""
    return (await featured(session, PageRequest(limit=0))).total > 0


async def public(session: AsyncSession, part: PageRequest) -> ProjectPage:
    """Every public project."""
    return await _page(session, part, _Listed(select(SiteTotal.n_listed)))


async def drafts(session: AsyncSession, part: PageRequest) -> ProjectPage:
    """Unpublished projects, for administrators."""
    return await _page(session, part, _Listed(select(SiteTotal.n_drafts), drafts=True))


async def search(session: AsyncSession, words: str, part: PageRequest) -> ProjectPage:
    """Public projects that have each of the words in a name or a description; none if there are no words."""
    each = [contains(ProjectSearch.words.expression, word) for word in words.split()]
    if not each:
        return ProjectPage([], 0)
    found = select(select(ProjectSearch.project_id).where(*each).cte("found").c.project_id)
    counted = select(func.count()).where(ProjectTotal.is_listed, one_of(ProjectTotal.project_id, found))
    return await _page(session, part, _Listed(counted, among=found))


async def contributed(
    session: AsyncSession, user_id: int, part: PageRequest, *, seen_by: Viewer | None = None
) -> ProjectPage:
    """The projects that this account answered in and may still see, the latest answer first, whatever `part` says;
    `seen_by` somebody else, those that they may see."""
    viewer = seen_by or Viewer(user_id=user_id)
    total = await _n_contributed(session, user_id, viewer)
    if part.offset >= total:
        return ProjectPage([], total)
    cut = nearer_part(part.limit, part.offset, total)
    return ProjectPage(await _contributed(session, user_id, cut, viewer), total)


async def _n_contributed(session: AsyncSession, user_id: int, viewer: Viewer) -> int:
    """How many these are: those that are open to all, and those that only the viewer may see inside of, so that indexes
    alone are read."""
    helped = select(func.count()).where(ContributorProgress.user_id == user_id)
    among_all = helped.join_from(ContributorProgress, Project, Project.id == ContributorProgress.project_id)
    own = select(Project.id).where(owns(viewer), not_(Project.is_open))
    n_open = among_all.where(Project.is_open).scalar_subquery()
    n_own = helped.where(one_of(ContributorProgress.project_id, own)).scalar_subquery()
    return int((await session.execute(select(n_open + n_own))).scalar_one())


async def contributed_lately(session: AsyncSession, user_id: int, limit: int) -> list[ProjectCard]:
    """The first of `contributed`, without counting the rest."""
    return await _contributed(session, user_id, Part(limit), Viewer(user_id=user_id))


async def _contributed(session: AsyncSession, user_id: int, cut: Part, viewer: Viewer) -> list[ProjectCard]:
    keys: Keys = (("last_at", True), ("project_id", True))
    found = (
        select(ContributorProgress.project_id, ContributorProgress.last_at)
        .join(Project, Project.id == ContributorProgress.project_id)
        .where(equal_in_order(ContributorProgress.user_id, user_id), project_open(viewer))
        .order_by(*_sorted(ContributorProgress, (("user_id", True), *keys), cut.backwards))
    )
    chosen = _cut(found, cut).subquery("chosen")
    cards = select_cards(chosen.c.last_at).join(chosen, chosen.c.project_id == Project.id)
    rows = await session.execute(cards.order_by(*_sorted(chosen.c, keys)))
    return [ProjectCard(*row) for row in rows]


async def open_to_all(session: AsyncSession, project_id: int) -> ProjectCard | None:
    """The project, if everybody may see inside."""
    row = (await session.execute(select_cards().where(Project.id == project_id, project_open(Viewer())))).one_or_none()
    return ProjectCard(*row) if row is not None else None


_NEWEST = (Project.created.desc(), Project.id.desc())


async def owned(session: AsyncSession, user_id: int, part: PageRequest, *, published: bool) -> ProjectPage:
    """The projects that this account owns or co-owns, the newest first, whatever `part` says."""
    return await _newest(session, part, Project.owners_ids.contains([user_id]), Project.published.is_(published))


async def published_and_drafts(
    session: AsyncSession, user_id: int, published: PageRequest, drafts: PageRequest
) -> tuple[ProjectPage, ProjectPage]:
    """These parts of `owned`, both at once."""
    found = select(Project.id, Project.published).where(Project.owners_ids.contains([user_id])).order_by(*_NEWEST)
    rows = (await session.execute(found)).all()
    ids = {flag: [number for number, is_published in rows if is_published is flag] for flag in (True, False)}
    shown = {flag: _part_of(ids[flag], part) for flag, part in ((True, published), (False, drafts))}
    cards = await cards_by_id(session, [*shown[True], *shown[False]])
    first, second = (ProjectPage([cards[one] for one in shown[flag]], len(ids[flag])) for flag in (True, False))
    return first, second


async def created_by(session: AsyncSession, user_id: int, part: PageRequest) -> ProjectPage:
    """The public projects that this account owns, the newest first, whatever `part` says."""
    return await _newest(session, part, Project.owner_id == user_id, PUBLIC)


async def _newest(session: AsyncSession, part: PageRequest, *conditions: ColumnElement[bool]) -> ProjectPage:
    """Of the projects of one owner, a few, all are looked at; the page is chosen by ids before the rest is read."""
    found = select(Project.id).join(User, User.id == Project.owner_id).where(*conditions).order_by(*_NEWEST)
    ids = (await session.scalars(found)).all()
    shown = _part_of(ids, part)
    cards = await cards_by_id(session, shown) if shown else {}
    return ProjectPage([cards[one] for one in shown], len(ids))


def _part_of(ids: Sequence[int], part: PageRequest) -> list[int]:
    return list(ids[part.offset : part.offset + part.limit])
