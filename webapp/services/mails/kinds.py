"""The kinds of mails: whom each is for, what it has to know, and its words."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from db.models import User
from db.session import AsyncSession
from webapp.config import Settings
from webapp.i18n import gettext as _
from webapp.integrations.letters import Draft, Part

MailValues = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a mail is for."""

    address: str
    name: str
    locale: str
    user_id: int | None = None

    @classmethod
    def of(cls, user: User) -> "Recipient":
        return cls(user.email_addr, user.fullname, user.locale, user.id)


@dataclass(frozen=True, slots=True)
class MailContent:
    """What a mail of a kind says; greeting, reason and the way out are everywhere the same."""

    subject: str
    parts: Sequence[Part]


@dataclass(frozen=True, slots=True)
class MailContext:
    """What is known when a mail is about to be sent: the site, the account that it is for, what it is about."""

    session: AsyncSession
    settings: Settings
    user: User | None
    about: Mapping[str, Any]


Find = Callable[[MailContext], Awaitable[tuple[Recipient, MailValues] | None]]
"""Its recipient and what it has to know; None if there is nothing to tell any more."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of mail."""

    name: str
    purpose: str
    """When it is sent, for administrators."""
    find: Find
    words: Callable[[Settings, Recipient, MailValues], MailContent]
    """In the language of the moment."""
    example: MailValues = field(default_factory=dict)
    """What a preview knows."""
    is_asked_for: bool = False
    """Somebody waits for it: it is sent whatever the site's settings say of notices."""
    is_bulk: bool = False
    """It is for accounts that want mail, and has a way to end that."""
    for_administrators: bool = False


def draft(
    kind: Kind, settings: Settings, recipient: Recipient, facts: MailValues, unsubscribe_url: str | None
) -> Draft:
    """The mail, in the language of the moment."""
    words = kind.words(settings, recipient, facts)
    return Draft(
        to=recipient.address,
        subject=words.subject,
        greeting=_("Hello %(name)s,", name=recipient.name),
        parts=words.parts,
        reason=_reason(kind, settings),
        unsubscribe_url=unsubscribe_url,
    )


def _reason(kind: Kind, settings: Settings) -> str:
    if kind.for_administrators:
        return _("You get this because you look after %(brand)s.", brand=settings.brand)
    if kind.is_bulk:
        return _("You get this because your account at %(brand)s wants mail.", brand=settings.brand)
    return _("This message was sent by %(brand)s because of your account there.", brand=settings.brand)


async def to_account(context: MailContext, facts: MailValues | None) -> tuple[Recipient, MailValues] | None:
    """A mail for the account, if both it and something to tell are there."""
    return None if context.user is None or facts is None else (Recipient.of(context.user), facts)
