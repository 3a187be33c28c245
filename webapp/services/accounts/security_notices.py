"""Mails that tell somebody of changes of what they sign in with, so that one made by somebody else is noticed."""

from db.session import AsyncSession
from webapp.config import Settings
from webapp.i18n import gettext as _
from webapp.services.mails import outbox

MAIL_KIND = "security_notice"


def told(what: str, detail: str) -> str:
    """What has changed, as part of a sentence. Raises KeyError for what there are no words for."""
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


async def tell(session: AsyncSession, settings: Settings, user_id: int, what: str, detail: str = "") -> None:
    """Have the account's person told of a change, where this site sends mail. Raises KeyError for one that there are no
    words for."""
    told(what, detail)
    if settings.sends_mail:
        await outbox.post(session, MAIL_KIND, user_id=user_id, about={"what": what, "detail": detail})
