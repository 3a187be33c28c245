"""Who runs a project: co-owners, and another owner (docs/contract/pages.md 4.2)."""

from typing import Any

from quart import Blueprint

from db.models import User
from db.repositories import OwnershipOfferRepository, UserRepository
from webapp.errors import NotFound
from webapp.forms.project.owners import CoownerForm, TransferForm
from webapp.http.forms import handle_form
from webapp.http.limits import attempts
from webapp.http.page import RequestContext, page
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.services.projects import ownership
from webapp.urls import account_url
from webapp.viewmodels.page import Redirect
from webapp.viewmodels.project.owners import CoownersPage, OfferPage, TransferPage
from webapp.viewmodels.public.user import user_public
from webapp.views.project.context import ProjectContext, find_context, owned_context

blueprint = Blueprint("project_owners", __name__)


@page(
    blueprint,
    "/project/<short_name>/coowners",
    methods=("GET", "POST"),
    action=Action.PROJECT_MANAGE_COOWNERS,
    sign_in=True,
    forms=(CoownerForm,),
)
async def coowners(ctx: RequestContext, short_name: str) -> CoownersPage:
    """Who owns the project together; `user` looks somebody up by their exact name."""
    context = await owned_context(ctx, short_name, Action.PROJECT_MANAGE_COOWNERS)
    form = ctx.bind(CoownerForm)

    async def show(found: dict[str, Any] | None = None) -> CoownersPage:
        people = await UserRepository(ctx.session).named(context.project.owners_ids)
        owners = [_shown(context, people[number]) for number in context.project.owners_ids if number in people]
        return await context.page(
            CoownersPage,
            active="coowners",
            title=_("Manage Co-owners"),
            form=ctx.form_model(form),
            coowners=[one for one in owners if one is not None],
            found=found or [],
            csrf=ctx.csrf(),
        )

    async def look_up() -> CoownersPage:
        return await show(await _look_up(ctx, context, (form.user.data or "").strip()))

    return await handle_form(ctx, form, act=look_up, show=show)


def _shown(context: ProjectContext, user: User) -> dict[str, Any] | None:
    shown = user_public(user)
    if shown is None:
        return None
    return shown | ({"is_creator": True} if user.id == context.project.owner_id else {})


async def _look_up(ctx: RequestContext, context: ProjectContext, name: str) -> dict[str, Any] | None:
    """The account of this name, and what it is in the project; None, and told so, if there is none to show."""
    user = await UserRepository(ctx.session).find_by_name(name)
    shown = user_public(user) if user is not None else None
    if user is None or shown is None or user.id == ctx.actor.user_id:
        await ctx.flash(_("Ooops! We didn't find a user matching your query: %(name)s", name=name), "message")
        return None
    return shown | {
        "is_coowner": user.id in context.project.owners_ids,
        "is_creator": user.id == context.project.owner_id,
    }


@page(
    blueprint,
    "/project/<short_name>/add_coowner/<user_name>",
    methods=("GET", "POST"),
    action=Action.PROJECT_MANAGE_COOWNERS,
    sign_in=True,
    mutating_get=True,
)
async def add_coowner(ctx: RequestContext, short_name: str, user_name: str) -> Redirect:
    """Let somebody else run the project too."""
    context = await owned_context(ctx, short_name, Action.PROJECT_MANAGE_COOWNERS)
    user = await UserRepository(ctx.session).get_by_name(user_name)
    if await ownership.add_coowner(ctx.session, ctx.actor, context.project, user.id):
        await ctx.flash(_("%(name)s is a co-owner now", name=user.fullname), "success")
    else:
        await ctx.flash(_("User is already an owner"), "warning")
    return Redirect(context.url("coowners"))


@page(
    blueprint,
    "/project/<short_name>/del_coowner/<user_name>",
    methods=("GET", "POST"),
    action=Action.PROJECT_MANAGE_COOWNERS,
    sign_in=True,
    mutating_get=True,
)
async def remove_coowner(ctx: RequestContext, short_name: str, user_name: str) -> Redirect:
    """Take the project out of somebody's hands, or out of one's own; its creator stays."""
    context = await find_context(ctx, short_name)
    user = await UserRepository(ctx.session).find_by_name(user_name)
    if user is None or user.id != ctx.actor.user_id:
        context.require(Action.PROJECT_MANAGE_COOWNERS)
    if user is None:
        raise NotFound
    if await ownership.remove_coowner(ctx.session, ctx.actor, context.project, user.id):
        await ctx.flash(_("%(name)s is no co-owner any more", name=user.fullname), "success")
    else:
        await ctx.flash(_("The creator stays, and only a co-owner can be removed"), "error")
    return Redirect(context.url("coowners") if context.may(Action.PROJECT_MANAGE_COOWNERS) else "/")


@page(
    blueprint,
    "/project/<short_name>/transferownership",
    methods=("GET", "POST"),
    action=Action.PROJECT_TRANSFER,
    sign_in=True,
    fail_closed=True,
    forms=(TransferForm,),
)
async def transfer(ctx: RequestContext, short_name: str) -> TransferPage | Redirect:
    """Offer the project to somebody, by their e-mail address; it is theirs once they accept."""
    context = await owned_context(ctx, short_name, Action.PROJECT_TRANSFER)
    form = ctx.bind(TransferForm)

    async def make_offer() -> Redirect:
        email_addr = (form.email_addr.data or "").strip()
        await attempts.count_mail(ctx, f"offers of user {ctx.actor.user_id}")
        await ownership.offer(ctx.session, ctx.actor, context.project, email_addr)
        await ctx.flash(_("The project is offered: it has a new owner once they have accepted"), "info")
        return Redirect(context.url(), status="info")

    async def show() -> TransferPage:
        pending = await OwnershipOfferRepository(ctx.session).find_pending(context.project.id)
        return await context.page(
            TransferPage,
            full=True,
            active="transfer",
            title=context.title("Results"),
            form=ctx.form_model(form),
            csrf=ctx.csrf(),
            offer=None if pending is None else {"email_addr": pending.email_addr, "expires": pending.expires},
        )

    return await handle_form(ctx, form, act=make_offer, show=show)


@page(
    blueprint,
    "/project/<short_name>/transferownership/withdraw",
    methods=("POST",),
    action=Action.PROJECT_TRANSFER,
    sign_in=True,
)
async def withdraw_offer(ctx: RequestContext, short_name: str) -> Redirect:
    """Take the offer back."""
    context = await owned_context(ctx, short_name, Action.PROJECT_TRANSFER)
    await ownership.withdraw(ctx.session, ctx.actor, context.project)
    await ctx.flash(_("The project is offered to nobody any more"), "success")
    return Redirect(context.url("transferownership"), status="success")


@page(blueprint, "/project/<short_name>/offer", action=Action.PROJECT_ANSWER_OFFER, sign_in=True)
async def offer(ctx: RequestContext, short_name: str) -> OfferPage:
    """A project that the caller may have."""
    context = await find_context(ctx, short_name)
    found = await ownership.received(ctx.session, ctx.actor, context.project)
    progress = context.progress
    people = await UserRepository(ctx.session).named([context.project.owner_id])
    return OfferPage(
        title=context.title("Offer"),
        name=context.project.name,
        short_name=short_name,
        description=context.project.description,
        owner=people[context.project.owner_id].fullname,
        published=context.project.published,
        n_tasks=progress.n_tasks,
        n_task_runs=progress.n_task_runs,
        expires=found.expires,
        csrf=ctx.csrf(),
    )


@page(
    blueprint,
    "/project/<short_name>/offer/accept",
    methods=("POST",),
    action=Action.PROJECT_ANSWER_OFFER,
    sign_in=True,
)
async def accept_offer(ctx: RequestContext, short_name: str) -> Redirect:
    """Become the project's owner."""
    context = await find_context(ctx, short_name)
    await ownership.accept(ctx.session, ctx.settings, ctx.actor, context.project)
    await ctx.flash(_("The project is yours"), "success")
    return Redirect(context.url("settings"), status="success")


@page(
    blueprint,
    "/project/<short_name>/offer/decline",
    methods=("POST",),
    action=Action.PROJECT_ANSWER_OFFER,
    sign_in=True,
)
async def decline_offer(ctx: RequestContext, short_name: str) -> Redirect:
    """Leave the project to its owner."""
    context = await find_context(ctx, short_name)
    await ownership.decline(ctx.session, ctx.actor, context.project)
    await ctx.flash(_("You have declined the project"), "success")
    return Redirect(account_url(ctx.actor.name or ""), status="success")
