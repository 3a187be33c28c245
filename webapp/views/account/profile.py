"""Profiles and their projects (docs/contract/pages.md 3)."""

from dataclasses import asdict
from typing import Any

from quart import Blueprint

from db.models import User
from db.queries.accounts.profile import achievement, calendar
from db.queries.projects import project_listing
from db.queries.projects.project_cards import ProjectCard
from db.queries.projects.project_listing import PageRequest
from db.queries.reading.visibility import Viewer
from db.repositories import OwnershipOfferRepository, ProjectRepository, UserRepository
from webapp.http.page import RequestContext, page
from webapp.i18n import gettext as _
from webapp.policies import Action, about_user, can, require
from webapp.urls import account_url
from webapp.viewmodels.account.builders import badges, calendar_cells, standing_of
from webapp.viewmodels.account.profile import OwnProfilePage, OwnProjectsPage, Projects, PublicProfilePage
from webapp.viewmodels.page import Json, Redirect
from webapp.viewmodels.public.project import api_full, card
from webapp.viewmodels.public.user import owner_full, user_public

blueprint = Blueprint("account_profile", __name__)
MOST_HELPED = 100
"""How many of the projects that somebody helped a profile shows."""


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
    user = await UserRepository(ctx.session).get_by_name(name)
    return await (_own(ctx, user) if user.id == ctx.actor.user_id else _public(ctx, user))


async def _own(ctx: RequestContext, user: User) -> OwnProfilePage:
    published, draft = await _projects_of(ctx, user)
    helped = await project_listing.contributed(ctx.session, user.id, PageRequest(limit=MOST_HELPED))
    standing = standing_of(await achievement(ctx.session, user.id))
    days = await calendar(ctx.session, user.id)
    return OwnProfilePage(
        title=_("Profile"),
        user=owner_full(user, standing),
        projects_contrib=[card(one) for one in helped.projects],
        projects_published=published,
        projects_draft=draft,
        calendar=calendar_cells(days),
        badges=badges(standing, days, helped.total, len(published)),
        offers=await _offers_to(ctx, user),
        csrf=ctx.csrf(),
    )


async def _public(ctx: RequestContext, user: User) -> PublicProfilePage:
    can_update = can(ctx.actor, Action.ACCOUNT_UPDATE, about_user(user.id))
    if not can(ctx.actor, Action.USER_READ, about_user(user.id, restricted=user.restrict)):
        return PublicProfilePage(title=_("User data is restricted"), user=None, can_update=can_update)
    found = await project_listing.contributed(ctx.session, user.id, PageRequest(limit=MOST_HELPED), seen_by=Viewer())
    helped = [card(one) for one in found.projects]
    standing = standing_of(await achievement(ctx.session, user.id))
    days = await calendar(ctx.session, user.id)
    created = await _created(ctx, user)
    return PublicProfilePage(
        title=f"{user.fullname} &middot; {_('User Profile')}",
        account_id=user.id,
        user=user_public(user, standing),
        projects=helped,
        projects_contrib=helped,
        projects_created=created,
        can_update=can_update,
        calendar=calendar_cells(days),
        badges=badges(standing, days, len(helped), sum(one["published"] for one in created)),
    )


async def _created(ctx: RequestContext, user: User) -> Projects:
    """What somebody else's account has created; administrators see drafts too."""
    created = await project_listing.created_by(ctx.session, user.id)
    shows_drafts = can(ctx.actor, Action.PROJECT_LIST_DRAFTS)
    drafts = await project_listing.owned(ctx.session, user.id, published=False) if shows_drafts else []
    return [card(one) for one in (*created, *drafts)]


async def _projects_of(ctx: RequestContext, user: User) -> tuple[Projects, Projects]:
    """What the account itself owns or co-owns, with all that owners see: published projects, and drafts."""
    rows = {row.id: row for row in await ProjectRepository(ctx.session).owned_by(user.id)}
    published = await project_listing.owned(ctx.session, user.id, published=True)
    draft = await project_listing.owned(ctx.session, user.id, published=False)

    def shown(one: ProjectCard) -> dict[str, Any]:
        return card(one) | api_full(ctx.actor, rows[one.id])

    return [shown(one) for one in published], [shown(one) for one in draft]


@page(blueprint, "/account/<name>/applications", action=Action.ACCOUNT_VIEW_PROJECTS, sign_in=True)
@page(blueprint, "/account/<name>/projects", action=Action.ACCOUNT_VIEW_PROJECTS, sign_in=True)
async def projects(ctx: RequestContext, name: str) -> OwnProjectsPage:
    """One's own projects."""
    user = await UserRepository(ctx.session).get_by_name(name)
    require(ctx.actor, Action.ACCOUNT_VIEW_PROJECTS, about_user(user.id))
    published, draft = await _projects_of(ctx, user)
    offers = await _offers_to(ctx, user)
    return OwnProjectsPage(title=_("Projects"), projects_published=published, projects_draft=draft, offers=offers)


async def _offers_to(ctx: RequestContext, user: User) -> list[dict[str, Any]]:
    """The projects that somebody wants to hand over to this account."""
    return [asdict(one) for one in await OwnershipOfferRepository(ctx.session).received(user.id)]
