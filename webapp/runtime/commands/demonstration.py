"""`workbee demo`: fills an empty database."""

import argparse

from db import upgrade as schema
from webapp.config import Settings
from webapp.demo.fill import DemoFailure, DemoReport, fill
from webapp.runtime.child import RuntimeFailure
from webapp.runtime.commands.database_work import on_database


def fill_demo(settings: Settings, options: argparse.Namespace) -> None:
    """Fill the database, unless it holds the demo already, and print how to sign in."""
    try:
        print(on_database(settings, _fill))
    except DemoFailure as failure:
        raise RuntimeFailure(str(failure)) from None


async def _fill(settings: Settings, url: str) -> DemoReport:
    await schema.upgrade(url)
    return await fill(settings)
