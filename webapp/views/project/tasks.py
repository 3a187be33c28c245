"""A project's tasks: browsing them, and how they are handed out (docs/contract/pages.md 4.4)."""

from dataclasses import replace

from quart import Blueprint

from db.base import LARGEST_ID
from db.queries.reading.task_browsing import page_of_tasks, redundancy_range, task_project
from db.queries.reading.task_runs import runs_of_task
from webapp.errors import NotFound
from webapp.forms.project.tasks import PriorityForm, RedundancyForm, SchedulerForm
from webapp.http.forms import handle_form
from webapp.http.page import RequestContext, page
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.services.contributing.scheduling import CHOICES, scheduler_of
from webapp.services.projects import projects
from webapp.viewmodels.page import Json, Pagination, Redirect
from webapp.viewmodels.project.tasks import (
    BrowsePage,
    DeleteTasksPage,
    PriorityPage,
    RedundancyPage,
    SchedulerPage,
    TaskSettingsPage,
    TasksPage,
)
from webapp.viewmodels.public.pro import has_feature
from webapp.views.paging import asked_part
from webapp.views.project.context import ProjectContext, gated_context, owned_context, remembered_context

blueprint = Blueprint("project_tasks", __name__)
PER_PAGE = 10
MOST_TOLD = 20
LONGEST_ID = len(str(LARGEST_ID))


@page(blueprint, "/project/<short_name>/tasks/", action=Action.PROJECT_VIEW)
async def tasks(ctx: RequestContext, short_name: str) -> TasksPage:
    """The ways to the project's tasks, and for owners to their making."""
    context = await gated_context(ctx, short_name)
    return await context.page(
        TasksPage,
        active="tasks",
        title=context.title("Tasks"),
        autoimporter_enabled=has_feature(ctx.actor, ctx.settings, "autoimporter"),
    )


@page(blueprint, "/project/<short_name>/tasks/browse", action=Action.PROJECT_BROWSE_TASKS, defaults={"number": 1})
@page(blueprint, "/project/<short_name>/tasks/browse/<int:number>", action=Action.PROJECT_BROWSE_TASKS)
async def browse(ctx: RequestContext, short_name: str, number: int) -> BrowsePage:
    """The tasks one by one, with how far each is."""
    context = await remembered_context(ctx, short_name)
    context.require(Action.PROJECT_BROWSE_TASKS)
    pagination = Pagination(page=number, per_page=PER_PAGE, total=context.progress.n_tasks)
    if number < 1 or number > pagination.pages:
        raise NotFound
    part = asked_part(ctx, pagination)
    rows = await context.cached(("tasks", part), lambda: page_of_tasks(ctx.session, context.project.id, part))
    if number != 1 and not rows:
        raise NotFound
    shown = (rows[0]["id"], rows[-1]["id"]) if rows else None
    return await context.page(
        BrowsePage,
        active="tasks",
        title=context.title("Tasks"),
        tasks=rows,
        pagination=replace(pagination, shown=shown),
    )


@page(blueprint, "/project/<short_name>/<int:task_id>/results.json", action=Action.TASKRUN_READ)
async def answers(ctx: RequestContext, short_name: str, task_id: int) -> Json:
    """The answers to one task, as they are."""
    context = await gated_context(ctx, short_name)
    if await task_project(ctx.session, task_id) != context.project.id:
        raise NotFound
    return Json(await runs_of_task(ctx.session, task_id))


@page(blueprint, "/project/<short_name>/tasks/settings", action=Action.PROJECT_UPDATE, sign_in=True, html_only=True)
async def settings(ctx: RequestContext, short_name: str) -> TaskSettingsPage:
    """Order, redundancy, priorities, deletion: from one place."""
    context = await owned_context(ctx, short_name)
    fewest, most = await redundancy_range(ctx.session, context.project.id)
    return await context.page(
        TaskSettingsPage,
        active="tasks",
        title=context.title("Tasks"),
        fewest_answers=fewest,
        most_answers=most,
        order=scheduler_of(context.project.info.get("sched")).label,
    )


@page(
    blueprint,
    "/project/<short_name>/tasks/redundancy",
    methods=("GET", "POST"),
    action=Action.PROJECT_UPDATE,
    sign_in=True,
    forms=(RedundancyForm,),
)
async def redundancy(ctx: RequestContext, short_name: str) -> RedundancyPage | Redirect:
    """How many answers each task wants."""
    context = await owned_context(ctx, short_name)
    fewest, most = await redundancy_range(ctx.session, context.project.id)
    # Scripts know the empty form of PYBOSSA; whoever looks at the page sees what holds now.
    form = ctx.bind(RedundancyForm, {"n_answers": fewest} if fewest == most > 0 and not ctx.wants_json else None)

    async def save() -> Redirect:
        n_answers, queue = form.n_answers.data or 1, ctx.app_services.queue
        await projects.set_redundancy(ctx.session, queue, ctx.actor, context.project, n_answers)
        await ctx.flash(_("Redundancy of Tasks updated!"), "success")
        return Redirect(context.url("tasks/"), status="success")

    async def show() -> RedundancyPage:
        return await context.page(
            RedundancyPage,
            active="tasks",
            title=context.title("Redundancy"),
            form=ctx.form_model(form),
            fewest_answers=fewest,
            most_answers=most,
        )

    return await handle_form(ctx, form, act=save, show=show)


@page(
    blueprint,
    "/project/<short_name>/tasks/scheduler",
    methods=("GET", "POST"),
    action=Action.PROJECT_UPDATE,
    sign_in=True,
    forms=(SchedulerForm,),
)
async def scheduler(ctx: RequestContext, short_name: str) -> SchedulerPage | Redirect:
    """In which order tasks are handed out."""
    context = await owned_context(ctx, short_name)
    form = ctx.bind(SchedulerForm, {"sched": context.project.info.get("sched") or "default"})
    form.sched.choices = list(CHOICES)

    async def save() -> Redirect:
        await projects.set_info(ctx.session, ctx.actor, context.project, {"sched": form.sched.data})
        await ctx.flash(_("Project Task Scheduler updated!"), "success")
        return Redirect(context.url("tasks/"), status="success")

    async def show() -> SchedulerPage:
        title = context.title("Task Scheduler")
        return await context.page(SchedulerPage, active="tasks", title=title, form=ctx.form_model(form))

    return await handle_form(ctx, form, act=save, show=show)


@page(
    blueprint,
    "/project/<short_name>/tasks/priority",
    methods=("GET", "POST"),
    action=Action.PROJECT_UPDATE,
    sign_in=True,
    forms=(PriorityForm,),
)
async def priority(ctx: RequestContext, short_name: str) -> PriorityPage:
    """Which tasks come first."""
    context = await owned_context(ctx, short_name)
    form = ctx.bind(PriorityForm)

    async def save() -> None:
        await _prioritise(ctx, context, _ids(form.task_ids.data or ""), form.priority_0.data or 0.0)

    async def show() -> PriorityPage:
        title = context.title("Task Priority")
        return await context.page(PriorityPage, active="tasks", title=title, form=ctx.form_model(form))

    return await handle_form(ctx, form, act=save, show=show)


def _ids(listed: str) -> list[int]:
    """The numbers of a list with commas, each once."""
    numbers = (int(part) for part in listed.replace(" ", "").split(",") if 0 < len(part) <= LONGEST_ID)
    return list(dict.fromkeys(number for number in numbers if number <= LARGEST_ID))


async def _prioritise(ctx: RequestContext, context: ProjectContext, ids: list[int], priority: float) -> None:
    """Set it, and tell which of the tasks are not the project's."""
    unknown = await projects.set_priority(ctx.session, ctx.actor, context.project, ids, priority)
    for task_id in unknown[:MOST_TOLD]:
        await ctx.flash(_("Ooops, Task.id=%(id)s does not belong to the project", id=task_id), "danger")
    if len(unknown) < len(ids):
        await ctx.flash(_("Task priority has been changed"), "success")
    elif not ids:
        await ctx.flash(_("None of these numbers is a task of the project"), "danger")


@page(
    blueprint, "/project/<short_name>/tasks/delete", methods=("GET", "POST"), action=Action.PROJECT_UPDATE, sign_in=True
)
async def delete(ctx: RequestContext, short_name: str) -> DeleteTasksPage | Redirect:
    """Delete the tasks that have no result."""
    context = await owned_context(ctx, short_name)
    if ctx.posted:
        await projects.delete_tasks(ctx.session, ctx.actor, context.project)
        await ctx.flash(_("Tasks and taskruns with no associated results have been deleted"), "success")
        return Redirect(context.url("tasks/"), status="success")
    return await context.page(DeleteTasksPage, active="tasks", title=context.title("Delete"), csrf=ctx.csrf())
