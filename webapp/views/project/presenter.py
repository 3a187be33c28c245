"""The editor of a project's presenter, and of its tutorial and results (docs/contract/pages.md 4.4)."""

from quart import Blueprint

from db.queries.reading.task_browsing import first_task_id
from webapp.errors import NotFound
from webapp.forms.project.presenter import PresenterForm
from webapp.http.forms import handle_form
from webapp.http.page import RequestContext, Weight, page
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.services.projects import presenters, projects
from webapp.viewmodels.page import Redirect
from webapp.viewmodels.project.builders import presenter_choices, without_script
from webapp.viewmodels.project.presenter import PresenterEditorPage, PresenterOptionsPage
from webapp.views.project.context import ProjectContext, owned_context
from webapp.views.project.frames import frame_config

blueprint = Blueprint("project_presenter", __name__)
PRESENTER = "presenter"
PARTS = {PRESENTER: "task_presenter", "tutorial": "tutorial", "results": "results"}
"""The parts of a project that are its owner's own pages, as `?part=` names them, and their keys of `info`."""


@page(
    blueprint,
    "/project/<short_name>/tasks/taskpresentereditor",
    methods=("GET", "POST"),
    weight=Weight.PRESENTER,
    action=Action.PROJECT_UPDATE,
    sign_in=True,
    forms=(PresenterForm,),
)
async def editor(ctx: RequestContext, short_name: str) -> PresenterOptionsPage | PresenterEditorPage | Redirect:
    """Write the page on which volunteers answer: from a template, beside a live preview. `?part=` opens the tutorial or
    the results in its place."""
    context = await owned_context(ctx, short_name)
    part, template = ctx.args.get("part", PRESENTER), ctx.args.get("template")
    if part not in PARTS:
        raise NotFound
    if ctx.posted:
        return await _save(ctx, context, part)
    present = context.project.info.get(PARTS[part]) or ""
    if template:
        present = presenters.snippet(template, context.project.short_name)
        await ctx.flash(_("This is a template: change it as you like, then save it."), "info")
    elif not present and part == PRESENTER:
        return await _options(ctx, context)
    return await _editor(ctx, context, PresenterForm(data={"id": context.project.id, "editor": present}), part)


async def _options(ctx: RequestContext, context: ProjectContext) -> PresenterOptionsPage:
    """What to start from."""
    if await first_task_id(ctx.session, context.project.id) is None:
        told = _("There are no tasks yet. Import some, and the preview shows them in your presenter.")
        await ctx.flash(told, "info")
    return await context.page(
        PresenterOptionsPage,
        active=PRESENTER,
        title=context.title("Task Presenter Editor"),
        presenters=[f"projects/presenters/{name}.html" for name in presenters.NAMES],
        choices=presenter_choices(),
    )


async def _save(ctx: RequestContext, context: ProjectContext, part: str) -> PresenterEditorPage | Redirect:
    form = ctx.bind(PresenterForm)

    async def save() -> Redirect:
        await projects.set_info(ctx.session, ctx.actor, context.project, {PARTS[part]: form.editor.data or ""})
        saved = {
            PRESENTER: _("Task presenter added!"),
            "tutorial": _("Tutorial saved!"),
            "results": _("Results page saved!"),
        }
        if part == PRESENTER and presenters.lacks_script(form.editor.data):
            await ctx.flash(without_script(), "warning")
        await ctx.flash('<i class="icon-ok"></i> ' + saved[part], "success")
        return Redirect(context.url("results" if part == "results" else "tasks/"), status="success")

    return await handle_form(ctx, form, act=save, show=lambda: _editor(ctx, context, form, part))


async def _editor(ctx: RequestContext, context: ProjectContext, form: PresenterForm, part: str) -> PresenterEditorPage:
    return await context.page(
        PresenterEditorPage,
        active=PRESENTER,
        title=context.title("Task Presenter Editor"),
        form=ctx.form_model(form),
        errors=bool(form.errors),
        part=part,
        doubt=without_script() if part == PRESENTER and presenters.lacks_script(form.editor.data) else "",
        choices=presenter_choices() if part == PRESENTER else [],
        frame=frame_config(ctx, context, context.url("frame/preview")),
        preview_task_id=await first_task_id(ctx.session, context.project.id) if part == PRESENTER else None,
    )
