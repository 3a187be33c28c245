"""Fixtures of the tests of migrations."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import make_url

from db import upgrade
from db.executors import AutocommitExecutor
from tests.support.migrations import History, Schema, Site, schema_of
from tests.support.services import TestServices


@asynccontextmanager
async def empty(services: TestServices) -> AsyncIterator[str]:
    name = f"empty_{uuid4().hex}"
    ours = make_url(services.database_url)
    administrator = await asyncpg.connect(services.superuser_url)
    await administrator.execute(f"CREATE DATABASE {name} OWNER {ours.username}")
    yield ours.set(database=name).render_as_string(hide_password=False)
    await administrator.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await administrator.close()


@pytest.fixture
async def empty_database(services: TestServices) -> AsyncIterator[str]:
    """The URL of a database without any table, dropped in the end."""
    async with empty(services) as url:
        yield url


@pytest.fixture
async def site(empty_database: str) -> AsyncIterator[Site]:
    """A site on that database, which begins once there is a schema."""
    opened = Site(AutocommitExecutor(empty_database))
    yield opened
    await opened.autocommit.close()


EXPANDING = """\
op.create_table("drawn", sa.Column("project_id", sa.BigInteger(), nullable=False))
    op.add_column("task", sa.Column("difficulty", sa.Integer(), server_default=sa.text("0"), nullable=False))\
"""
EXPANDED_BACK = """\
op.drop_column("task", "difficulty")
    op.drop_table("drawn")\
"""

INDEXING = '''
"""A large table's index, in the form that docs/migrations.md gives it."""

import sqlalchemy as sa
from alembic import op

revision = "29991231_2359"
down_revision = "{down_revision}"

NAME = "ix_task_difficulty"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(NAME, "task", postgresql_concurrently=True, if_exists=True)
        op.create_index(
            NAME,
            "task",
            ["project_id", sa.literal_column("(- difficulty)")],
            postgresql_concurrently=True,
            postgresql_where=sa.text("state <> 'completed'"),
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(NAME, "task", postgresql_concurrently=True, if_exists=True)
'''


@pytest.fixture(scope="session")
async def longer(services: TestServices, tmp_path_factory: pytest.TempPathFactory) -> History:
    """Our history with two revisions more: one changes a function, adds one and a table, and expands another table; the
    other makes an index while everybody works."""
    history = History().copied_to(tmp_path_factory.mktemp("longer"))
    draw = history.functions / "draw.sql"
    before, end, after = draw.read_text().rpartition("  RETURN QUERY")
    draw.write_text(f"{before}  INSERT INTO drawn (project_id) VALUES (p_project_id);\n{end}{after}")
    (history.functions / "greeting.sql").write_text(
        "CREATE OR REPLACE FUNCTION workbee_greeting() RETURNS text LANGUAGE sql AS $$ SELECT 'hello' $$;\n"
    )
    drafted = await history.draft(services.database_url, "count draws", up=EXPANDING, down=EXPANDED_BACK)
    folder = history.versions / "29991231_2359_index_difficulty"
    folder.mkdir()
    (folder / "revision.py").write_text(INDEXING.format(down_revision=drafted.revision))
    return history


@pytest.fixture(scope="session")
async def longer_schema(services: TestServices, longer: History) -> Schema:
    """What that history makes when nothing is in its way."""
    async with empty(services) as url:
        await upgrade.upgrade(url, versions=longer.versions)
        return await schema_of(url)
