"""Webhooks: telling a project's own server that a task is complete (docs/contract/model.md 5,
docs/contract/jobs.md 6)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit

from db import json
from db.models import Project, Webhook
from db.queries.site import mails
from db.repositories import WebhookRepository
from db.repositories.rows import add_row, find_row
from db.session import AsyncSession, Database
from webapp.actor import Actor
from webapp.integrations.outbound import Outbound, OutboundError
from webapp.integrations.queue import WEBHOOKS, Queue
from webapp.policies import Action, about_project, require
from webapp.services.mails import outbox

JOB = "deliver_webhook"
MAIL_KIND = "webhook_broken"
ADMINS_KIND = "webhook_broken_notice"
OK = 200
AGAIN = "redeliver_webhook"
HEADERS = {"Accept": "text/plain"}
LONGEST_ANSWER = 64_000
"""Characters of an answer that are recorded."""
FIRED_AT = "%Y-%m-%d %H:%M:%S"
SHOWN = ("id", "created", "updated", "project_id", "payload", "response", "response_status_code")
CONNECTION_ERROR = "Connection Error"
RERUN = "rerun=True"


class HasOwner(Protocol):
    """What has to be known of a project to call its server."""

    @property
    def id(self) -> int: ...

    @property
    def owner_id(self) -> int: ...


async def announce(session: AsyncSession, queue: Queue, project: HasOwner, task_id: int, result_id: int) -> None:
    """Have the worker tell the project's server, once the completion has committed."""
    fired = datetime.now(UTC).strftime(FIRED_AT)
    await queue.enqueue(
        session,
        JOB,
        queue=WEBHOOKS,
        lock=_lock(project),
        project_id=project.id,
        task_id=task_id,
        result_id=result_id,
        fired_at=fired,
    )


async def announce_all(
    session: AsyncSession, queue: Queue, project: Project, completed: Sequence[tuple[int, int]]
) -> None:
    """Have the worker tell the project's server, if it has one, of every (task, result) in `completed`."""
    for task_id, result_id in completed if project.webhook else ():
        await announce(session, queue, project, task_id, result_id)


def _lock(project: HasOwner) -> str:
    """Calls for one owner are made one after another: a server that takes its time keeps only their own waiting."""
    return f"webhook:user:{project.owner_id}"


def payload(project: Project, task_id: int, result_id: int, fired_at: str) -> dict[str, Any]:
    return {
        "event": "task_completed",
        "project_short_name": project.short_name,
        "project_id": project.id,
        "task_id": task_id,
        "result_id": result_id,
        "fired_at": fired_at,
    }


async def deliver(
    database: Database, outbound: Outbound, project_id: int, task_id: int, result_id: int, fired_at: str
) -> Webhook | None:
    """Send it, and record what came of it: the owner sees the row, and can send it again. No connection is held
    meanwhile. None where there is nobody to tell."""
    async with database.unit(read_only=True) as uow:
        project = await find_row(uow.session, Project, project_id)
    if project is None or not project.webhook:
        return None
    body = payload(project, task_id, result_id, fired_at)
    status, answer = await _call(outbound, project.webhook, body)
    async with database.unit() as uow:
        row = Webhook(project_id=project_id, payload=body, response=answer, response_status_code=status)
        await add_row(uow.session, row)
        await _tell_if_broken(uow.session, project, status)
        return row


async def _tell_if_broken(session: AsyncSession, project: Project, status: int | None) -> None:
    """Have the owner and the administrators told that a published project's server does not take calls, once a day."""
    if status == OK or not project.published or await mails.was_written(session, MAIL_KIND, str(project.id), hours=24):
        return
    about = {"project_id": project.id, "status": status}
    await outbox.post(session, MAIL_KIND, user_id=project.owner_id, topic=str(project.id), about=about)
    await outbox.post_to_administrators(session, ADMINS_KIND, topic=str(project.id), about=about)


async def _call(outbound: Outbound, url: str, body: Any) -> tuple[int | None, str]:
    """The status and the text that the project's server answered with."""
    try:
        status, answer = await outbound.post_json(url, json.dumps(body), HEADERS)
    except OutboundError:
        return None, CONNECTION_ERROR
    # No row can hold a NUL, and a call that cannot be recorded would be made again and again.
    return status, answer.replace("\x00", "")[:LONGEST_ANSWER]


async def call_again(session: AsyncSession, queue: Queue, actor: Actor, project: Project, row: Webhook) -> None:
    """Have the worker make this call once more."""
    require_calls(actor, project)
    await queue.enqueue(session, AGAIN, queue=WEBHOOKS, lock=_lock(project), webhook_id=row.id)


async def call_all_again(
    session: AsyncSession, queue: Queue, actor: Actor, project: Project, *, failed_only: bool
) -> int:
    """Have the worker make all calls of the project once more, or those that failed; how many."""
    require_calls(actor, project)
    calls = WebhookRepository(session)
    rows = await (calls.failed(project.id) if failed_only else calls.of_project(project.id))
    for row in rows:
        await call_again(session, queue, actor, project, row)
    return len(rows)


def require_calls(actor: Actor, project: Project) -> None:
    """Return if the actor runs the project; whether the feature is open to them is the route's to ask."""
    require(actor, Action.PROJECT_UPDATE, about_project(project))


async def redeliver(database: Database, outbound: Outbound, webhook_id: int) -> Webhook | None:
    """Make a call once more, marked as such, and record the new answer in its row."""
    async with database.unit(read_only=True) as uow:
        row = await find_row(uow.session, Webhook, webhook_id)
        project = await find_row(uow.session, Project, row.project_id) if row is not None else None
    if row is None or project is None or not project.webhook:
        return None
    status, answer = await _call(outbound, _marked(project.webhook), row.payload)
    async with database.unit() as uow:
        now = await find_row(uow.session, Webhook, webhook_id)
        if now is not None:
            now.response, now.response_status_code, now.updated = answer, status, datetime.now(UTC)
    return now


def shown(row: Webhook) -> dict[str, Any]:
    """A call as clients see it."""
    return {name: getattr(row, name) for name in SHOWN}


def _marked(url: str) -> str:
    """The address with `rerun=True` among its parameters."""
    parts = urlsplit(url)
    query = f"{parts.query}&{RERUN}" if parts.query else RERUN
    return urlunsplit(parts._replace(query=query))
