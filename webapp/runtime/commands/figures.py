"""`workbee figures …`: holds the figures kept of many answers to the rows, and makes them anew."""

import argparse
from collections.abc import Awaitable, Callable
from typing import TypeVar

from db.session import Database
from webapp.config import Settings
from webapp.runtime.commands.database_work import on_database
from webapp.services.site import figures

Outcome = TypeVar("Outcome")


def check(settings: Settings, options: argparse.Namespace) -> int:
    """Print where figures differ from a recount of all rows; status 1 if they do anywhere."""
    found = on_database(settings, lambda _, url: _with(url, figures.check))
    for one in found:
        key = ", ".join(f"{name} {value}" for name, value in one.key.items())
        print(f"{one.table}, {key}: {one.kept} is kept, {one.counted} counted")
    return 1 if found else 0


def rebuild(settings: Settings, options: argparse.Namespace) -> None:
    """Make all figures anew."""
    on_database(settings, lambda _, url: _with(url, figures.rebuild))


async def _with(url: str, work: Callable[[Database], Awaitable[Outcome]]) -> Outcome:
    database = Database(url, pool_size=1)
    try:
        return await work(database)
    finally:
        await database.close()
