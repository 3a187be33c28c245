"""`workbee db …`: looks after the database's schema."""

import argparse

from db import upgrade as schema
from db.errors import TransientError
from webapp.config import Settings
from webapp.runtime.child import RuntimeFailure
from webapp.runtime.commands.database_work import on_database


def upgrade(settings: Settings, options: argparse.Namespace) -> None:
    """Bring the schema up to date."""
    try:
        on_database(settings, lambda _, url: schema.upgrade(url))
    except TransientError as refused:
        raise RuntimeFailure(f"Others are using what is to be changed, so nothing is: try again. ({refused})") from None
    except schema.UnknownRevision as unknown:
        raise RuntimeFailure(f"The database is of another version of Workbee: {unknown}.") from None


def revision(settings: Settings, options: argparse.Namespace) -> None:
    """Draft a migration from what is different in the models and in the functions."""
    print(on_database(settings, lambda _, url: schema.revision(url, options.message)))


def check(settings: Settings, options: argparse.Namespace) -> int:
    """Print where the schema differs from the models; status 1 if it does anywhere."""
    differences = on_database(settings, lambda _, url: schema.check(url))
    for difference in differences:
        print(difference)
    return 1 if differences else 0
