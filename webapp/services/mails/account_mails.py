"""Mails about somebody's own account."""

from time import time
from urllib.parse import quote

from db.repositories.user import UserRepository
from webapp.config import Settings
from webapp.errors import Forbidden
from webapp.i18n import gettext as _
from webapp.i18n import lazy_gettext
from webapp.integrations.letters import Button, Paragraph
from webapp.services.accounts import (
    addresses,
    leaving,
    personal_data,
    recovery,
    registration,
    second_step,
    security_notices,
)
from webapp.services.mails.kinds import Kind, MailContent, MailContext, MailValues, Recipient, to_account
from webapp.urls import account_url


async def _find_recovery(context: MailContext) -> tuple[Recipient, MailValues] | None:
    """The link is made where it is sent, and leads to the site's own address, never to one that was asked."""
    user = await UserRepository(context.session).find_by_email(str(context.about["email_addr"]))
    if user is None:
        return None
    return Recipient.of(user), {"key": recovery.new_token(user, context.settings)}


def _recovery(settings: Settings, _recipient: Recipient, facts: MailValues) -> MailContent:
    asked = _("somebody, hopefully you, asked for a new password for your account at %(brand)s.", brand=settings.brand)
    choose = _("Choose one within the next %(hours)s hours.", hours=recovery.LINK_S // 3600)
    link = f"{settings.base_url}/account/reset-password?key={quote(facts['key'])}"
    return MailContent(
        _("A new password for %(brand)s", brand=settings.brand),
        [
            Paragraph(f"{asked} {choose}"),
            Button(_("Choose a new password"), link),
            Paragraph(_("If it was not you, leave this message alone: your password stays as it is.")),
        ],
    )


async def _find_registration(context: MailContext) -> tuple[Recipient, MailValues] | None:
    """The link, or that there is an account already. None if it is too late for the link."""
    token = str(context.about["token"])
    try:
        wish = registration.opened(token, context.settings)
    except Forbidden:
        return None
    known = await UserRepository(context.session).find_by_email(wish.email_addr)
    if known is not None:
        return Recipient(known.email_addr, known.fullname, wish.locale), {"known": True}
    return Recipient(wish.email_addr, wish.fullname, wish.locale), {"key": token}


def _registration(settings: Settings, _recipient: Recipient, facts: MailValues) -> MailContent:
    subject = _("Your account at %(brand)s", brand=settings.brand)
    if facts.get("known"):
        told = _("somebody, hopefully you, asked for an account at %(brand)s for this address.", brand=settings.brand)
        have = _("You have one already: sign in. There you can ask for a new password, too.")
        return MailContent(
            subject, [Paragraph(f"{told} {have}"), Button(_("Sign in"), f"{settings.base_url}/account/signin")]
        )
    link = f"{settings.base_url}/account/register/confirmation?key={quote(facts['key'])}"
    within = _(
        "open this link within the next %(hours)s hours to have your account at %(brand)s.",
        hours=registration.LINK_S // 3600,
        brand=settings.brand,
    )
    return MailContent(
        subject,
        [
            Paragraph(within),
            Button(_("Confirm my address"), link),
            Paragraph(_("If you did not ask for one, leave this message alone.")),
        ],
    )


async def _find_address(context: MailContext) -> tuple[Recipient, MailValues] | None:
    """A link for the new address, or (somebody else has it) that it cannot be used: whoever reads it knows anyway."""
    user, address = context.user, str(context.about["email_addr"])
    if user is None:
        return None
    other = await UserRepository(context.session).find_by_email(address)
    if other is not None and other.id != user.id:
        return Recipient(other.email_addr, other.fullname, other.locale), {"taken": True}
    key = addresses.new_token(user, address, context.settings, needs_sign_in=bool(context.about["needs_sign_in"]))
    return Recipient(address, user.fullname, user.locale, user.id), {"key": key}


def _address(settings: Settings, _recipient: Recipient, facts: MailValues) -> MailContent:
    subject = _("Confirm your address at %(brand)s", brand=settings.brand)
    if facts.get("taken"):
        told = _("somebody wanted to use this address for another account at %(brand)s.", brand=settings.brand)
        return MailContent(
            subject, [Paragraph(f"{told} {_('It is your account’s, and stays so: there is nothing to do.')}")]
        )
    link = f"{settings.base_url}/account/register/confirmation?key={quote(facts['key'])}"
    within = _(
        "open this link within the next %(hours)s hours to confirm that this is your address.",
        hours=addresses.LINK_S // 3600,
    )
    return MailContent(
        subject,
        [
            Paragraph(within),
            Button(_("Confirm my address"), link),
            Paragraph(_("If you did not ask for it, leave this message alone: nothing changes.")),
        ],
    )


async def _find_address_notice(context: MailContext) -> tuple[Recipient, MailValues] | None:
    if context.user is None:
        return None
    recipient = Recipient(str(context.about["old"]), context.user.fullname, context.user.locale)
    return recipient, {"new": context.about["new"], "name": context.user.name}


def _address_notice(settings: Settings, _recipient: Recipient, facts: MailValues) -> MailContent:
    told = _(
        "your account at %(brand)s is to have another address, %(new)s, once that is confirmed.",
        brand=settings.brand,
        new=facts["new"],
    )
    otherwise = _("Was it not you? Change your password now: the link that was mailed there is worth nothing then.")
    link = f"{settings.base_url}{account_url(str(facts['name']), 'update')}"
    return MailContent(
        _("Another address for your account at %(brand)s", brand=settings.brand),
        [Paragraph(told), Paragraph(otherwise), Button(_("Change my password"), link)],
    )


async def _find_personal_data(context: MailContext) -> tuple[Recipient, MailValues] | None:
    return await to_account(context, {"name": context.user.name} if context.user is not None else None)


def _personal_data(settings: Settings, _recipient: Recipient, facts: MailValues) -> MailContent:
    told = _("everything that %(brand)s keeps about you is ready, as one file.", brand=settings.brand)
    link = f"{settings.base_url}{account_url(str(facts['name']), 'export')}"
    return MailContent(
        _("Your data at %(brand)s", brand=settings.brand),
        [
            Paragraph(told),
            Button(_("Download"), link),
            Paragraph(_("You are asked to sign in, so that nobody else has it.")),
        ],
    )


async def _find_deleted(context: MailContext) -> tuple[Recipient, MailValues] | None:
    about = context.about
    return Recipient(str(about["email_addr"]), str(about["fullname"]), str(about["locale"])), about


def _deleted(settings: Settings, _recipient: Recipient, facts: MailValues) -> MailContent:
    told = {
        "oneself": _("your account at %(brand)s is removed, as you wished.", brand=settings.brand),
        "administrator": _("an administrator has removed your account at %(brand)s.", brand=settings.brand),
        "inactive": _("your account at %(brand)s is removed: it was not used for a long time.", brand=settings.brand),
    }[str(facts["by"])]
    stays = _("Name, address and settings are gone; your answers stay, of nobody in particular.")
    return MailContent(
        _("Your account at %(brand)s is removed", brand=settings.brand),
        [Paragraph(f"{told} {stays}"), Paragraph(_("Thank you for every answer."))],
    )


async def _find_deleted_notice(context: MailContext) -> tuple[Recipient, MailValues] | None:
    return await to_account(context, context.about)


def _deleted_notice(settings: Settings, _recipient: Recipient, facts: MailValues) -> MailContent:
    told = _(
        "the account %(name)s has left %(brand)s. Should its address be in lists elsewhere, take it out of them: "
        "%(address)s",
        name=facts["name"],
        brand=settings.brand,
        address=facts["email_addr"],
    )
    return MailContent(_("An account has left %(brand)s", brand=settings.brand), [Paragraph(told)])


async def _find_account(context: MailContext) -> tuple[Recipient, MailValues] | None:
    return await to_account(context, {})


async def _find_inactive(context: MailContext) -> tuple[Recipient, MailValues] | None:
    """None if there was an answer meanwhile, which takes the warning back."""
    is_warned = context.user is not None and context.user.notified_at is not None
    return await to_account(context, {} if is_warned else None)


def _inactive(settings: Settings, _recipient: Recipient, _facts: MailValues) -> MailContent:
    told = _(
        "you have not been at %(brand)s for a long time. We keep no accounts that nobody uses: yours is removed in "
        "%(days)s days. One answer to a task keeps it.",
        brand=settings.brand,
        days=settings.inactive_delete_days,
    )
    return MailContent(
        _("Your account at %(brand)s will be removed", brand=settings.brand),
        [Paragraph(told), Button(_("Find a project"), f"{settings.base_url}/project/")],
    )


def _missed(settings: Settings, _recipient: Recipient, _facts: MailValues) -> MailContent:
    told = _("you have helped at %(brand)s, and we miss you: there are tasks that wait.", brand=settings.brand)
    return MailContent(
        _("We miss you at %(brand)s", brand=settings.brand),
        [Paragraph(told), Button(_("Find a project"), f"{settings.base_url}/project/")],
    )


def _never(settings: Settings, _recipient: Recipient, _facts: MailValues) -> MailContent:
    told = _(
        "you have an account at %(brand)s, and have not answered a task yet. A few minutes are enough, and every "
        "answer counts.",
        brand=settings.brand,
    )
    return MailContent(
        _("Your first answer at %(brand)s", brand=settings.brand),
        [Paragraph(told), Button(_("Find a project"), f"{settings.base_url}/project/")],
    )


async def _find_code(context: MailContext) -> tuple[Recipient, MailValues] | None:
    """The code is made where it is sent. None if it is too late for it."""
    if context.user is None or time() > context.about["until"]:
        return None
    code = second_step.mailed_code(context.settings, context.user.id, str(context.about["nonce"]))
    return Recipient.of(context.user), {"code": code}


def _code(settings: Settings, _recipient: Recipient, facts: MailValues) -> MailContent:
    warning = _(
        "It is good for five minutes. If you are not signing in just now, somebody knows your password: change it, and "
        "give the code to nobody."
    )
    return MailContent(
        _("Your code for %(brand)s", brand=settings.brand),
        [
            Paragraph(_("your code to sign in to %(brand)s is", brand=settings.brand)),
            Paragraph(str(facts["code"])),
            Paragraph(warning),
        ],
    )


async def _find_security(context: MailContext) -> tuple[Recipient, MailValues] | None:
    return await to_account(context, {**context.about, "name": context.user.name} if context.user is not None else None)


def _security(settings: Settings, _recipient: Recipient, facts: MailValues) -> MailContent:
    told = security_notices.told(str(facts["what"]), str(facts["detail"]))
    otherwise = _("If it was not you, choose a new password at once, and look at where you are signed in.")
    link = f"{settings.base_url}{account_url(str(facts['name']), 'security')}"
    return MailContent(
        _("Your account at %(brand)s", brand=settings.brand),
        [
            Paragraph(_("at %(brand)s %(what)s.", brand=settings.brand, what=told)),
            Paragraph(otherwise),
            Button(_("How I sign in"), link),
        ],
    )


_EXAMPLE_ACCOUNT = {"email_addr": "ada@example.com", "fullname": "Ada Bee", "name": "ada", "locale": "en"}

ACCOUNT_KINDS = (
    Kind(
        registration.MAIL_KIND,
        lazy_gettext("Somebody wants an account."),
        _find_registration,
        _registration,
        {"key": "example"},
        is_asked_for=True,
    ),
    Kind(
        addresses.MAIL_KIND,
        lazy_gettext("An address is to be confirmed: a changed one, or of an account that was made without mail."),
        _find_address,
        _address,
        {"key": "example"},
        is_asked_for=True,
    ),
    Kind(
        addresses.NOTICE_KIND,
        lazy_gettext("Somebody changes their address: this goes to the old one."),
        _find_address_notice,
        _address_notice,
        {"new": "ada@new.example", "name": "ada"},
        is_asked_for=True,
    ),
    Kind(
        recovery.MAIL_KIND,
        lazy_gettext("Somebody has forgotten their password."),
        _find_recovery,
        _recovery,
        {"key": "example"},
        is_asked_for=True,
    ),
    Kind(
        second_step.MAIL_KIND,
        lazy_gettext("Somebody signs in, and their second step is a code by mail."),
        _find_code,
        _code,
        {"code": "123456"},
        is_asked_for=True,
    ),
    Kind(
        security_notices.MAIL_KIND,
        lazy_gettext("What an account signs in with has changed."),
        _find_security,
        _security,
        {"what": "password changed", "detail": "", "name": "ada"},
        is_asked_for=True,
    ),
    Kind(
        personal_data.MAIL_KIND,
        lazy_gettext("Somebody has asked for a copy of their data by the API."),
        _find_personal_data,
        _personal_data,
        {"name": "ada"},
        is_asked_for=True,
    ),
    Kind(
        leaving.MAIL_KIND,
        lazy_gettext("An account is removed: this goes to its address."),
        _find_deleted,
        _deleted,
        _EXAMPLE_ACCOUNT | {"by": "oneself"},
        is_asked_for=True,
    ),
    Kind(
        leaving.NOTICE_KIND,
        lazy_gettext("Somebody has removed their account."),
        _find_deleted_notice,
        _deleted_notice,
        _EXAMPLE_ACCOUNT,
        for_administrators=True,
    ),
    Kind(
        "inactive",
        lazy_gettext("An account was not used for as long as the settings say, and is going to be removed."),
        _find_inactive,
        _inactive,
    ),
    Kind(
        "missed",
        lazy_gettext("Four times a year: the last answer was three to twelve months ago."),
        _find_account,
        _missed,
        is_bulk=True,
    ),
    Kind(
        "never",
        lazy_gettext("Four times a year: an account has never answered."),
        _find_account,
        _never,
        is_bulk=True,
    ),
)
