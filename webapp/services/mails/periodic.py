"""Mails by the calendar, and what goes with them. Each is begun once for its day, whatever number of workers there is:
its key says which day that is."""

from datetime import UTC, datetime

from db.models import User
from db.queries.accounts import leaving as leaving_queries
from db.queries.site import mail_audiences
from db.repositories.rows import find_row
from db.session import Database
from webapp.actor import SYSTEM
from webapp.config import Settings
from webapp.services.accounts import leaving
from webapp.services.mails import outbox
from webapp.services.mails.project_mails import IDLE_KIND, WEEKLY_KIND
from webapp.services.site.files import FileStore

QUARTERLY = ("missed", "never")
CHUNK = 100


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


async def begin(database: Database, settings: Settings, *kinds: str) -> None:
    """Begin bulk mails of these kinds, those of today."""
    if not (settings.sends_mail and settings.mail_notices):
        return
    async with database.unit() as uow:
        for kind in kinds:
            await outbox.post_to_many(uow.session, kind, f"{kind}:{_today()}")


async def begin_weekly(database: Database, settings: Settings) -> None:
    """Begin the reports to owners."""
    await begin(database, settings, WEEKLY_KIND)


async def unpublish_idle(database: Database, settings: Settings) -> None:
    """Make drafts of projects that nothing comes of, and tell their owners."""
    if settings.unpublish_idle_projects:
        await begin(database, settings, IDLE_KIND)


async def warn_inactive(database: Database, settings: Settings) -> None:
    """Tell accounts that are not used that they are going to be removed."""
    if settings.inactive_months:
        await begin(database, settings, "inactive")


async def remove_inactive(database: Database, files: FileStore, settings: Settings) -> int:
    """Remove accounts that were told so and are not used since; how many. Each is a transaction of its own, in which
    it is looked at once more."""
    if not (settings.inactive_months and settings.sends_mail and settings.mail_notices):
        return 0
    n_removed, last = 0, 0
    while True:
        async with database.unit(read_only=True) as uow:
            ids = await mail_audiences.to_remove(uow.session, last, days=settings.inactive_delete_days, limit=CHUNK)
        if not ids:
            return n_removed
        for user_id in ids:
            n_removed += await _remove(database, files, settings, user_id)
        last = ids[-1]


async def _remove(database: Database, files: FileStore, settings: Settings, user_id: int) -> bool:
    async with database.unit() as uow:
        due = await mail_audiences.to_remove(uow.session, user_id - 1, days=settings.inactive_delete_days, limit=1)
        user = await find_row(uow.session, User, user_id) if due == [user_id] else None
        if user is None or not (await leaving_queries.ties(uow.session, user_id)).free:
            return False
        await files.detach(uow, SYSTEM, user)
        await leaving.remove_account(uow.session, user, by="inactive")
    return True
