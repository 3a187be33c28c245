"""How Alembic runs our migrations: on the connection that `db.upgrade` hands over, in one transaction each."""

from alembic import context
from sqlalchemy import text

from db.models import METADATA

LOCK_TIMEOUT = "5s"
"""A migration waits no longer for a table: the site goes on being served, and the migration is run again."""


def run() -> None:
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        compare_server_default=True,
        transaction_per_migration=True,
        include_object=lambda _thing, name, _kind, _reflected, _other: not str(name).startswith("procrastinate"),
    )
    with context.begin_transaction():
        connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
        context.run_migrations()


run()
