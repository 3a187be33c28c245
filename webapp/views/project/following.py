"""What is done in the background, as it goes on: server-sent events."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from db.session import AsyncSession
from webapp.http.page import RequestContext

TICK_S = 1.0
LONGEST_STREAM = 3600
ENDED = ("done", "failed")


async def follow(
    ctx: RequestContext, look: Callable[[AsyncSession], Awaitable[dict[str, Any] | None]]
) -> AsyncIterator[Any]:
    """What `look` sees, as it changes, until its `state` says that it has ended: one look a second, each in a unit of
    work of its own, so that no connection is held between them."""
    last: dict[str, Any] | None = None
    for _tick in range(LONGEST_STREAM):
        async with ctx.app_services.database.unit(read_only=True) as uow:
            now = await look(uow.session)
        if now is None:
            return
        yield now if now != last else None
        if now["state"] in ENDED or ctx.app_services.streams.has_ended:
            return
        last = now
        await asyncio.sleep(TICK_S)
