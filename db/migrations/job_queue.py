"""The job queue's schema: the migrations that its package brings, each applied once.

They are read from the installed package, whose names for them begin with the version that they belong to. From version
3 on, those named `pre` are for before the new version runs, and those named `post` for when the one before has stopped.
"""

from pathlib import Path

from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, text

from db.migrations.script import run_script

FOLDER = Path(SchemaManager.get_migrations_path())
AFTERWARDS = "_post_"

_RECORD = text("""
CREATE TABLE IF NOT EXISTS job_queue_migration (name text PRIMARY KEY, applied timestamptz NOT NULL DEFAULT now())
""")
_APPLIED = text("SELECT name FROM job_queue_migration")
_IS_RECORDED = text("SELECT to_regclass('job_queue_migration') IS NOT NULL")
_APPLY = text("INSERT INTO job_queue_migration (name) VALUES (:name)")


def missing(connection: Connection) -> list[str]:
    """The names of the migrations that the installed package has and the database has not, in their order."""
    applied = set(connection.scalars(_APPLIED)) if connection.scalar(_IS_RECORDED) else set()
    return sorted({file.name for file in FOLDER.glob("*.sql")} - applied)


def upgrade(connection: Connection, *, serving: bool) -> None:
    """Apply what is missing, each in a transaction of its own.

    Where a site may be `serving`, what comes `post` is left for the next time if anything before it is to be applied.
    """
    connection.execute(_RECORD)
    connection.commit()
    names = missing(connection)
    for name in (_not_afterwards(names) or names) if serving else names:
        run_script(connection, (FOLDER / name).read_text(encoding="utf-8"))
        connection.execute(_APPLY, {"name": name})
        connection.commit()


def _not_afterwards(names: list[str]) -> list[str]:
    """All but the last ones that are to wait until the version before has stopped."""
    before = [place for place, name in enumerate(names, 1) if AFTERWARDS not in name]
    return names[: max(before, default=0)]
