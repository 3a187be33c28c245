"""Bringing a database's schema up to date, and saying where it differs from the models.

Alembic, set up in code: it works the same in a checkout and in an installed wheel.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.pool import NullPool

from db.engine import create_engine
from db.models import METADATA

Returned = TypeVar("Returned")
MIGRATIONS = Path(__file__).parent / "migrations"
VERSIONS = MIGRATIONS / "versions"
ONE_AT_A_TIME = 0x7762_02
"""The advisory lock under which migrations run: two servers that start at once must not both migrate."""


def _config(connection: Connection | None = None, *, drafts: Path = VERSIONS) -> Config:
    options = {
        "script_location": str(MIGRATIONS),
        "path_separator": "newline",
        "version_locations": "\n".join(dict.fromkeys((str(VERSIONS), str(drafts)))),
        "file_template": "%(rev)s_%(slug)s",
    }
    config = Config()
    for name, value in options.items():
        config.set_main_option(name, value.replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


async def _run(url: str, work: Callable[[Connection], Returned]) -> Returned:
    # Whoever waits for another one's migrations waits as long as they take.
    engine = create_engine(url, settings={"lock_timeout": "0"}, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


async def upgrade(url: str, revision: str = "head") -> None:
    """Apply the migrations that are missing."""

    def work(connection: Connection) -> None:
        connection.execute(text(f"SELECT pg_advisory_lock({ONE_AT_A_TIME})"))
        connection.commit()
        try:
            command.upgrade(_config(connection), revision)
            connection.commit()
        finally:
            connection.rollback()
            connection.execute(text(f"SELECT pg_advisory_unlock({ONE_AT_A_TIME})"))
            connection.commit()

    await _run(url, work)


async def downgrade(url: str, revision: str) -> None:
    """Take migrations back, down to this revision (`base` for all)."""

    def work(connection: Connection) -> None:
        command.downgrade(_config(connection), revision)
        connection.commit()

    await _run(url, work)


async def check(url: str) -> list[str]:
    """Where the schema differs from the models or from the newest migration; empty if it does not."""

    def work(connection: Connection) -> list[str]:
        options = {
            "compare_server_default": True,
            "include_object": lambda _thing, name, _kind, _reflected, _other: not str(name).startswith("procrastinate"),
        }
        context = MigrationContext.configure(connection, opts=options)
        found = [str(difference) for difference in compare_metadata(context, METADATA)]
        newest = ScriptDirectory.from_config(_config()).get_current_head()
        if context.get_current_revision() != newest:
            found.append(f"at revision {context.get_current_revision()}, the newest is {newest}")
        return found

    return await _run(url, work)


async def revision(url: str, message: str, *, folder: Path = VERSIONS) -> str:
    """Draft a migration from the difference between models and database; its path in `folder`."""

    def work(connection: Connection) -> str:
        name = datetime.now(UTC).strftime("%Y%m%d_%H%M")
        config = _config(connection, drafts=folder)
        script = command.revision(config, message, autogenerate=True, rev_id=name, version_path=str(folder))
        return str(getattr(script, "path", script))

    return await _run(url, work)
