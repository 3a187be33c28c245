"""Fixtures of the tests of migrations."""

from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import make_url

from db.direct import Direct
from tests.support.migrations import History, Site
from tests.support.services import TestServices


@pytest.fixture
async def empty_database(services: TestServices) -> AsyncIterator[str]:
    """The URL of a database without any table, dropped in the end."""
    name = f"empty_{uuid4().hex}"
    ours = make_url(services.database_url)
    administrator = await asyncpg.connect(services.superuser_url)
    await administrator.execute(f"CREATE DATABASE {name} OWNER {ours.username}")
    yield ours.set(database=name).render_as_string(hide_password=False)
    await administrator.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await administrator.close()


@pytest.fixture
async def site(empty_database: str) -> AsyncIterator[Site]:
    """A site on that database, which begins once there is a schema."""
    opened = Site(Direct(empty_database))
    yield opened
    await opened.direct.close()


EXPANDING = """\
op.create_table("drawn", sa.Column("project_id", sa.BigInteger(), nullable=False))
    op.add_column("task", sa.Column("difficulty", sa.Integer(), server_default=sa.text("0"), nullable=False))
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX IF EXISTS ix_task_difficulty")
        op.create_index("ix_task_difficulty", "task", ["difficulty"], postgresql_concurrently=True)\
"""
EXPANDED_BACK = """\
op.drop_column("task", "difficulty")
    op.drop_table("drawn")\
"""


@pytest.fixture(scope="session")
async def longer(services: TestServices, tmp_path_factory: pytest.TempPathFactory) -> History:
    """Our history with one revision more: it changes a function, adds one and a table, and expands another table."""
    history = History().copied_to(tmp_path_factory.mktemp("longer"))
    draw = history.functions / "draw.sql"
    before, end, after = draw.read_text().rpartition("  RETURN QUERY")
    draw.write_text(f"{before}  INSERT INTO drawn (project_id) VALUES (p_project);\n{end}{after}")
    (history.functions / "greeting.sql").write_text(
        "CREATE OR REPLACE FUNCTION workbee_greeting() RETURNS text LANGUAGE sql AS $$ SELECT 'hello' $$;\n"
    )
    await history.draft(services.database_url, "count draws", up=EXPANDING, down=EXPANDED_BACK)
    return history
