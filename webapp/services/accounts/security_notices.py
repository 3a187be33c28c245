"""Letters that tell somebody of changes of what they sign in with, so that one made by somebody else is noticed."""

from textwrap import dedent

from db.repositories.user import UserRepository
from db.session import AsyncSession
from webapp.config import Settings
from webapp.i18n import gettext as _
from webapp.i18n import use_locale
from webapp.integrations.mail import Letter
from webapp.integrations.queue import MAIL, Queue
from webapp.urls import account_url

SEND_NOTICE = "send_security_notice"
"""The job that mails one."""


def _told(what: str, detail: str) -> str:
    texts = {
        "password changed": _("your password was changed"),
        "passkey added": _("a passkey, “%(name)s”, was added", name=detail),
        "passkey removed": _("the passkey “%(name)s” was removed", name=detail),
        "app added": _("an authenticator app was set up"),
        "app removed": _("your authenticator app was removed"),
        "mail codes on": _("codes by mail were switched on"),
        "mail codes off": _("codes by mail were switched off"),
        "recovery codes": _("new recovery codes were made"),
        "recovery code used": _("a recovery code was used to sign in"),
        "second step reset": _("an administrator has removed your second step of signing in"),
    }
    return texts[what]


async def tell(
    session: AsyncSession, queue: Queue, settings: Settings, user_id: int, what: str, detail: str = ""
) -> None:
    """Have the account's person told of a change, where this site sends mail. Raises KeyError for one that there is no
    letter for."""
    _told(what, detail)
    if settings.sends_mail:
        await queue.enqueue(session, SEND_NOTICE, queue=MAIL, user_id=user_id, what=what, detail=detail)


async def letter_for(session: AsyncSession, settings: Settings, user_id: int, what: str, detail: str) -> Letter | None:
    """The letter; None if the account has gone."""
    user = await UserRepository(session).find(user_id)
    if user is None:
        return None
    with use_locale(user.locale):
        body = dedent(
            _(
                """\
                Hello %(name)s,

                at %(brand)s %(what)s.

                If it was not you, choose a new password at once, and look at where you are signed in:

                %(link)s
                """
            )
        )
        link = f"{settings.base_url or ''}{account_url(user.name, 'security')}"
        values = {"name": user.fullname, "brand": settings.brand, "what": _told(what, detail), "link": link}
        return Letter(user.email_addr, _("Your account at %(brand)s", brand=settings.brand), body % values)
