"""The site's newsletter: who wants it. The list is here; with Mailchimp it is told of every change, by a job
(docs/contract/jobs.md 11)."""

from db.models import User
from db.queries.accounts import newsletter as queries
from db.queries.site import jobs
from db.repositories.rows import change_row, find_row
from db.session import AsyncSession, Database
from webapp.actor import Actor
from webapp.config import Settings
from webapp.integrations.mailchimp import Mailchimp
from webapp.policies import Action, require

SUBSCRIBE = "subscribe_to_newsletter"
REMOVE = "remove_from_newsletter"


async def answer(session: AsyncSession, actor: Actor, user: User, *, wants: bool) -> None:
    """The account's person wants the newsletter, or does not; they are not asked again."""
    require(actor, Action.ACCOUNT_NEWSLETTER)
    await note_asked(session, user)
    if wants and await queries.add(session, user.id):
        await _start(session, SUBSCRIBE, user_id=user.id)
    elif not wants and await queries.remove(session, user.id):
        await _start(session, REMOVE, email_addr=user.email_addr)


async def note_asked(session: AsyncSession, user: User) -> None:
    """The account's person has seen the question."""
    if not user.newsletter_prompted:
        await change_row(session, user, {"newsletter_prompted": True})


async def leave(session: AsyncSession, user: User) -> None:
    """The account is about to be removed."""
    if await queries.remove(session, user.id):
        await _start(session, REMOVE, email_addr=user.email_addr)


async def move(session: AsyncSession, user: User, old: str) -> None:
    """The account has another address than the `old` one."""
    if await queries.is_subscribed(session, user.id):
        await _start(session, REMOVE, email_addr=old)
        await _start(session, SUBSCRIBE, user_id=user.id)


async def _start(session: AsyncSession, job: str, **arguments: object) -> None:
    await jobs.defer(session, job, arguments, queue="medium", priority=0, lock=None, queueing_lock=None)


async def tell_subscribed(database: Database, settings: Settings, user_id: int) -> None:
    """Have Mailchimp ask the account's address, if it still wants the newsletter. Raises MailchimpFailed."""
    if settings.newsletter != "mailchimp":
        return
    async with database.unit(read_only=True) as uow:
        user = await find_row(uow.session, User, user_id)
        is_wanted = user is not None and await queries.is_subscribed(uow.session, user_id)
    if user is not None and is_wanted:
        client = Mailchimp(settings)
        try:
            await client.subscribe(user.email_addr, user.fullname)
        finally:
            await client.close()


async def tell_removed(settings: Settings, email_addr: str) -> None:
    """Have Mailchimp take this address from the list. Raises MailchimpFailed."""
    if settings.newsletter != "mailchimp":
        return
    client = Mailchimp(settings)
    try:
        await client.remove(email_addr)
    finally:
        await client.close()
