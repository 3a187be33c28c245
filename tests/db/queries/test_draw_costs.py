"""What a draw reads does not grow with the installation, with what is complete, nor with what others are at."""

import pytest

from db.orders import ORDERS, IndexedOrder
from db.session import Database
from tests.factories import make_project, make_user
from tests.support.costs import blocks_read

N_TASKS = 4000
FEW = 80
"""Blocks of 8 kB, each time that one is looked at."""


async def fill(database: Database) -> int:
    """An older project of open tasks, and one of complete ones with a few open at its end; the latter's id."""
    async with database.unit() as uow:
        owner = await make_user(uow.session)
        older, project = [(await make_project(uow.session, owner)).id for _ in range(2)]
    for owned in (older, project):
        await database.autocommit.fetch(
            "INSERT INTO task (project_id, n_answers) SELECT $1::bigint, 1 FROM generate_series(1, $2::int)",
            owned,
            N_TASKS,
        )
    # As the planner may find them: analyzed while nothing is complete and nobody has begun.
    await database.autocommit.fetch("ANALYZE task_slots")
    await database.autocommit.fetch("ANALYZE assignment")
    await database.autocommit.fetch(
        """WITH a AS (
             INSERT INTO assignment (task_id, project_id, contributor, state, deadline)
             SELECT id, project_id, 'anon:' || id % 4, 'counted', NULL FROM task
             WHERE project_id = $1::bigint ORDER BY id LIMIT $2::int RETURNING task_id)
           UPDATE task_slots s SET n_counted = 1, n_runs = 1, completed = true FROM a WHERE a.task_id = s.task_id""",
        project,
        N_TASKS - 20,
    )
    return project


async def blocks_of(database: Database, project: int, who: str, order: IndexedOrder) -> int:
    """What one draw looks at."""
    version = f"(SELECT version FROM project WHERE id = {project})"
    call = f"workbee_draw({project}, '{who}', '{order.name}', '{order.sort}', false, true, 1, 0, 3600, {version})"
    return await blocks_read(database, call)


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order.name)
async def test_a_draw_reads_few_blocks(database: Database, order: IndexedOrder) -> None:
    project = await fill(database)
    await blocks_of(database, project, "anon:first", order)  # the catalogue, and what is dead at the list's front
    assert await blocks_of(database, project, "anon:0", order) < FEW
