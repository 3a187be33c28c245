"""The schema that migrations build is the one that the models describe, on every way there."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import NullPool, make_url

from db import upgrade
from db.engine import create_engine
from db.migrations.script import run_script
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


async def names_in(url: str) -> set[str]:
    """Every table, function and type of ours or of the job queue."""
    connection = await asyncpg.connect(url)
    rows = await connection.fetch("""
        SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname NOT LIKE 'alembic%'
        UNION SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        UNION SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typname NOT LIKE '%alembic%'
    """)
    await connection.close()
    return {row[0] for row in rows}


async def test_migrations_build_what_the_models_describe(services: TestServices) -> None:
    assert await upgrade.check(services.database_url) == []


async def test_a_difference_is_named(empty_database: str) -> None:
    await upgrade.upgrade(empty_database)
    connection = await asyncpg.connect(empty_database)
    await connection.execute("ALTER TABLE project DROP COLUMN webhook")
    await connection.execute("DROP INDEX ix_task_info")
    await connection.close()

    found = " ".join(await upgrade.check(empty_database))

    assert "webhook" in found
    assert "ix_task_info" in found


async def test_an_empty_database_lacks_everything(empty_database: str) -> None:
    found = await upgrade.check(empty_database)

    assert any("task_slots" in difference for difference in found)
    assert found[-1].startswith("at revision None")


async def test_migrations_go_down_and_up_again(empty_database: str) -> None:
    await upgrade.upgrade(empty_database)
    built = await names_in(empty_database)

    await upgrade.downgrade(empty_database, "base")
    assert await names_in(empty_database) == set()

    await upgrade.upgrade(empty_database)
    assert await names_in(empty_database) == built
    assert await upgrade.check(empty_database) == []


async def test_a_script_that_comes_first_is_undone_with_its_migration(empty_database: str) -> None:
    """Whoever is killed before the migration is noted as made leaves nothing of it behind."""
    engine = create_engine(empty_database, poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(lambda sync: run_script(sync, "CREATE TABLE half (n int); CREATE TABLE made (n int)"))
        await connection.rollback()
    await engine.dispose()
    assert await names_in(empty_database) == set()


async def test_a_draft_of_a_migration_holds_the_difference_and_nothing_else(
    empty_database: str, tmp_path: Path
) -> None:
    await upgrade.upgrade(empty_database)
    connection = await asyncpg.connect(empty_database)
    await connection.execute("ALTER TABLE blogpost DROP COLUMN media_url")
    await connection.close()

    draft = Path(await upgrade.revision(empty_database, "add media url", folder=tmp_path))

    text = await asyncio.to_thread(draft.read_text)
    assert draft.parent == tmp_path
    assert draft.name.endswith("_add_media_url.py")
    assert "op.add_column('blogpost', sa.Column('media_url'" in text
    assert text.count("op.") == 2, "one change up, and one down"


FILES_OF_BEFORE = """
INSERT INTO users (id, name, fullname, email_addr, info) VALUES
  (1, 'ada', 'Ada', 'ada@example.org', '{"container": "user_1", "avatar": "avatar-1.webp"}'),
  (2, 'eve', 'Eve', 'eve@example.org', '{}');
INSERT INTO project (id, name, short_name, description, owner_id, owners_ids, category_id, info)
SELECT 7, 'P', 'p', 'p', 1, '{1}', min(id), '{"container": "project_7", "thumbnail": "thumbnail-7.webp"}' FROM category;
INSERT INTO helpingmaterial (id, project_id, media_url, info) VALUES
  (3, 7, 'http://x/uploads/user_1/own-3.png', '{"container": "user_1", "file_name": "own-3.png"}'),
  (4, 7, 'http://x/uploads/user_1/two-4.png', '{"container": "user_1", "file_name": "two-4.png"}'),
  (5, 7, 'http://x/', '{"container": "import_7", "file_name": "tasks-5.csv"}'),
  (6, 7, 'http://x/', '{"container": "../etc", "file_name": "passwd"}');
INSERT INTO blogpost (id, project_id, user_id, title, body, media_url, info) VALUES
  (8, 7, 2, 'x', 'x', 'x', '{"container": "user_1", "file_name": "avatar-1.webp"}'),
  (9, 7, 2, 'x', 'x', 'x', '{"container": "user_1", "file_name": "two-4.png"}');
"""


async def test_files_of_before_are_their_row_s(empty_database: str) -> None:
    """What several rows name is nobody's: one of them may name it to have it removed."""
    await upgrade.upgrade(empty_database, "20261129_0050")
    connection = await asyncpg.connect(empty_database)
    await connection.execute(FILES_OF_BEFORE)

    await upgrade.upgrade(empty_database, "20261129_0051")

    rows = await connection.fetch("SELECT attached_to, attached_id, name, project_id FROM file ORDER BY name")
    await connection.close()
    assert [tuple(row) for row in rows] == [
        ("helpingmaterial", 3, "own-3.png", 7),
        ("project", 7, "thumbnail-7.webp", 7),
    ]
