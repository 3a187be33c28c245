"""Creating, changing and removing a project (docs/contract/pages.md 4.2)."""

from dataclasses import replace
from typing import Any

from quart import Blueprint

from db.errors import Duplicate
from db.models import Project
from db.repositories.category import CategoryRepository
from db.repositories.rows import reload_row
from webapp.errors import Invalid, OverQuota, UnsupportedMedia
from webapp.forms.project.editing import NewProjectForm, ProjectForm, ThumbnailForm
from webapp.http.forms import handle_form
from webapp.http.page import RequestContext, Weight, page
from webapp.i18n import gettext as _
from webapp.integrations import pictures
from webapp.integrations.outbound import OutboundError
from webapp.integrations.pictures import Crop
from webapp.policies import Action, about_project, require
from webapp.services.projects import projects
from webapp.services.site import markdown
from webapp.services.site.files import FilePlace
from webapp.urls import account_url, project_url
from webapp.viewmodels.page import Redirect
from webapp.viewmodels.project.editing import DeletePage, NewProjectPage, SettingsPage, UpdatePage
from webapp.views.project.checklist import checklist
from webapp.views.project.context import ProjectContext, find_context, owned_context

blueprint = Blueprint("project_editing", __name__)
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
    blueprint,
    "/project/new",
    methods=("GET", "POST"),
    weight=Weight.TEXT,
    action=Action.PROJECT_CREATE,
    sign_in=True,
    forms=(NewProjectForm,),
)
async def new(ctx: RequestContext) -> NewProjectPage | Redirect:
    """Start a project: a draft that only its owner sees."""
    form = ctx.bind(NewProjectForm)

    async def show() -> NewProjectPage:
        return NewProjectPage(title=_("Create a Project"), form=ctx.form_model(form), errors=bool(form.errors))

    return await handle_form(ctx, form, check=lambda: _check_names(ctx, form), act=lambda: _start(ctx, form), show=show)


async def _check_names(ctx: RequestContext, form: NewProjectForm | ProjectForm, own: Project | None = None) -> None:
    """Tell at their fields which names the project cannot have."""
    for wrong in await projects.refusals(ctx.session, form.sound("name"), form.sound("short_name"), own=own):
        form.refuse(wrong)


async def _start(ctx: RequestContext, form: NewProjectForm) -> Redirect:
    values = {name: form[name].data for name in ("name", "short_name", "long_description")}
    values["description"] = form.description.data or markdown.summary(form.long_description.data) or form.name.data
    try:
        project = await projects.create(ctx.session, ctx.settings, ctx.actor, values, "web")
    except (Duplicate, UnsupportedMedia) as refused:
        raise _on_field(refused) from refused
    except OverQuota as full:
        raise Invalid("name", full.message) from full
    await ctx.flash(_("Project created! Now give it tasks and a presenter."), "success")
    return Redirect(project_url(project.short_name, "update"), status="success")


def _on_field(refused: Duplicate | UnsupportedMedia) -> Invalid:
    """A name that cannot be had, at the field that it was typed into."""
    if isinstance(refused, Duplicate):
        if "name" in refused.columns:
            return Invalid("name", _("Name is already taken"))
        return Invalid("short_name", _("Short name is already taken, or looks like one that is"))
    return Invalid("short_name", refused.message)


@page(blueprint, "/project/<short_name>/settings", action=Action.PROJECT_UPDATE, sign_in=True)
async def settings(ctx: RequestContext, short_name: str) -> SettingsPage:
    """Everything that an owner can change, from one place."""
    return await settings_page(ctx, await owned_context(ctx, short_name))


async def settings_page(ctx: RequestContext, context: ProjectContext) -> SettingsPage:
    """What an owner can change of this project."""
    return await context.page(
        SettingsPage,
        full=True,
        active="settings",
        title=context.title("Settings"),
        csrf=ctx.csrf(),
        checklist=checklist(context),
        tryout_url=ctx.absolute(context.url(f"try/{key}")) if (key := context.project.tryout_key) else None,
        ckan=context.ckan,
    )


@page(
    blueprint,
    "/project/<short_name>/update",
    methods=("GET", "POST"),
    weight=Weight.FILE,
    action=Action.PROJECT_UPDATE,
    sign_in=True,
    fail_closed=True,
    forms=(ThumbnailForm, ProjectForm),
)
async def update(ctx: RequestContext, short_name: str) -> UpdatePage | Redirect:
    """Change the project, or its picture (`btn=Upload`)."""
    context = await owned_context(ctx, short_name)
    if ctx.posted and str(ctx.body.get("btn", "")).lower() == "upload":
        return await _picture(ctx, context)
    form = await _bound(ctx, context.project)

    async def show() -> UpdatePage:
        return await context.page(
            UpdatePage,
            full=True,
            active="update",
            title=context.title("Update"),
            form=ctx.form_model(form),
            upload_form=ctx.form_model(ThumbnailForm(data={"id": context.project.id})),
        )

    return await handle_form(
        ctx,
        form,
        check=lambda: _check(ctx, context.project, form),
        act=lambda: _save(ctx, context.project, form),
        show=show,
    )


async def _bound(ctx: RequestContext, project: Project) -> ProjectForm:
    prefill: dict[str, Any] = {name: getattr(project, name) for name in FIELDS} | {
        "id": project.id,
        "protect": about_project(project).protected,
        "webhook": project.webhook,
    }
    form = ctx.bind(ProjectForm, prefill)
    categories = await CategoryRepository(ctx.session).all()
    form.category_id.choices = [(one.id, one.name) for one in categories]
    return form


async def _check(ctx: RequestContext, project: Project, form: ProjectForm) -> None:
    """Tell at its field what is wrong beyond shape, what other servers say of it too."""
    await _check_names(ctx, form, project)
    if _lacks_password(project, form):
        form.refuse(Invalid("password", _("A password of at least two characters is needed")))
    try:
        await _check_webhook(ctx, project, form.sound("webhook"))
    except Invalid as wrong:
        form.refuse(wrong)


def _address(typed: str | None) -> str | None:
    return (typed or "").strip() or None


def _lacks_password(project: Project, form: ProjectForm) -> bool:
    """Whether it is to be protected by a new password that is none."""
    typed = form.password.data or ""
    is_wanted = form.protect.data and (typed or not about_project(project).protected)
    return bool(is_wanted) and len(typed) < LEAST_PASSWORD


async def _save(ctx: RequestContext, project: Project, form: ProjectForm) -> Redirect:
    values = {name: form[name].data for name in FIELDS} | {"webhook": _address(form.webhook.data)}
    try:
        await projects.update(ctx.session, ctx.actor, project, values, "web")
    except (Duplicate, UnsupportedMedia) as refused:
        raise _on_field(refused) from refused
    await _protect(ctx, project, form)
    await ctx.flash(_("Project updated!"), "success")
    return Redirect(project_url(project.short_name), status="success")


async def _check_webhook(ctx: RequestContext, project: Project, typed: str | None) -> None:
    """Return if the address is none, the present one, or one that answers a GET with 200; otherwise raise Invalid."""
    url = _address(typed)
    if url is None or url == project.webhook:
        return
    # Nothing has been written yet: while another server takes its time, the database is let go. Otherwise a few slow
    # servers would hold every connection there is.
    await ctx.release_database()
    try:
        status = await ctx.app_services.outbound.status_of(url)
    except OutboundError as error:
        raise Invalid("webhook", _("Connection error") + f": {error.message}") from error
    await reload_row(ctx.session, project)
    if status != 200:
        raise Invalid("webhook", _("Invalid URL") + f" ({status})")


async def _protect(ctx: RequestContext, project: Project, form: ProjectForm) -> None:
    password = form.password.data or ""
    if not form.protect.data:
        await projects.set_password(ctx.session, ctx.actor, project, None)
    elif password:
        hashed = await ctx.app_services.passwords.hash(password)
        await projects.set_password(ctx.session, ctx.actor, project, hashed)


async def _picture(ctx: RequestContext, context: ProjectContext) -> Redirect:
    """Keep a new thumbnail; whatever comes of it, back to the form."""
    back = Redirect(context.url("update"), status="success")
    file = ctx.files.get("avatar")
    form = ctx.bind(ThumbnailForm)
    if file is None or not file.filename or not form.validate():
        await ctx.refuse(_("You must provide a file to change the thumbnail"))
        return Redirect(back.next, status="error")
    crop = Crop(*(form[edge].data or 0 for edge in ("x1", "y1", "x2", "y2")))
    try:
        picture = await pictures.prepare(file.stream, crop, pictures.COVER)
    except Invalid as wrong:
        await ctx.refuse(wrong.message)
        return Redirect(back.next, status="error")
    await _keep_picture(ctx, context.project, picture)
    await ctx.flash(_("Your project thumbnail has been updated!"), "success")
    return back


async def _keep_picture(ctx: RequestContext, project: Project, picture: pictures.Prepared) -> None:
    """Store it in place of the one before."""
    files = ctx.app_services.file_store
    place = FilePlace(f"project_{project.id}", owner_id=ctx.actor.user_id, project_id=project.id)
    stored = await files.store_picture(ctx.uow, place, "thumbnail", picture)
    # Without a configured address of the site, one that is true for this visitor may be none for the next.
    url = ctx.absolute(stored.url) if ctx.settings.base_url else stored.url
    info = {"container": stored.container, "thumbnail": stored.name, "thumbnail_url": url}
    await projects.set_info(ctx.session, ctx.actor, project, info)
    await files.detach(ctx.uow, ctx.actor, project)
    await files.attach(ctx.uow, stored, Project, project.id)


@page(blueprint, "/project/<short_name>/delete", methods=("GET", "POST"), action=Action.PROJECT_DELETE, sign_in=True)
async def delete(ctx: RequestContext, short_name: str) -> DeletePage | Redirect:
    """Remove the project with its tasks and answers; once there are results, only for who has written its short name
    into `confirm`."""
    context = await find_context(ctx, short_name)
    confirmed = ctx.posted and ctx.body.get("confirm") == context.project.short_name
    # JSON clients know that a project with results stays (docs/contract/pages.md 4.2).
    facts = replace(context.facts_of_removal, confirmed=confirmed or not ctx.wants_json)
    require(ctx.actor, Action.PROJECT_DELETE, facts)
    if not ctx.posted or (context.header.has_results and not confirmed):
        if ctx.posted:
            await ctx.refuse(_("Write the project's short name into the field to confirm."))
        return await context.page(
            DeletePage,
            active="delete",
            title=context.title("Delete"),
            csrf=ctx.csrf(),
            code=403 if ctx.posted else None,
            n_completed=context.progress.n_completed_tasks if context.header.has_results else 0,
        )
    await ctx.app_services.file_store.detach(ctx.uow, ctx.actor, context.project)
    await projects.delete(ctx.session, ctx.app_services.queue, ctx.actor, context.project, "web", confirmed=confirmed)
    await ctx.flash(_("Project deleted!"), "success")
    return Redirect(account_url(str(ctx.actor.name)), status="success")


@page(
    blueprint,
    "/project/<short_name>/resetsecretkey",
    methods=("POST",),
    action=Action.PROJECT_RESET_SECRET,
    sign_in=True,
)
async def reset_secret_key(ctx: RequestContext, short_name: str) -> Redirect:
    """A new secret; tokens signed with the old one are worth nothing from now on."""
    context = await owned_context(ctx, short_name, Action.PROJECT_RESET_SECRET)
    await projects.reset_secret(ctx.session, ctx.actor, context.project)
    await ctx.flash(_("New secret key generated"), "success")
    return Redirect(context.url("update"), status="success")
