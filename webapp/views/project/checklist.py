"""The way of a project from draft to published, as its owners see it."""

from db.queries.progress import ProjectProgress
from db.repositories import CategoryRepository
from webapp.policies import Action
from webapp.services import publishing
from webapp.viewmodels.project.builders import checklist_rows
from webapp.views.project.context import ProjectContext


async def checklist(context: ProjectContext) -> list[dict[str, object]]:
    """What is done and what is left, for the owners of a draft; nothing for others, or once it is published."""
    if context.project.published or not context.may(Action.PROJECT_UPDATE):
        return []
    return await steps(context, await context.progress())


async def steps(context: ProjectContext, progress: ProjectProgress) -> list[dict[str, object]]:
    project = context.project
    category = await CategoryRepository(context.call.session).get(project.category_id)
    return checklist_rows(project.short_name, category.name, publishing.checklist(project, progress))
