"""Every revision on the way, with data in the database: what it carries, what it leaves working, and the way back."""

import asyncio
from itertools import pairwise
from pathlib import Path

import asyncpg
import pytest

from db import functions, upgrade
from db.migrations.functions import newest, texts
from tests.support.migrations import History, Schema, Site, contracted, schema_of
from tests.support.services import TestServices


def test_the_functions_are_their_newest_copies() -> None:
    assert texts(functions.FOLDER) == newest(upgrade.VERSIONS)


async def test_an_upgraded_database_has_these_functions_and_no_others(services: TestServices) -> None:
    """In the words of `pg_get_functiondef`: those made from the files alone are the same."""
    definitions = "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname LIKE 'workbee%' ORDER BY 1"
    connection = await asyncpg.connect(services.database_url)
    upgraded = await connection.fetch(definitions)
    transaction = connection.transaction()
    await transaction.start()
    for (name,) in await connection.fetch("SELECT oid::regprocedure FROM pg_proc WHERE proname LIKE 'workbee%'"):
        await connection.execute(f"DROP FUNCTION {name} CASCADE")
    await connection.execute("\n".join(texts(functions.FOLDER).values()))
    made = await connection.fetch(definitions)
    await transaction.rollback()
    await connection.close()
    assert made == upgraded
    assert len(made) >= len(texts(functions.FOLDER)) > 0


async def test_tasks_are_completed_at_every_revision(longer: History, empty_database: str, site: Site) -> None:
    """Who has drawn a task at one revision answers it at the next."""
    for script in longer.revisions():
        await upgrade.upgrade(empty_database, script.revision, versions=longer.versions)
        if not site.project_id:
            await site.begin()
        await site.learn()
        await site.serve()
    [(n_drawn,)] = await site.autocommit.fetch("SELECT count(*) FROM drawn")
    assert n_drawn > 0, "the last revision's function is in use"


async def test_every_step_can_be_taken_back(longer: History, empty_database: str, site: Site) -> None:
    """But for the first: what is there then is what was there before, and it works."""
    first, *_ = revisions = [script.revision for script in longer.revisions()]
    schemas = {}
    for revision in revisions:
        await upgrade.upgrade(empty_database, revision, versions=longer.versions)
        schemas[revision] = await schema_of(empty_database)
    assert schemas[revisions[-1]] != schemas[revisions[-2]]
    for revision in revisions[-2::-1]:
        await upgrade.downgrade(empty_database, revision, versions=longer.versions)
        assert await schema_of(empty_database) == schemas[revision]
    await site.begin()
    await site.learn()
    await site.serve()
    with pytest.raises(NotImplementedError):
        await upgrade.downgrade(empty_database, "base", versions=longer.versions)
    assert await schema_of(empty_database) == schemas[first]


async def test_what_a_revision_contracts_it_declares(longer: History, empty_database: str) -> None:
    before = None
    for script in longer.revisions():
        await upgrade.upgrade(empty_database, script.revision, versions=longer.versions)
        after = await schema_of(empty_database)
        if before is not None:
            assert contracted(before, after) == set(getattr(script.module, "contracts", ())), script.path
        before = after


async def pass_over(history: History, url: str, site: Site) -> None:
    """Take the database from each revision to the next while code of the former one is at work; it must not notice."""
    for former, following in pairwise(history.revisions()):
        await upgrade.upgrade(url, former.revision, versions=history.versions)
        if not site.project_id:
            await site.begin()
        await site.learn(without=getattr(following.module, "contracts", ()))
        stopped = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(site.serve_until(stopped))
            await site.answers(5)
            await upgrade.upgrade(url, following.revision, versions=history.versions)
            await site.answers(5)
            stopped.set()


async def test_the_code_of_before_serves_on_while_the_next_revision_is_applied(
    longer: History, empty_database: str, site: Site
) -> None:
    await pass_over(longer, empty_database, site)


CONTRACTING = 'op.execute("ALTER FUNCTION workbee_draw RENAME TO workbee_drawn")'


async def test_a_revision_that_takes_a_function_from_the_code_of_before_is_found(
    services: TestServices, tmp_path: Path, empty_database: str, site: Site
) -> None:
    """Such a one must say what it contracts, for code that has stopped calling it by the revision before."""
    history = History().copied_to(tmp_path / "contracting")
    await history.draft(services.database_url, "rename draw", up=CONTRACTING)
    with pytest.raises(BaseExceptionGroup) as refused:
        await pass_over(history, empty_database, site)
    assert refused.group_contains(asyncpg.UndefinedFunctionError, depth=2)
    [gone] = contracted(await schema_of(services.database_url), await schema_of(empty_database))
    assert gone.startswith("function workbee_draw(")


async def test_what_is_asked_of_the_rows_of_the_code_of_before_is_found(
    services: TestServices, empty_database: str
) -> None:
    await upgrade.upgrade(empty_database)
    connection = await asyncpg.connect(empty_database)
    await connection.execute("ALTER TABLE task ADD COLUMN must int NOT NULL, ADD COLUMN may int, DROP COLUMN quorum")
    await connection.execute(
        "ALTER TABLE task ADD COLUMN is_set int NOT NULL DEFAULT 1, ALTER COLUMN state TYPE varchar"
    )
    await connection.execute("ALTER TABLE result ADD CONSTRAINT few CHECK (cardinality(task_run_ids) < 9)")
    await connection.close()
    assert contracted(await schema_of(services.database_url), await schema_of(empty_database)) == {
        "not null task.must",
        "column task.quorum",
        "column task.state",
        "constraint result.few",
    }


async def test_code_that_is_taken_back_begins_on_the_schema_of_later_code(
    longer: History, longer_schema: Schema, empty_database: str, caplog: pytest.LogCaptureFixture
) -> None:
    await upgrade.upgrade(empty_database, versions=longer.versions)
    await upgrade.upgrade(empty_database)
    assert "newest known here" in caplog.text
    assert await schema_of(empty_database) == longer_schema


async def test_a_database_that_is_at_no_revision_of_ours_is_left_alone(empty_database: str) -> None:
    await upgrade.upgrade(empty_database)
    connection = await asyncpg.connect(empty_database)
    await connection.execute("UPDATE alembic_version SET version_num = '20250101_0000'")
    await connection.close()
    with pytest.raises(upgrade.UnknownRevision, match="20250101_0000"):
        await upgrade.upgrade(empty_database)
