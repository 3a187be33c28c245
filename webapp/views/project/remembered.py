"""A project for those who only look at it: the facts that its pages show to everybody, from this second's memory."""

from db.models import Category, User
from db.queries.profile import achievement
from db.queries.progress import progress_of
from db.repositories import BlogpostRepository, ProjectRepository
from db.repositories.rows import get_row
from db.session import AsyncSession
from webapp.http.page import Call
from webapp.policies import Action
from webapp.viewmodels.account.builders import standing_of
from webapp.views.project.context import ProjectContext, SharedFacts, find_context, gate


async def remembered_context(call: Call, short_name: str) -> ProjectContext:
    """As `gated_context`; whoever may change the project, or has just changed something, gets it as it is now."""
    return gate(await ungated_context(call, short_name))


async def ungated_context(call: Call, short_name: str, *, fresh: bool = False) -> ProjectContext:
    """As `remembered_context`, for whoever asks: its caller decides who may. Raises NotFound."""
    if fresh or not call.only_looks:
        return await find_context(call, short_name)
    facts = await call.platform.memory.get(("project", short_name), lambda: _read(call.session, short_name))
    context = ProjectContext(call, facts.project, facts)
    return await find_context(call, short_name) if context.may(Action.PROJECT_UPDATE) else context


async def _read(session: AsyncSession, short_name: str) -> SharedFacts:
    project = await ProjectRepository(session).get_by_short_name(short_name)
    owner = await get_row(session, User, project.owner_id)
    facts = SharedFacts(
        project=project,
        progress=(await progress_of(session, [project.id]))[project.id],
        n_blogposts=await BlogpostRepository(session).count(project.id),
        owner=owner,
        category=await get_row(session, Category, project.category_id),
        standing=standing_of(await achievement(session, owner.id)),
    )
    # Many requests will read these rows; none of their sessions has them.
    for row in (facts.project, facts.owner, facts.category):
        if row in session:
            session.expunge(row)
    return facts
