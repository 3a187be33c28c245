"""`workbee db …`: looks after the database's schema."""

import argparse

from db import upgrade as schema
from webapp.config import Settings
from webapp.runtime.database_work import on_database


def upgrade(settings: Settings, options: argparse.Namespace) -> None:
    """Bring the schema up to date."""
    on_database(settings, lambda _, url: schema.upgrade(url))


def revision(settings: Settings, options: argparse.Namespace) -> None:
    """Draft a migration from the difference between models and database."""
    print(on_database(settings, lambda _, url: schema.revision(url, options.message)))


def check(settings: Settings, options: argparse.Namespace) -> int:
    """Print where the schema differs from the models; status 1 if it does anywhere."""
    differences = on_database(settings, lambda _, url: schema.check(url))
    for difference in differences:
        print(difference)
    return 1 if differences else 0
