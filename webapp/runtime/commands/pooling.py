"""`workbee db pooler`: what PgBouncer has to be told."""

import argparse

from db.pooler import MOST_STATEMENTS, entries
from webapp.config import STATEMENT_SECONDS, Settings
from webapp.config_parsing import PREFIX
from webapp.runtime.child import RuntimeFailure

VARIABLE = f"{PREFIX}POOLER_URL"


def show(settings: Settings, options: argparse.Namespace) -> None:
    """Print the lines of pgbouncer.ini that Workbee needs."""
    if settings.pooler_url is None or settings.database_url is None:
        raise RuntimeFailure(f"There is no pooler in the settings: {VARIABLE}.")
    print(f"; PgBouncer 1.21 or newer, for {VARIABLE}\n[databases]")
    for name, entry in entries(settings.pooler_url, settings.database_url, STATEMENT_SECONDS).items():
        print(f"{name} = {entry}")
    print(f"\n[pgbouncer]\npool_mode = transaction\nmax_prepared_statements = {MOST_STATEMENTS}")
