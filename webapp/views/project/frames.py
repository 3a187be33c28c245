"""The documents that are shown in frames: a project's presenter, tutorial and results, and the hosts they run on."""

from typing import Any

from webapp.errors import Forbidden, Unauthorized
from webapp.http.locale import visitor_language
from webapp.http.page import RequestContext
from webapp.http.security.headers import device_policy
from webapp.i18n import current_locale, set_locale
from webapp.i18n import gettext as _
from webapp.policies import Action, authorization_decided
from webapp.services.accounts.credentials import fingerprint
from webapp.services.contributing.frame_token import (
    FrameGrant,
    FrameTicket,
    issue_frame_ticket,
    issue_frame_token,
    read_frame_ticket,
)
from webapp.viewmodels.project.contributing import FramePage
from webapp.views.project.context import ProjectContext, ungated_context

PRESENTER, TUTORIAL, RESULTS, PREVIEW = "presenter", "tutorial", "results", "preview"
DOCUMENTS: dict[str, tuple[str, Action]] = {
    PRESENTER: ("task_presenter", Action.PROJECT_CONTRIBUTE),
    TUTORIAL: ("tutorial", Action.PROJECT_VIEW),
    RESULTS: ("results", Action.PROJECT_VIEW),
    PREVIEW: ("", Action.PROJECT_VIEW),
}
"""What can be in a frame: its key of the project's `info`, and what its reader must be allowed."""
ENVELOPE = 1024
"""Bytes that are left beside an answer for what is sent with it."""
TICKET = "ticket"
"""The parameter of a frame's address that lets in whoever the frame's host does not know."""


async def document(ctx: RequestContext, short_name: str, part: str, address: str) -> FramePage:
    """The document of this part of the project, which takes itself to be at `address` below the project's own. Raises
    NotFound, Unauthorized."""
    key, action = DOCUMENTS[part]
    ticket = read_frame_ticket(ctx.args.get(TICKET, ""), ctx.settings.key("frame"))
    context = await ungated_context(ctx, short_name, fresh=ticket is not None and ticket.fresh)
    if ticket is not None and ticket.project_id == context.project.id:
        authorization_decided(action)  # as the ticket was issued
        set_locale(ticket.locale)
    else:
        try:
            context.require(action)
        except Forbidden:
            raise Unauthorized from None  # the page around may have a ticket
        ticket = None
    settings = {
        "locale": current_locale(),
        "theme": ticket.theme if ticket else ctx.cookies.get("theme", ""),
        "short_name": short_name,
        "preview": part == PREVIEW,
        "site": ctx.site_origin,
        "address": context.url(address),
        "texts": _texts(),
    }
    return FramePage(
        title=context.project.name,
        snippet=str(context.project.info.get(key) or ""),
        settings=settings,
        short_name=short_name,
        show_start=part == TUTORIAL,
        headers=ctx.frame_headers(),
    )


def _texts() -> dict[str, str]:
    """What the frame's own script says, in the volunteer's language."""
    return {
        "open": _("Open it"),
        "not_followed": _("This link leads out of the task, and was not followed by itself."),
        "not_saved": _("This file could not be saved from here."),
        "not_sent": _("A task cannot send forms to this site. Your answer is sent by its own buttons."),
    }


def frame_config(ctx: RequestContext, context: ProjectContext, url: str) -> dict[str, Any]:
    """What a page's script needs to show a frame of this project, loaded from the path `url`."""
    return {
        "project_id": context.project.id,
        "short_name": context.project.short_name,
        "frame_url": url,
        "largest_answer": ctx.settings.max_answer_kib * 1024 - ENVELOPE,
        "token": frame_token_of(ctx, context),
        "who": ctx.actor.contributor or "",
        "language": visitor_language(ctx.actor.locale, ctx.settings),
        "guest": guest_host(ctx, context),
    }


def frame_token_of(ctx: RequestContext, context: ProjectContext) -> str | None:
    """What the frame may call the API with; nothing for somebody who may only look."""
    actor = ctx.actor
    if not context.may(Action.PROJECT_CONTRIBUTE) or actor.contributor is None:
        return None
    grant = FrameGrant(
        context.project.id,
        actor.contributor,
        actor.user_id,
        actor.ip,
        actor.credential or fingerprint(actor.contributor),
        actor.session_epoch,
    )
    return issue_frame_token(grant, ctx.settings.key("frame"))


def guest_host(ctx: RequestContext, context: ProjectContext) -> dict[str, Any] | None:
    """Where the project's frames have a host of their own: its origin, and the ticket by which it lets this caller in,
    who may see the project; None where their origin is opaque."""
    origin = ctx.guest_origin(context.project.id)
    if origin is None:
        return None
    ticket = FrameTicket(
        project_id=context.project.id,
        locale=current_locale(),
        theme=ctx.cookies.get("theme", ""),
        fresh=not ctx.may_be_stale,
    )
    return {"origin": origin, TICKET: issue_frame_ticket(ticket, ctx.settings.key("frame"))}


def around_frame_headers(ctx: RequestContext, project_id: int) -> dict[str, str]:
    """The headers of a page whose frame acts: it passes on what the volunteer has allowed, such as the camera, and the
    frame's `window.open` gives a window."""
    return {
        "Permissions-Policy": device_policy(ctx.guest_origin(project_id)),
        "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
    }
