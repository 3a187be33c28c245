"""The editor of a project's presenter (01-pages section 4.4)."""

from quart import Blueprint

from db.queries.task_browsing import first_task_id
from webapp.forms.project.editing import PresenterForm
from webapp.http.page import Call, page
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.services import presenters, projects
from webapp.viewmodels.page import Redirect
from webapp.viewmodels.project.pages import PresenterEditorPage, PresenterOptionsPage
from webapp.views.project.context import ProjectContext, owned_context

blueprint = Blueprint("project_presenter", __name__)


@page(
    blueprint,
    "/project/<short_name>/tasks/taskpresentereditor",
    methods=("GET", "POST"),
    action=Action.PROJECT_UPDATE,
    sign_in=True,
)
async def editor(call: Call, short_name: str) -> PresenterOptionsPage | PresenterEditorPage | Redirect:
    """Write the page on which volunteers answer: from a template, beside a live preview."""
    context = await owned_context(call, short_name)
    if call.posted:
        return await _save(call, context)
    present, template = context.project.info.get("task_presenter") or "", call.args.get("template")
    if not present and not template:
        names = [f"projects/presenters/{name}.html" for name in presenters.NAMES]
        return await context.page(
            PresenterOptionsPage, active="presenter", title=context.title("Task Presenter Editor"), presenters=names
        )
    if template:
        present = presenters.snippet(template, context.project.short_name) or present
        await call.flash(_("This is a template: change it as you like, then save it."), "info")
    form = PresenterForm(data={"id": context.project.id, "editor": present})
    return await _editor(call, context, form)


async def _save(call: Call, context: ProjectContext) -> PresenterEditorPage | Redirect:
    form = call.bind(PresenterForm)
    if not form.validate():
        await call.refuse()
        return await _editor(call, context, form)
    await projects.set_info(call.session, call.actor, context.project, {"task_presenter": form.editor.data or ""})
    await call.flash('<i class="icon-ok"></i> ' + _("Task presenter added!"), "success")
    return Redirect(context.url("tasks/"), status="success")


async def _editor(call: Call, context: ProjectContext, form: PresenterForm) -> PresenterEditorPage:
    return await context.page(
        PresenterEditorPage,
        active="presenter",
        title=context.title("Task Presenter Editor"),
        form=call.form_model(form),
        errors=bool(form.errors),
        preview_task_id=await first_task_id(call.session, context.project.id),
    )
