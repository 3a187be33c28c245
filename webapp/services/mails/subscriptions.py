"""The way out of mails that somebody has not asked for: a signed link that asks for no sign-in and does not expire,
because a mail may be read years later (RFC 8058)."""

from urllib.parse import quote

from itsdangerous import BadSignature, URLSafeSerializer

from db.queries.site import mails
from db.session import AsyncSession
from webapp.config import Settings
from webapp.errors import Forbidden
from webapp.i18n import gettext as _

LONGEST_KEY = 200


def _signer(settings: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(settings.key("unsubscribe"), salt="unsubscribe")


def unsubscribe_url(settings: Settings, user_id: int) -> str:
    """Where one POST ends the account's mails, and a button does the same."""
    return f"{settings.base_url}/unsubscribe?key={quote(str(_signer(settings).dumps(user_id)))}"


def account_of(settings: Settings, key: str) -> int:
    """Whose mails the key ends. Raises Forbidden."""
    try:
        if len(key) <= LONGEST_KEY:
            return int(_signer(settings).loads(key))
    except (BadSignature, ValueError, TypeError):
        pass
    raise Forbidden(_("This link is not one of ours, or not whole: copy all of it."))


async def end(session: AsyncSession, settings: Settings, key: str) -> None:
    """The key's account gets no more mails that it has not asked for. Done twice it is the same. Raises Forbidden."""
    await mails.unsubscribe(session, account_of(settings, key))
