"""Handing mails over, each once.

The mail's row is locked while the server takes it, and marked in the same transaction: two workers never send one mail,
and one whose worker was killed is sent by the next. The limit is SMTP's own: of a worker that dies after the server has
taken a mail and before that is committed, nobody knows, and the mail is sent again, with the same Message-ID.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime

from db.models import Mail, User
from db.queries.site import mails
from db.repositories.rows import find_row, get_row
from db.session import AsyncSession, Database
from webapp.config import Settings
from webapp.i18n import gettext as _
from webapp.i18n import use_locale
from webapp.integrations.letters import render
from webapp.integrations.mail import Letter
from webapp.services.mails import subscriptions
from webapp.services.mails.account_mails import ACCOUNT_KINDS
from webapp.services.mails.kinds import Kind, MailContext, MailValues, Recipient, draft
from webapp.services.mails.project_mails import PROJECT_KINDS
from webapp.services.mails.site_mails import SITE_KINDS

KINDS = {kind.name: kind for kind in (*ACCOUNT_KINDS, *PROJECT_KINDS, *SITE_KINDS)}
PREVIEW = "preview"
"""A mail with the example of a kind, to whoever looks at it."""
Send = Callable[[Letter], Awaitable[None]]


async def deliver(database: Database, settings: Settings, send: Send, mail_id: int) -> None:
    """Send the mail, unless it was sent, or there is nothing to tell any more. Raises MailFailed."""
    async with database.unit() as uow:
        mail = await mails.lock_mail(uow.session, mail_id)
        if mail is None or mail.sent is not None:
            return
        letter = await _letter(uow.session, settings, mail)
        if letter is not None:
            await send(replace(letter, number=mail.id))
        # What it was about may be a key, or an address of somebody without an account.
        mail.sent, mail.about = datetime.now(UTC), {}


async def _letter(session: AsyncSession, settings: Settings, mail: Mail) -> Letter | None:
    """The mail as it is to be sent; None where nothing is."""
    kind = KINDS.get(mail.kind)
    if mail.kind == PREVIEW and mail.user_id is not None:
        recipient = Recipient.of(await get_row(session, User, mail.user_id))
        return preview(KINDS[str(mail.about["kind"])], settings, recipient)
    if kind is None or settings.base_url is None or not (settings.mail_notices or kind.is_asked_for):
        return None
    user = await find_row(session, User, mail.user_id) if mail.user_id is not None else None
    if kind.is_bulk and (user is None or not user.subscribed or user.restrict):
        return None
    found = await kind.find(MailContext(session, settings, user, mail.about))
    if found is None or settings.blocks_mail_to(found[0].address):
        return None
    return worded(kind, settings, *found)


def worded(kind: Kind, settings: Settings, recipient: Recipient, facts: MailValues) -> Letter:
    """The mail of this kind with these facts."""
    is_ended = kind.is_bulk and recipient.user_id is not None
    url = subscriptions.unsubscribe_url(settings, recipient.user_id or 0) if is_ended else None
    with use_locale(recipient.locale):
        said = draft(kind, settings, recipient, facts, url)
        return render(said, brand=settings.brand, site=settings.base_url or "", unsubscribe=_("Send me no such mails"))


def preview(kind: Kind, settings: Settings, recipient: Recipient) -> Letter:
    """An example of the mail, as this recipient would get it."""
    return worded(kind, settings, recipient, kind.example)


async def forget_sent(database: Database) -> None:
    """Remove mails of long ago."""
    async with database.unit() as uow:
        await mails.forget_sent(uow.session)
