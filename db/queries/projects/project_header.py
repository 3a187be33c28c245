"""What every page of a project shows beside its own content, in one statement."""

from dataclasses import dataclass

from sqlalchemy import bindparam, case, exists, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from db.constants import constant
from db.errors import NotFound
from db.models import Blogpost, Category, Project, ProjectCounter, RankedUser, Result, User, UserScore
from db.queries.accounts.profile import Achievement
from db.queries.accounts.ranks import N_RANKED, RANK
from db.queries.assignment.progress import COUNTS, ProjectProgress


@dataclass(frozen=True, slots=True)
class ProjectHeader:
    """A project with its owner, its category, its counts, and how its owner stands among the volunteers."""

    project: Project
    owner: User
    category: Category
    progress: ProjectProgress
    n_posts: int
    n_published_posts: int
    has_results: bool
    """Whether any task has come to a result: then the project cannot be deleted."""
    achievement: Achievement
    """The owner's."""


_SUMS = [func.sum(getattr(ProjectCounter, name)).label(name) for name in COUNTS]
_TOTALS = (
    select(*_SUMS, func.max(ProjectCounter.last_activity).label("last_activity"))
    .where(ProjectCounter.project_id == Project.id)
    .lateral("totals")
)
_POSTS = (
    select(func.count().label("n_posts"), func.count().filter(Blogpost.published).label("n_published"))
    .where(Blogpost.project_id == Project.id)
    .lateral("posts")
)
_HEADER = (
    select(
        Project,
        User,
        Category,
        *_TOTALS.c,
        *_POSTS.c,
        exists().where(Result.project_id == Project.id).label("has_results"),
        UserScore.n_runs.label("score"),
        case((RankedUser.score > constant(0), RANK)).label("rank"),
        N_RANKED.label("n_ranked"),
    )
    .join(User, User.id == Project.owner_id)
    .join(Category, Category.id == Project.category_id)
    .join(UserScore, UserScore.user_id == Project.owner_id)
    .outerjoin(RankedUser, RankedUser.user_id == Project.owner_id)
    .join(_TOTALS, true())
    .join(_POSTS, true())
    .where(Project.short_name == bindparam("short_name"))
)


async def project_header(session: AsyncSession, short_name: str) -> ProjectHeader:
    """The project of this address. Raises NotFound."""
    row = (await session.execute(_HEADER, {"short_name": short_name})).one_or_none()
    if row is None:
        raise NotFound(Project.__tablename__, short_name=short_name)
    counts = {name: int(getattr(row, name)) for name in COUNTS}
    return ProjectHeader(
        project=row.Project,
        owner=row.User,
        category=row.Category,
        progress=ProjectProgress(row.Project.id, last_activity=row.last_activity, **counts),
        n_posts=row.n_posts,
        n_published_posts=row.n_published,
        has_results=row.has_results,
        achievement=Achievement(score=row.score, rank=row.rank, n_ranked=row.n_ranked),
    )
