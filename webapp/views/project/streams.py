"""A project's streams of events: what its owners are told, and how far it is for everybody (docs/contract/pages.md
4.6)."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from quart import Blueprint

from db.queries.assignment.progress import progress_of
from webapp.errors import NotFound
from webapp.http.page import RequestContext, page
from webapp.http.stream import Events
from webapp.integrations.streams import TOUCHED, Audience
from webapp.policies import Action
from webapp.views.project.context import gated_context, owned_context

blueprint = Blueprint("project_streams", __name__)


@page(blueprint, "/project/<short_name>/privatestream", action=Action.PROJECT_UPDATE, sign_in=True)
async def private(ctx: RequestContext, short_name: str) -> Events:
    """What happens behind the project: calls of its webhook, imports that have ended."""
    _require_setting(ctx)
    context = await owned_context(ctx, short_name)
    return _opened(ctx, "private", context.project.id)


@page(blueprint, "/project/<short_name>/publicstream", action=Action.PROJECT_VIEW)
async def public(ctx: RequestContext, short_name: str) -> Events:
    """How far the project is, as answers come."""
    _require_setting(ctx)
    context = await gated_context(ctx, short_name)
    return _opened(ctx, "public", context.project.id)


def _require_setting(ctx: RequestContext) -> None:
    if not ctx.settings.sse:
        raise NotFound


def _opened(ctx: RequestContext, audience: Audience, project_id: int) -> Events:
    ctx.app_services.streams.check_room(project_id, ctx.client_ip)
    return Events(_messages(ctx, audience, project_id, ctx.client_ip))


async def _messages(ctx: RequestContext, audience: Audience, project_id: int, address: str) -> AsyncIterator[Any]:
    async with aclosing(ctx.app_services.streams.listen(audience, project_id, address)) as messages:
        async for message in messages:
            if message is None:
                yield None
            elif message["type"] != TOUCHED:
                yield {"type": message["type"], "data": message["data"]}
            else:
                yield {"type": "progress", "data": await _progress(ctx, project_id, message["serial"])}


async def _progress(ctx: RequestContext, project_id: int, serial: int) -> dict[str, Any]:
    """How far the project is, read once for all who hear this message in this process."""
    services = ctx.app_services

    async def read() -> dict[str, Any]:
        async with services.database.unit(read_only=True) as uow:
            progress = (await progress_of(uow.session, [project_id]))[project_id]
        names = ("n_tasks", "n_completed_tasks", "n_task_runs", "n_results", "n_volunteers")
        told = {name: getattr(progress, name) for name in names}
        return told | {"overall_progress": progress.whole_percent, "last_activity": progress.last_activity}

    return await services.pages.get(("stream", project_id, serial), read)
