"""One piece of work on the site's database, as commands do it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from db.errors import AccessDenied, DatabaseUnavailable
from db.probe import probe
from webapp.config import Settings
from webapp.runtime.child import RuntimeFailure
from webapp.runtime.embedded.services import services

Outcome = TypeVar("Outcome")
PATIENCE = 30.0
"""How long an outside database may take to start: it is often started together with Workbee."""


def on_database(settings: Settings, work: Callable[[Settings, str], Awaitable[Outcome]]) -> Outcome:
    """Do the work with the settings and the address of a database that answers."""
    with services(settings) as served:
        return asyncio.run(_once_it_answers(served, work))


async def _once_it_answers(settings: Settings, work: Callable[[Settings, str], Awaitable[Outcome]]) -> Outcome:
    url = settings.database_url
    assert url is not None, "services() gives every address"
    await _wait_for(url)
    return await work(settings, url)


async def _wait_for(url: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return await probe(url)
        except DatabaseUnavailable as error:
            if time.monotonic() > deadline:
                raise RuntimeFailure(f"The database does not answer: {error}.") from None
            await asyncio.sleep(0.5)
        except AccessDenied as error:
            raise RuntimeFailure(f"The database refuses us: {error}.") from None
