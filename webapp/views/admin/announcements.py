"""Announcements of the site (docs/contract/pages.md 5)."""

from typing import Any

from quart import Blueprint

from db.repositories.announcement import AnnouncementRepository
from webapp.forms.admin.announcements import AnnouncementForm
from webapp.http.forms import handle_form
from webapp.http.page import RequestContext, Weight, page
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.services.site import announcements as service
from webapp.services.site import markdown
from webapp.viewmodels.admin.pages import ManageAnnouncementsPage, WriteAnnouncementPage
from webapp.viewmodels.page import Redirect
from webapp.viewmodels.public.announcement import announcement_public
from webapp.views.paging import MOST_IN_JSON, asked_page

blueprint = Blueprint("admin_announcements", __name__)
LIST = "/admin/announcement"
PER_PAGE = 20
SIGN = '<i class="icon-ok"></i> '
"""What clients know at the beginning of these messages; pages leave it out."""


@page(blueprint, LIST, action=Action.ANNOUNCEMENT_WRITE, sign_in=True)
async def announcements(ctx: RequestContext) -> ManageAnnouncementsPage:
    """All of them, the newest first."""
    wanted = asked_page(ctx, PER_PAGE, in_json=MOST_IN_JSON)
    found = await AnnouncementRepository(ctx.session).page(limit=wanted.size, offset=wanted.offset, drafts=True)
    return ManageAnnouncementsPage(
        title=_("Manage global Announcements"),
        announcements=[announcement_public(one) for one in found.items],
        csrf=ctx.csrf(),
        excerpts={one.id: markdown.summary(one.body) for one in found.items},
        pagination=wanted.of(found.total),
    )


@page(
    blueprint,
    "/admin/announcement/new",
    methods=("GET", "POST"),
    weight=Weight.TEXT,
    action=Action.ANNOUNCEMENT_WRITE,
    sign_in=True,
    forms=(AnnouncementForm,),
)
async def new_announcement(ctx: RequestContext) -> WriteAnnouncementPage | Redirect:
    """Write one."""
    form = ctx.bind(AnnouncementForm)

    async def create() -> Redirect:
        await service.create(ctx.session, ctx.actor, _written(form))
        await ctx.flash(SIGN + _("Annnouncement created!"), "success")
        return Redirect(LIST)

    async def show() -> WriteAnnouncementPage:
        return WriteAnnouncementPage(
            title=_("Write a new post"), form=ctx.form_model(form), action="/admin/announcement/new"
        )

    return await handle_form(ctx, form, act=create, show=show)


def _written(form: AnnouncementForm) -> dict[str, Any]:
    return {
        "title": form.title.data or "",
        "body": form.body.data or "",
        "media_url": form.media_url.data or None,
        "published": bool(form.published.data),
    }


@page(
    blueprint,
    "/admin/announcement/<int:announcement_id>/update",
    methods=("GET", "POST"),
    weight=Weight.TEXT,
    action=Action.ANNOUNCEMENT_WRITE,
    sign_in=True,
    forms=(AnnouncementForm,),
)
async def update_announcement(ctx: RequestContext, announcement_id: int) -> WriteAnnouncementPage | Redirect:
    """Change one."""
    found = await AnnouncementRepository(ctx.session).get(announcement_id)
    names = ("id", "title", "body", "media_url", "published")
    form = ctx.bind(AnnouncementForm, {name: getattr(found, name) for name in names})

    async def save() -> Redirect:
        await service.update(ctx.session, ctx.actor, found, _written(form))
        await ctx.flash(SIGN + _("Announcement updated!"), "success")
        return Redirect(LIST)

    async def show() -> WriteAnnouncementPage:
        address = f"/admin/announcement/{announcement_id}/update"
        return WriteAnnouncementPage(title=_("Edit a post"), form=ctx.form_model(form), action=address, is_new=False)

    return await handle_form(ctx, form, act=save, show=show)


@page(
    blueprint,
    "/admin/announcement/<int:announcement_id>/delete",
    methods=("POST",),
    action=Action.ANNOUNCEMENT_WRITE,
    sign_in=True,
)
async def delete_announcement(ctx: RequestContext, announcement_id: int) -> Redirect:
    """Remove one, with its picture."""
    found = await AnnouncementRepository(ctx.session).get(announcement_id)
    await ctx.app_services.file_store.detach(ctx.uow, ctx.actor, found)
    await service.remove(ctx.session, ctx.actor, found)
    await ctx.flash(SIGN + _("Announcement deleted!"), "success")
    return Redirect(LIST)
