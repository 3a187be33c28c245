"""`workbee demo`: fills an empty database."""

import argparse
import asyncio

from db import upgrade as schema
from webapp.config import Settings
from webapp.demo.fill import DemoFailure, fill
from webapp.runtime.child import RuntimeFailure
from webapp.runtime.services import services


def fill_demo(settings: Settings, options: argparse.Namespace) -> None:
    """Fill the database, unless it holds the demo already, and print how to sign in."""
    with services(settings) as served:
        asyncio.run(_fill(served))


async def _fill(settings: Settings) -> None:
    assert settings.database_url is not None, "services() gives every address"
    await schema.upgrade(settings.database_url)
    try:
        print(await fill(settings))
    except DemoFailure as failure:
        raise RuntimeFailure(str(failure)) from None
