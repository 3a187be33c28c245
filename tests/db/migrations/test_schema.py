"""The schema that migrations build is the one that the models describe, on every way there."""

import asyncio
from pathlib import Path

import asyncpg
from sqlalchemy import NullPool

from db import functions, upgrade
from db.engine import create_engine
from db.migrations.functions import newest, texts
from db.migrations.script import run_script
from db.models import METADATA
from tests.support.migrations import History, schema_of
from tests.support.services import TestServices


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


async def checks_in(url: str) -> dict[str, str]:
    """Every CHECK of a table of ours, by its name."""
    schema = await schema_of(url)
    ours = {name: text for (kind, name), text in schema.items() if kind == "constraint" and text.startswith("CHECK")}
    return {name: text for name, text in ours.items() if name.partition(".")[0] in METADATA.tables}


async def test_migrations_build_what_the_models_describe(services: TestServices) -> None:
    assert await upgrade.check(services.database_url) == []


async def test_their_checks_are_the_same_which_alembic_does_not_compare(
    services: TestServices, empty_database: str
) -> None:
    engine = create_engine(empty_database, poolclass=NullPool)
    present = texts(functions.FOLDER)
    async with engine.begin() as connection:
        for of_indexes in ("CREATE EXTENSION pg_trgm; CREATE EXTENSION unaccent", present["folded"], present["names"]):
            await connection.run_sync(run_script, of_indexes)
        await connection.run_sync(METADATA.create_all)
    await engine.dispose()

    assert await checks_in(empty_database) == await checks_in(services.database_url)


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
    history = History().copied_to(tmp_path)
    await upgrade.upgrade(empty_database)
    connection = await asyncpg.connect(empty_database)
    await connection.execute("ALTER TABLE blogpost DROP COLUMN media_url")
    await connection.close()

    draft = Path(await upgrade.revision(empty_database, "add media url", versions=history.versions))

    text = await asyncio.to_thread(draft.read_text)
    assert draft.parent.parent == history.versions
    assert draft.parent.name.endswith("_add_media_url")
    assert list(draft.parent.iterdir()) == [draft]
    assert "op.add_column('blogpost', sa.Column('media_url'" in text
    assert text.count("op.") == 2, "one change up, and one down"


async def test_a_draft_of_a_migration_carries_the_functions_that_are_different(
    services: TestServices, tmp_path: Path
) -> None:
    history = History().copied_to(tmp_path)
    (history.functions / "lease.sql").write_text("-- changed")
    (history.functions / "greet.sql").write_text("-- new")
    (history.functions / "stale_version.sql").unlink()

    draft = Path(
        await upgrade.revision(
            services.database_url, "change some", versions=history.versions, present=history.functions
        )
    )

    assert texts(draft.parent / "functions") == {"lease": "-- changed", "greet": "-- new", "stale_version": ""}
    assert newest(history.versions) == texts(history.functions)
    text = await asyncio.to_thread(draft.read_text)
    assert text.count("install(__file__)") == text.count("restore(__file__)") == 1


async def test_a_draft_follows_the_newest_revision_whatever_the_clock_says(
    longer: History, empty_database: str, tmp_path: Path
) -> None:
    """As when two are drafted in one minute."""
    history = longer.copied_to(tmp_path / "history")
    await upgrade.upgrade(empty_database, versions=history.versions)
    before = history.revisions()[-1].revision
    await upgrade.revision(empty_database, "go on", versions=history.versions)
    drafted = history.revisions()[-1]
    assert (before, drafted.revision) == ("29991231_2359", "30000101_0000")
    assert drafted.down_revision == before
