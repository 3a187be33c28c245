"""Jobs that were given up: why, and what administrators do about them."""

import traceback

from db.queries.site import jobs, mails
from db.queries.site.jobs import FailedJob
from db.session import AsyncSession, Database
from webapp.actor import Actor
from webapp.errors import NotFound
from webapp.integrations.queue import Queue
from webapp.policies import Action, require
from webapp.services.mails import outbox
from webapp.services.site import admin_record

LONGEST_TRACE = 60_000
"""Characters, the last ones: the cause is at the end."""
KEPT_DAYS = 30
MAIL_KIND = "job_failed"
MUTED_HOURS = 7 * 24
"""How long administrators hear nothing more of failing jobs of one name."""
SHOWN = 2000
"""Characters of a traceback that a mail has."""


async def note(database: Database, job_id: int, error: BaseException) -> None:
    """Keep the traceback of a job's failure."""
    lines = "".join(traceback.format_exception(error)).replace("\x00", "")
    async with database.unit() as uow:
        await jobs.note_failure(uow.session, job_id, lines[-LONGEST_TRACE:])


async def tell(database: Database, job_name: str, error: BaseException) -> None:
    """Have the administrators told that such a job was given up. A mail that cannot be sent is told by none."""
    if job_name in (outbox.SEND, outbox.GO_ON):
        return
    lines = "".join(traceback.format_exception(error)).replace("\x00", "")
    async with database.unit() as uow:
        if not await mails.was_written(uow.session, MAIL_KIND, job_name, hours=MUTED_HOURS):
            about = {"job": job_name, "error": lines[-SHOWN:]}
            await outbox.post_to_administrators(uow.session, MAIL_KIND, topic=job_name, about=about)


async def forget_old(database: Database) -> None:
    """Forget what was given up a month ago."""
    async with database.unit() as uow:
        await jobs.forget_failures(uow.session, days=KEPT_DAYS)


async def retry(session: AsyncSession, queue: Queue, actor: Actor, job_id: int) -> FailedJob:
    """Have the job done again, as if it had never been tried. Raises NotFound for one that was not given up."""
    job = await _failed(session, actor, job_id)
    await jobs.remove_failed(session, job_id)
    await queue.enqueue(session, job.name, queue=job.queue, lock=job.lock, **job.arguments)
    await admin_record.note(session, actor, "retry", "job", job.id, job.name)
    return job


async def drop(session: AsyncSession, actor: Actor, job_id: int) -> FailedJob:
    """Forget the job. Raises NotFound for one that was not given up."""
    job = await _failed(session, actor, job_id)
    await jobs.remove_failed(session, job_id)
    await admin_record.note(session, actor, "drop", "job", job.id, job.name)
    return job


async def _failed(session: AsyncSession, actor: Actor, job_id: int) -> FailedJob:
    require(actor, Action.ADMIN)
    job = await jobs.find_failed(session, job_id)
    if job is None:
        raise NotFound
    return job
