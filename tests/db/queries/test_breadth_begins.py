"""What happens to a project's slots when its owner comes to want breadth first."""

import asyncio

from sqlalchemy import text

from db.session import Database
from tests.factories import make_project, make_tasks, make_user

BEGINS = text('UPDATE project SET info = info || \'{"sched": "breadth_first"}\' WHERE id = :project')
LOCK = text("SELECT 1 FROM task_slots WHERE task_id = :task FOR UPDATE")


async def test_slots_are_locked_by_task_however_they_lie(database: Database) -> None:
    async with database.unit() as uow:
        project = await make_project(uow.session, await make_user(uow.session))
        first, second = [task.id for task in await make_tasks(uow.session, project, 2)]
    for task in (second, first):
        # Each lies behind the other now, where the table is read from its beginning: the second comes first.
        await database.autocommit.fetch("UPDATE task_slots SET n_runs = 1 WHERE task_id = $1::bigint", task)

    async with database.unit() as other:
        await other.session.execute(LOCK, {"task": first})

        async def begin() -> None:
            async with database.unit() as uow:
                await uow.session.execute(BEGINS, {"project": project.id})

        beginning = asyncio.create_task(begin())
        await waits_for_a_lock(database)
        # Were the second locked by now, each would wait for the other.
        await other.session.execute(LOCK, {"task": second})
    await beginning
    rows = await database.autocommit.fetch("SELECT breadth FROM task_slots WHERE project_id = $1::bigint", project.id)
    assert [breadth for (breadth,) in rows] == [1, 1]


async def waits_for_a_lock(database: Database) -> None:
    """Return as soon as somebody waits for a lock."""
    async with asyncio.timeout(10):
        while True:
            waiting = await database.autocommit.fetch("SELECT 1 FROM pg_locks WHERE NOT granted")
            if waiting:
                return
            await asyncio.sleep(0.01)
