"""Projects as lists and pages show them: their own facts, their owner, and their fresh counts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    DateTime,
    Select,
    Text,
    any_,
    case,
    cast,
    func,
    literal,
    literal_column,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from db.constants import constant
from db.models import Category, Project, ProjectCounter, ProjectOrder, User


@dataclass(frozen=True, slots=True)
class ProjectCard:
    """A project as lists show it: what everybody may know of it, its owner, and its fresh counts; but for that of its
    posts, which is up to a second old.

    `info` is the whole of it, but for the texts of a project that is heavy: which keys are shown to whom is decided in
    `webapp.viewmodels.public`.
    """

    id: int
    name: str
    short_name: str
    description: str
    long_description: str | None
    created: datetime
    updated: datetime
    published: bool
    featured: bool
    allow_anonymous_contributors: bool
    zip_download: bool
    contacted: bool
    owner_id: int
    owners_ids: list[int]
    category_id: int
    info: dict[str, Any]
    owner: str
    """The owner's full name."""
    owner_name: str
    category_short_name: str
    n_tasks: int
    n_completed_tasks: int
    n_task_runs: int
    n_results: int
    n_volunteers: int
    n_blogposts: int
    overall_progress: float
    last_activity: datetime | None
    last_contribution: datetime | None = None
    """When the one whose history this is answered last; only in histories."""


def _sum(name: str) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(getattr(ProjectCounter, name)), constant(0)), BigInteger).label(name)


COUNTS = (
    select(
        _sum("n_tasks"),
        _sum("n_completed_tasks"),
        _sum("n_task_runs"),
        _sum("n_results"),
        _sum("n_volunteers"),
        func.max(ProjectCounter.last_activity, type_=DateTime(timezone=True)).label("last_activity"),
    )
    .where(ProjectCounter.project_id == Project.id)
    .lateral("counts")
)
FULL = constant(100.0)
PROGRESS: ColumnElement[float] = case(
    (COUNTS.c.n_tasks > constant(0), COUNTS.c.n_completed_tasks * FULL / COUNTS.c.n_tasks), else_=constant(0.0)
)
_N_POSTS = (
    select(ProjectOrder.number)
    .where(ProjectOrder.project_id == Project.id, ProjectOrder.orderby == literal_column("'n_blogposts'"))
    .correlate(Project)
    .scalar_subquery()
)
N_BLOGPOSTS = cast(func.coalesce(_N_POSTS, constant(0)), BigInteger)
"""Of the published posts, as the figures know them."""

HEAVY_BYTES = 256 * 1024
SURELY_LIGHT_BYTES = 16 * 1024
"""Of JSON as it is stored, compressed: so much is not worth unpacking to be measured."""
HEAVY_KEYS = ("task_presenter", "tutorial", "results")
WITHOUT_TEXTS = Project.info.op("-", return_type=JSONB())(
    literal_column(f"'{{{','.join(HEAVY_KEYS)}}}'::text[]", ARRAY(Text))
)
LIGHT_INFO: ColumnElement[dict[str, Any]] = case(
    (func.pg_column_size(Project.info) <= constant(SURELY_LIGHT_BYTES), Project.info),
    (func.octet_length(cast(Project.info, Text)) <= constant(HEAVY_BYTES), Project.info),
    (func.octet_length(cast(WITHOUT_TEXTS, Text)) <= constant(HEAVY_BYTES), WITHOUT_TEXTS),
    else_=text("'{}'::jsonb"),
).label("info")
"""A project's `info` for lists, which would carry a hundred presenters of megabytes otherwise: without the texts where
it is heavy, and empty where that is not enough. The project's own page and its own address in the API have it."""


def select_cards(*more: Any) -> Select[*tuple[Any, ...]]:
    """The fields of a card in their order, and `more`; joined are Project, User (the owner), Category and COUNTS."""
    return (
        select(
            Project.id,
            Project.name,
            Project.short_name,
            Project.description,
            Project.long_description,
            Project.created,
            Project.updated,
            Project.published,
            Project.featured,
            Project.allow_anonymous_contributors,
            Project.zip_download,
            Project.contacted,
            Project.owner_id,
            Project.owners_ids,
            Project.category_id,
            LIGHT_INFO,
            User.fullname,
            User.name,
            Category.short_name,
            COUNTS.c.n_tasks,
            COUNTS.c.n_completed_tasks,
            COUNTS.c.n_task_runs,
            COUNTS.c.n_results,
            COUNTS.c.n_volunteers,
            N_BLOGPOSTS,
            PROGRESS,
            COUNTS.c.last_activity,
            *more,
        )
        .join(User, User.id == Project.owner_id)
        .join(Category, Category.id == Project.category_id)
        .join(COUNTS, true())
    )


async def cards_by_id(session: AsyncSession, project_ids: list[int]) -> dict[int, ProjectCard]:
    """These projects, whoever may see them."""
    rows = (
        await session.execute(select_cards().where(Project.id == any_(literal(project_ids, ARRAY(BigInteger)))))
    ).all()
    return {row[0]: ProjectCard(*row) for row in rows}
