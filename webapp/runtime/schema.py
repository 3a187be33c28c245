"""`workbee db …`: looks after the database's schema."""

import argparse
import asyncio

from db import upgrade as schema
from webapp.config import Settings
from webapp.runtime.services import services


def upgrade(settings: Settings, options: argparse.Namespace) -> None:
    """Bring the schema up to date."""
    with services(settings) as served:
        asyncio.run(schema.upgrade(_address(served)))


def revision(settings: Settings, options: argparse.Namespace) -> None:
    """Draft a migration from the difference between models and database."""
    with services(settings) as served:
        print(asyncio.run(schema.revision(_address(served), options.message)))


def check(settings: Settings, options: argparse.Namespace) -> int:
    """Print where the schema differs from the models; status 1 if it does anywhere."""
    with services(settings) as served:
        differences = asyncio.run(schema.check(_address(served)))
    for difference in differences:
        print(difference)
    return 1 if differences else 0


def _address(settings: Settings) -> str:
    assert settings.database_url is not None, "services() gives every address"
    return settings.database_url
