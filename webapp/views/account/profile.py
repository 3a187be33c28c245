"""Profiles and their projects (docs/contract/pages.md 3)."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from quart import Blueprint

from db.models import Project, User
from db.queries.accounts.profile import achievement, calendar
from db.queries.projects import project_listing
from db.queries.projects.project_listing import PageRequest, ProjectPage
from db.queries.reading.visibility import Viewer
from db.repositories import OwnershipOfferRepository, ProjectRepository, UserRepository
from webapp.forms.account.metadata import MetadataForm
from webapp.http.page import RequestContext, page
from webapp.i18n import current_locale
from webapp.i18n import gettext as _
from webapp.policies import Action, about_user, can, require
from webapp.services.accounts import metadata
from webapp.urls import account_url
from webapp.viewmodels.account.builders import badges, calendar_cells, standing_of
from webapp.viewmodels.account.profile import OwnProfilePage, OwnProjectsPage, Pages, Projects, PublicProfilePage
from webapp.viewmodels.page import Json, Pagination, Redirect
from webapp.viewmodels.public.project import api_full, card
from webapp.viewmodels.public.user import owner_full, user_public
from webapp.views.paging import MOST_IN_JSON, AskedPage, asked_page
from webapp.views.privacy import require_open

blueprint = Blueprint("account_profile", __name__)
MOST_HELPED = 100
"""How many of the projects that somebody helped JSON clients are given at once."""
HELPED, PUBLISHED, CREATED, DRAFTS = "helped", "published", "created", "drafts"
"""The lists of somebody's projects, as queries name their pages."""


@page(blueprint, "/account/profile", action=Action.ACCOUNT_VIEW)
async def own_profile(ctx: RequestContext) -> OwnProfilePage | Redirect | Json:
    """One's own profile for JSON clients, without knowing one's name; a browser is sent to it."""
    if ctx.actor.is_anonymous:
        if ctx.wants_json:
            return Json({"next": "/account/signin", "status": "not_signed_in"})
        return Redirect("/account/signin")
    user = await UserRepository(ctx.session).get(ctx.actor.user_id or 0)
    return await _own(ctx, user) if ctx.wants_json else Redirect(account_url(user.name))


@page(blueprint, "/account/<name>/", action=Action.ACCOUNT_VIEW)
async def profile(ctx: RequestContext, name: str) -> OwnProfilePage | PublicProfilePage:
    """Somebody's profile: one's own with everything, others' with what they show."""
    if ctx.actor.name != name and not can(ctx.actor, Action.PROJECT_LIST_DRAFTS):

        async def read() -> PublicProfilePage:
            return await _public(ctx, await UserRepository(ctx.session).get_by_name(name))

        parts = (_wanted(ctx, HELPED), _wanted(ctx, CREATED))
        return replace(await ctx.cached(("profile", name, parts, current_locale()), read, of=(User, Project)))
    user = await UserRepository(ctx.session).get_by_name(name)
    return await (_own(ctx, user) if user.id == ctx.actor.user_id else _public(ctx, user))


async def _own(ctx: RequestContext, user: User) -> OwnProfilePage:
    published, draft = await _owned(ctx, user)
    helped = await _helped(ctx, user)
    standing = standing_of(await achievement(ctx.session, user.id))
    days = await calendar(ctx.session, user.id)
    return OwnProfilePage(
        title=_("Profile"),
        user=owner_full(user, standing),
        form=ctx.form_model(MetadataForm(data=metadata.told(user))) if ctx.settings.user_metadata else None,
        projects_contrib=helped.projects,
        projects_published=published.projects,
        projects_draft=draft.projects,
        pages=_pages(helped, published, draft),
        calendar=calendar_cells(days),
        badges=badges(standing, days, helped.total, published.total),
        offers=await _offers_to(ctx, user),
        csrf=ctx.csrf(),
    )


async def _public(ctx: RequestContext, user: User) -> PublicProfilePage:
    require_open(ctx)
    can_update = can(ctx.actor, Action.ACCOUNT_UPDATE, about_user(user.id))
    if not can(ctx.actor, Action.USER_READ, about_user(user.id, restricted=user.restrict)):
        return PublicProfilePage(title=_("User data is restricted"), user=None, can_update=can_update)
    helped = await _helped(ctx, user, seen_by=Viewer())
    created = await _list(ctx, CREATED, lambda part: project_listing.created_by(ctx.session, user.id, part))
    lists = [helped, created]
    if can(ctx.actor, Action.PROJECT_LIST_DRAFTS):
        lists.append(
            await _list(ctx, DRAFTS, lambda part: project_listing.owned(ctx.session, user.id, part, published=False))
        )
    standing = standing_of(await achievement(ctx.session, user.id))
    days = await calendar(ctx.session, user.id)
    return PublicProfilePage(
        title=f"{user.fullname} &middot; {_('User Profile')}",
        account_id=user.id,
        user=user_public(user, standing),
        projects=helped.projects,
        projects_contrib=helped.projects,
        projects_created=[one for projects in lists[1:] for one in projects.projects],
        pages=_pages(*lists),
        can_update=can_update,
        calendar=calendar_cells(days),
        badges=badges(standing, days, helped.total, created.total),
    )


@dataclass(frozen=True, slots=True)
class _Shown:
    """A page of one of the lists of somebody's projects."""

    name: str
    projects: Projects
    pagination: Pagination

    @property
    def total(self) -> int:
        return self.pagination.total


def _wanted(ctx: RequestContext, name: str, *, in_json: int = MOST_IN_JSON) -> AskedPage:
    return asked_page(ctx, ctx.settings.projects_per_page, in_json=in_json, name=name)


def _part(wanted: AskedPage) -> PageRequest:
    return PageRequest(limit=wanted.size, offset=wanted.offset)


async def _list(
    ctx: RequestContext,
    name: str,
    read: Callable[[PageRequest], Awaitable[ProjectPage]],
    *,
    in_json: int = MOST_IN_JSON,
) -> _Shown:
    wanted = _wanted(ctx, name, in_json=in_json)
    found = await read(_part(wanted))
    return _Shown(name, [card(one) for one in found.projects], wanted.of(found.total))


def _pages(*lists: _Shown) -> Pages:
    return {one.name: one.pagination for one in lists}


async def _helped(ctx: RequestContext, user: User, *, seen_by: Viewer | None = None) -> _Shown:
    """What the account has helped, the latest first."""

    async def read(part: PageRequest) -> ProjectPage:
        return await project_listing.contributed(ctx.session, user.id, part, seen_by=seen_by)

    return await _list(ctx, HELPED, read, in_json=MOST_HELPED)


async def _owned(ctx: RequestContext, user: User) -> tuple[_Shown, _Shown]:
    """What the account itself owns or co-owns, with all that owners see: published projects, and drafts."""
    pages = _wanted(ctx, PUBLISHED), _wanted(ctx, DRAFTS)
    found = await project_listing.published_and_drafts(ctx.session, user.id, *(_part(one) for one in pages))
    ids = [one.id for part in found for one in part.projects]
    rows = await ProjectRepository(ctx.session).by_ids(ids) if ids else {}
    published, drafts = (
        _Shown(name, [card(one) | api_full(ctx.actor, rows[one.id]) for one in part.projects], page.of(part.total))
        for name, part, page in zip((PUBLISHED, DRAFTS), found, pages, strict=True)
    )
    return published, drafts


@page(blueprint, "/account/<name>/applications", action=Action.ACCOUNT_VIEW_PROJECTS, sign_in=True)
@page(blueprint, "/account/<name>/projects", action=Action.ACCOUNT_VIEW_PROJECTS, sign_in=True)
async def projects(ctx: RequestContext, name: str) -> OwnProjectsPage:
    """One's own projects."""
    user = await UserRepository(ctx.session).get_by_name(name)
    require(ctx.actor, Action.ACCOUNT_VIEW_PROJECTS, about_user(user.id))
    published, draft = await _owned(ctx, user)
    return OwnProjectsPage(
        title=_("Projects"),
        projects_published=published.projects,
        projects_draft=draft.projects,
        pages=_pages(published, draft),
        offers=await _offers_to(ctx, user),
    )


async def _offers_to(ctx: RequestContext, user: User) -> list[dict[str, Any]]:
    """The projects that somebody wants to hand over to this account."""
    return [asdict(one) for one in await OwnershipOfferRepository(ctx.session).received(user.id)]
