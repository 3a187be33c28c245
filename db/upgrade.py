"""Bringing a database's schema up to date, and saying where it differs from the models.

Alembic, set up in code: it works the same in a checkout and in an installed wheel.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.pool import NullPool

from db import functions
from db.engine import create_engine
from db.errors import DatabaseError
from db.migrations import job_queue
from db.migrations.functions import FOLDER, newest, texts
from db.models import METADATA

log = logging.getLogger(__name__)

Returned = TypeVar("Returned")
MIGRATIONS = Path(__file__).parent / "migrations"
VERSIONS = MIGRATIONS / "versions"
ONE_AT_A_TIME = 0x7762_02
"""The advisory lock under which migrations run: two servers that start at once must not both migrate."""
LOCK_TIMEOUT = "5s"
"""A migration waits no longer for a table: the site goes on being served, and the migration is run again."""
NAMED = "%Y%m%d_%H%M"
"""How a revision is named: by its minute."""
THE_QUEUES = ("procrastinate", "job_queue")
"""What the names of the job queue's own tables begin with."""
COMPARED = {
    "target_metadata": METADATA,
    "compare_server_default": True,
    "include_object": lambda _thing, name, _kind, _reflected, _other: not str(name).startswith(THE_QUEUES),
}


class UnknownRevision(DatabaseError):
    """The database was made by other code than ours, or by code that has not been released."""


def _config(versions: Path, connection: Connection | None = None, **attributes: Any) -> Config:
    options = {
        "script_location": str(MIGRATIONS),
        "path_separator": "newline",
        "version_locations": str(versions),
        "recursive_version_locations": "true",
        "file_template": "%(rev)s_%(slug)s/revision",
    }
    config = Config()
    for name, value in options.items():
        config.set_main_option(name, value.replace("%", "%%"))
    config.attributes |= {"connection": connection, "options": COMPARED} | attributes
    return config


async def _run(url: str, work: Callable[[Connection], Returned]) -> Returned:
    # Whoever waits for another one's migrations waits as long as they take.
    engine = create_engine(url, settings={"lock_timeout": "0"}, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


async def _migrate(url: str, work: Callable[[Connection], None]) -> None:
    """Do the work while nobody else migrates; the lock ends with the connection."""

    def alone(connection: Connection) -> None:
        connection.execute(text(f"SELECT pg_advisory_lock({ONE_AT_A_TIME})"))
        connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.commit()
        work(connection)
        connection.commit()

    await _run(url, alone)


async def upgrade(url: str, revision: str = "head", *, versions: Path = VERSIONS) -> None:
    """Apply the migrations that are missing, the job queue's and ours; none of ours to a database that later code has
    migrated.

    Raises TransientError if others keep a lock for too long: what has been applied by then stays, and the rest is
    applied by the next call. Raises UnknownRevision.
    """

    def work(connection: Connection) -> None:
        config = _config(versions, connection)
        current = MigrationContext.configure(connection).get_current_revision()
        job_queue.upgrade(connection, serving=current is not None)
        # Alembic commits no transaction that others have begun.
        connection.commit()
        if not _is_ahead(current, config):
            command.upgrade(config, revision)

    await _migrate(url, work)


def _is_ahead(current: str | None, config: Config) -> bool:
    """Whether the database is at a revision that is later than all we know: the code has been taken back since."""
    known = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    if current is None or current in known:
        return False
    if current < max(known):
        raise UnknownRevision(f"its revision {current} is none of ours")
    log.warning("The database is at revision %s, and the newest known here is %s.", current, max(known))
    return True


async def downgrade(url: str, revision: str, *, versions: Path = VERSIONS) -> None:
    """Take migrations of ours back, down to this revision."""
    await _migrate(url, lambda connection: command.downgrade(_config(versions, connection), revision))


async def check(url: str) -> list[str]:
    """Where the schema differs from the models, from the newest migration or from what the job queue's package brings;
    empty if it does not."""

    def work(connection: Connection) -> list[str]:
        context = MigrationContext.configure(connection, opts=COMPARED)
        found = [str(difference) for difference in compare_metadata(context, METADATA)]
        found += [f"the job queue lacks its migration {name}" for name in job_queue.missing(connection)]
        newest_revision = ScriptDirectory.from_config(_config(VERSIONS)).get_current_head()
        if context.get_current_revision() != newest_revision:
            found.append(f"at revision {context.get_current_revision()}, the newest is {newest_revision}")
        return found

    return await _run(url, work)


async def revision(url: str, message: str, *, versions: Path = VERSIONS, present: Path = functions.FOLDER) -> str:
    """Draft a migration from the differences between models and database, and between the functions as they are at
    present and their newest copies; its path."""

    def work(connection: Connection) -> str:
        changed = _changed(texts(present), newest(versions))
        config = _config(versions, connection, functions=changed)
        name = _name_after(ScriptDirectory.from_config(config).get_current_head() or "")
        script = command.revision(config, message, autogenerate=True, rev_id=name)
        path = Path(getattr(script, "path", ""))
        for function, copy in changed.items():
            copies = path.parent / FOLDER
            copies.mkdir(exist_ok=True)
            (copies / f"{function}.sql").write_text(copy, encoding="utf-8")
        return str(path)

    return await _run(url, work)


def _name_after(newest_revision: str) -> str:
    """The name of a revision that follows this one: the present minute, or else the minute after it."""
    now = datetime.now(UTC).strftime(NAMED)
    if now > newest_revision:
        return now
    following = datetime.strptime(newest_revision, NAMED).replace(tzinfo=UTC) + timedelta(minutes=1)
    return following.strftime(NAMED)


def _changed(present: dict[str, str], copies: dict[str, str]) -> dict[str, str]:
    """The functions that are different now, each with its text; that of one that is gone is empty."""
    return {
        name: present.get(name, "")
        for name in sorted(present | copies)
        if present.get(name, "") != copies.get(name, "")
    }
