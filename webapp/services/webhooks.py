"""Webhooks: telling a project's own server that a task is complete (03-model section 5, 05-jobs section 6)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import Project, Webhook
from db.session import Database
from webapp.integrations.outbound import Outbound, OutboundError
from webapp.integrations.queue import Queue

JOB = "deliver_webhook"
HEADERS = {"Accept": "text/plain"}
FIRED_AT = "%Y-%m-%d %H:%M:%S"
CONNECTION_ERROR = "Connection Error"


async def announce(session: AsyncSession, queue: Queue, project_id: int, task_id: int, result_id: int) -> None:
    """Have the worker tell the project's server, once the completion has committed."""
    fired = datetime.now(UTC).strftime(FIRED_AT)
    await queue.enqueue(
        session, JOB, queue="high", project_id=project_id, task_id=task_id, result_id=result_id, fired_at=fired
    )


async def announce_all(
    session: AsyncSession, queue: Queue, project: Project, completed: Sequence[tuple[int, int]]
) -> None:
    """Have the worker tell the project's server, if it has one, of every (task, result) in `completed`."""
    for task_id, result_id in completed if project.webhook else ():
        await announce(session, queue, project.id, task_id, result_id)


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
) -> None:
    """Send it, and record what came of it: the owner sees the row, and can send it again. No connection is held
    meanwhile."""
    async with database.unit(read_only=True) as uow:
        project = await uow.session.get(Project, project_id)
    if project is None or not project.webhook:
        return
    body = payload(project, task_id, result_id, fired_at)
    try:
        status, answer = await outbound.post_json(project.webhook, orjson.dumps(body), HEADERS)
    except OutboundError:
        status, answer = None, CONNECTION_ERROR
    async with database.unit() as uow:
        row = Webhook(project_id=project_id, payload=body, response=answer, response_status_code=status)
        uow.session.add(row)
