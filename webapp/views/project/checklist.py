"""The way of a project from draft to published, as its owners see it."""

from webapp.policies import Action
from webapp.services.projects import publishing
from webapp.viewmodels.project.builders import checklist_rows
from webapp.views.project.context import ProjectContext


def checklist(context: ProjectContext) -> list[dict[str, object]]:
    """What is done and what is left, for the owners of a draft; nothing for others, or once it is published."""
    if context.project.published or not context.may(Action.PROJECT_UPDATE):
        return []
    return steps(context)


def steps(context: ProjectContext) -> list[dict[str, object]]:
    """What is done and what is left, whoever asks."""
    project, category = context.project, context.header.category
    return checklist_rows(project.short_name, category.name, publishing.checklist(project, context.progress))
