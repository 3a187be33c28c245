"""Creating, changing and removing a project (docs/contract/pages.md 4.2)."""

from typing import Any

from quart import Blueprint

from db.errors import Duplicate
from db.models import Project
from db.repositories.category import CategoryRepository
from db.repositories.rows import reload_row
from webapp.errors import Invalid, UnsupportedMedia
from webapp.forms.project.editing import NewProjectForm, ProjectForm, ThumbnailForm
from webapp.http.forms import handle_form
from webapp.http.page import Call, Weight, page
from webapp.i18n import gettext as _
from webapp.integrations import pictures
from webapp.integrations.outbound import OutboundError
from webapp.integrations.pictures import Crop
from webapp.policies import Action, about_project, require
from webapp.services import markdown, projects
from webapp.services.files import FilePlace
from webapp.urls import account_url, project_url
from webapp.viewmodels.page import Redirect
from webapp.viewmodels.project.pages import DeletePage, NewProjectPage, SettingsPage, UpdatePage
from webapp.views.project.checklist import checklist
from webapp.views.project.context import ProjectContext, find_context, owned_context

blueprint = Blueprint("project_editing", __name__)
THUMBNAIL_SIZE = (960, 540)
LEAST_PASSWORD = 2
FIELDS = (
    "name",
    "short_name",
    "description",
    "long_description",
    "category_id",
    "allow_anonymous_contributors",
    "zip_download",
)


@page(
    blueprint, "/project/new", methods=("GET", "POST"), weight=Weight.TEXT, action=Action.PROJECT_CREATE, sign_in=True
)
async def new(call: Call) -> NewProjectPage | Redirect:
    """Start a project: a draft that only its owner sees."""
    form = call.bind(NewProjectForm)

    async def show() -> NewProjectPage:
        return NewProjectPage(title=_("Create a Project"), form=call.form_model(form), errors=bool(form.errors))

    return await handle_form(
        call, form, check=lambda: _check_names(call, form), act=lambda: _start(call, form), show=show
    )


async def _check_names(call: Call, form: NewProjectForm | ProjectForm, own: Project | None = None) -> None:
    """Tell at their fields which names the project cannot have."""
    for wrong in await projects.refusals(call.session, form.sound("name"), form.sound("short_name"), own=own):
        form.refuse(wrong)


async def _start(call: Call, form: NewProjectForm) -> Redirect:
    values = {name: form[name].data for name in ("name", "short_name", "long_description")}
    values["description"] = form.description.data or markdown.summary(form.long_description.data) or form.name.data
    try:
        project = await projects.create(call.session, call.actor, values, "web")
    except (Duplicate, UnsupportedMedia) as refused:
        raise _on_field(refused) from refused
    await call.flash(_("Project created! Now give it tasks and a presenter."), "success")
    return Redirect(project_url(project.short_name, "update"), status="success")


def _on_field(refused: Duplicate | UnsupportedMedia) -> Invalid:
    """A name that cannot be had, at the field that it was typed into."""
    if isinstance(refused, Duplicate):
        if "name" in refused.columns:
            return Invalid("name", _("Name is already taken"))
        return Invalid("short_name", _("Short name is already taken, or looks like one that is"))
    return Invalid("short_name", refused.message)


@page(blueprint, "/project/<short_name>/settings", action=Action.PROJECT_UPDATE, sign_in=True)
async def settings(call: Call, short_name: str) -> SettingsPage:
    """Everything that an owner can change, from one place."""
    context = await owned_context(call, short_name)
    return await context.page(
        SettingsPage,
        full=True,
        active="settings",
        title=context.title("Settings"),
        csrf=call.csrf(),
        checklist=checklist(context),
    )


@page(
    blueprint,
    "/project/<short_name>/update",
    methods=("GET", "POST"),
    weight=Weight.FILE,
    action=Action.PROJECT_UPDATE,
    sign_in=True,
)
async def update(call: Call, short_name: str) -> UpdatePage | Redirect:
    """Change the project, or its picture (`btn=Upload`)."""
    context = await owned_context(call, short_name)
    if call.posted and str(call.body.get("btn", "")).lower() == "upload":
        return await _picture(call, context)
    form = await _bound(call, context.project)

    async def show() -> UpdatePage:
        return await context.page(
            UpdatePage,
            full=True,
            active="update",
            title=context.title("Update"),
            form=call.form_model(form),
            upload_form=call.form_model(ThumbnailForm(data={"id": context.project.id})),
        )

    return await handle_form(
        call,
        form,
        check=lambda: _check(call, context.project, form),
        act=lambda: _save(call, context.project, form),
        show=show,
    )


async def _bound(call: Call, project: Project) -> ProjectForm:
    prefill: dict[str, Any] = {name: getattr(project, name) for name in FIELDS} | {
        "id": project.id,
        "protect": about_project(project).protected,
        "webhook": project.webhook,
    }
    form = call.bind(ProjectForm, prefill)
    categories = await CategoryRepository(call.session).all()
    form.category_id.choices = [(one.id, one.name) for one in categories]
    return form


async def _check(call: Call, project: Project, form: ProjectForm) -> None:
    """Tell at its field what is wrong beyond shape, what other servers say of it too."""
    await _check_names(call, form, project)
    if _lacks_password(project, form):
        form.refuse(Invalid("password", _("A password of at least two characters is needed")))
    try:
        await _check_webhook(call, project, form.sound("webhook"))
    except Invalid as wrong:
        form.refuse(wrong)


def _address(typed: str | None) -> str | None:
    return (typed or "").strip() or None


def _lacks_password(project: Project, form: ProjectForm) -> bool:
    """Whether it is to be protected by a new password that is none."""
    typed = form.password.data or ""
    is_wanted = form.protect.data and (typed or not about_project(project).protected)
    return bool(is_wanted) and len(typed) < LEAST_PASSWORD


async def _save(call: Call, project: Project, form: ProjectForm) -> Redirect:
    values = {name: form[name].data for name in FIELDS} | {"webhook": _address(form.webhook.data)}
    try:
        await projects.update(call.session, call.actor, project, values, "web")
    except (Duplicate, UnsupportedMedia) as refused:
        raise _on_field(refused) from refused
    await _protect(call, project, form)
    await call.flash(_("Project updated!"), "success")
    return Redirect(project_url(project.short_name), status="success")


async def _check_webhook(call: Call, project: Project, typed: str | None) -> None:
    """Return if the address is none, the present one, or one that answers a GET with 200; otherwise raise Invalid."""
    url = _address(typed)
    if url is None or url == project.webhook:
        return
    # Nothing has been written yet: while another server takes its time, the database is let go. Otherwise a few slow
    # servers would hold every connection there is.
    await call.release_database()
    try:
        status = await call.platform.outbound.status_of(url)
    except OutboundError as error:
        raise Invalid("webhook", _("Connection error") + f": {error.message}") from error
    await reload_row(call.session, project)
    if status != 200:
        raise Invalid("webhook", _("Invalid URL") + f" ({status})")


async def _protect(call: Call, project: Project, form: ProjectForm) -> None:
    password = form.password.data or ""
    if not form.protect.data:
        await projects.set_password(call.session, call.actor, project, None)
    elif password:
        hashed = await call.platform.passwords.hash(password)
        await projects.set_password(call.session, call.actor, project, hashed)


async def _picture(call: Call, context: ProjectContext) -> Redirect:
    """Keep a new thumbnail; whatever comes of it, back to the form."""
    back = Redirect(context.url("update"), status="success")
    file = call.files.get("avatar")
    form = call.bind(ThumbnailForm)
    if file is None or not file.filename or not form.validate():
        await call.refuse(_("You must provide a file to change the thumbnail"))
        return Redirect(back.next, status="error")
    crop = Crop(*(form[edge].data or 0 for edge in ("x1", "y1", "x2", "y2")))
    try:
        picture = await pictures.prepare(file.stream, crop, THUMBNAIL_SIZE)
    except Invalid as wrong:
        await call.refuse(wrong.message)
        return Redirect(back.next, status="error")
    await _keep_picture(call, context.project, picture)
    await call.flash(_("Your project thumbnail has been updated!"), "success")
    return back


async def _keep_picture(call: Call, project: Project, picture: bytes) -> None:
    """Store it in place of the one before."""
    files = call.platform.file_store
    place = FilePlace(f"project_{project.id}", owner_id=call.actor.user_id, project_id=project.id)
    stored = await files.store(call.uow, place, "thumbnail", picture, "image/webp")
    # Without a configured address of the site, one that is true for this visitor may be none for the next.
    url = call.absolute(stored.url) if call.settings.base_url else stored.url
    info = {"container": stored.container, "thumbnail": stored.name, "thumbnail_url": url}
    await projects.set_info(call.session, call.actor, project, info)
    await files.detach(call.uow, call.actor, project)
    await files.attach(call.uow, stored, Project, project.id)


@page(blueprint, "/project/<short_name>/delete", methods=("GET", "POST"), action=Action.PROJECT_DELETE, sign_in=True)
async def delete(call: Call, short_name: str) -> DeletePage | Redirect:
    """Remove the project with its tasks and answers; not once there are results."""
    context = await find_context(call, short_name)
    require(call.actor, Action.PROJECT_DELETE, context.facts_of_removal)
    if not call.posted:
        return await context.page(DeletePage, active="delete", title=context.title("Delete"), csrf=call.csrf())
    await call.platform.file_store.detach(call.uow, call.actor, context.project)
    await projects.delete(call.session, call.platform.queue, call.actor, context.project, "web")
    await call.flash(_("Project deleted!"), "success")
    return Redirect(account_url(str(call.actor.name)), status="success")


@page(
    blueprint,
    "/project/<short_name>/resetsecretkey",
    methods=("POST",),
    action=Action.PROJECT_RESET_SECRET,
    sign_in=True,
)
async def reset_secret_key(call: Call, short_name: str) -> Redirect:
    """A new secret; tokens signed with the old one are worth nothing from now on."""
    context = await owned_context(call, short_name, Action.PROJECT_RESET_SECRET)
    await projects.reset_secret(call.session, call.actor, context.project)
    await call.flash(_("New secret key generated"), "success")
    return Redirect(context.url("update"), status="success")
