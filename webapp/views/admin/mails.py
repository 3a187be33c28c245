"""The mails of this site, as people get them, and who wants the newsletter."""

import csv
import io
from collections.abc import AsyncIterator

from quart import Blueprint

from db.queries.accounts.newsletter import subscribers_after
from db.repositories import UserRepository
from db.session import Database
from webapp.errors import NotFound
from webapp.http.limits import attempts
from webapp.http.page import RequestContext, page
from webapp.http.stream import Download
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.services.exporting.flattening import harmless
from webapp.services.mails import delivery, outbox
from webapp.services.mails.kinds import Kind, Recipient
from webapp.viewmodels.admin.mails import MailPage, MailsPage
from webapp.viewmodels.page import Redirect

blueprint = Blueprint("admin_mails", __name__)
LIST = "/admin/mails"
COLUMNS = ("id", "email_addr", "fullname", "locale", "since")


def _kind(name: str) -> Kind:
    kind = delivery.KINDS.get(name)
    if kind is None:
        raise NotFound
    return kind


def _row(kind: Kind) -> dict[str, object]:
    return {
        "name": kind.name,
        "purpose": str(kind.purpose),
        "is_bulk": kind.is_bulk,
        "is_asked_for": kind.is_asked_for,
        "for_administrators": kind.for_administrators,
    }


async def _recipient(ctx: RequestContext) -> Recipient:
    return Recipient.of(await UserRepository(ctx.session).get(ctx.actor.user_id or 0))


@page(blueprint, LIST, action=Action.ADMIN, sign_in=True)
async def mails(ctx: RequestContext) -> MailsPage:
    """Every kind of mail, and when it is sent."""
    recipient = await _recipient(ctx)
    rows = [
        _row(kind) | {"subject": delivery.preview(kind, ctx.settings, recipient).subject}
        for kind in delivery.KINDS.values()
    ]
    return MailsPage(
        title=_("Mails"),
        mails=rows,
        sends_mail=ctx.settings.sends_mail,
        sends_notices=ctx.settings.mail_notices,
        has_newsletter=ctx.settings.newsletter != "off",
    )


@page(blueprint, f"{LIST}/<kind>", action=Action.ADMIN, sign_in=True)
async def mail(ctx: RequestContext, kind: str) -> MailPage:
    """An example of one kind, as the administrator who looks would get it."""
    found = _kind(kind)
    # Links lead somewhere also where the settings do not say where the site is.
    settings = ctx.settings.model_copy(update={"base_url": ctx.absolute("").rstrip("/")})
    letter = delivery.preview(found, settings, await _recipient(ctx))
    return MailPage(
        title=letter.subject,
        mail=_row(found),
        subject=letter.subject,
        text=letter.body,
        html=letter.html or "",
        form=ctx.csrf_form(),
        sends_mail=ctx.settings.sends_mail,
    )


@page(blueprint, f"{LIST}/<kind>/send", methods=("POST",), action=Action.ADMIN, sign_in=True, fail_closed=True)
async def send(ctx: RequestContext, kind: str) -> Redirect:
    """Mail the example to oneself."""
    found, recipient = _kind(kind), await _recipient(ctx)
    if not ctx.settings.sends_mail:
        await ctx.refuse(_("This site cannot send mail."))
    else:
        await attempts.count_mail(ctx, recipient.address)
        await outbox.post(ctx.session, delivery.PREVIEW, user_id=recipient.user_id, about={"kind": found.name})
        await ctx.flash(_("It is on its way to %(address)s", address=recipient.address), "success")
    return Redirect(f"{LIST}/{found.name}")


@page(blueprint, "/admin/newsletter/export", action=Action.ADMIN, sign_in=True, html_only=True)
async def export_newsletter(ctx: RequestContext) -> Download:
    """Everybody who wants the newsletter, as CSV."""
    if ctx.settings.newsletter == "off":
        raise NotFound(_("This site has no newsletter."))
    await ctx.release_database()
    return Download("newsletter.csv", "text/csv; charset=utf-8", _as_csv(ctx.app_services.database))


async def _as_csv(database: Database) -> AsyncIterator[bytes]:
    """Some at a time, each time from a short transaction."""
    yield (",".join(COLUMNS) + "\n").encode()
    last = 0
    while True:
        async with database.unit(read_only=True) as uow:
            found = await subscribers_after(uow.session, last)
        if not found:
            return
        last, text = found[-1].id, io.StringIO()
        lines = csv.writer(text, lineterminator="\n")
        lines.writerows(
            [one.id, harmless(one.email_addr), harmless(one.fullname), one.locale, one.since.isoformat()]
            for one in found
        )
        yield text.getvalue().encode()
