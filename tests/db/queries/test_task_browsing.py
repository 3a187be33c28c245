"""What the pages of a project's tasks cost, whatever the project and the site hold."""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import Project, User
from db.paging import Part, numbered_part
from db.queries.reading.task_browsing import first_task_id, page_of_tasks, redundancy_range
from db.session import UnitOfWork
from tests.factories import make_project, make_tasks, make_user
from tests.support.costs import blocks_read_by

N_TASKS = 20_000
FILL = """
INSERT INTO task (project_id, info, n_answers)
SELECT :project, '{}', CASE n WHEN 15000 THEN 2 WHEN 16000 THEN 9 ELSE 5 END FROM generate_series(1, :n) AS n
"""


async def long_project(session: AsyncSession, owner: User) -> Project:
    """Another one's tasks are before its own, as many."""
    for _ in range(2):
        project = await make_project(session, owner)
        await session.execute(text(FILL), {"project": project.id, "n": N_TASKS})
    await session.execute(text("ANALYZE task, task_slots"))
    return project


async def test_every_page_of_a_long_project_costs_the_same(uow: UnitOfWork) -> None:
    project = await long_project(uow.session, await make_user(uow.session))
    n_pages = N_TASKS // 10
    seen: dict[int, list[int]] = {}
    parts = {number: numbered_part(number, 10, N_TASKS) for number in (1, 2, n_pages - 1, n_pages)}
    for number, part in parts.items():
        seen[number] = [task["id"] for task in await page_of_tasks(uow.session, project.id, part)]
        assert len(seen[number]) == 10
        assert await blocks_read_by(uow.session, page_of_tasks(uow.session, project.id, part)) < 100, number
    assert seen[2][0] == seen[1][-1] + 1 and seen[n_pages][0] == seen[n_pages - 1][-1] + 1
    middle = seen[1][0] + N_TASKS // 2
    for part, first in ((Part(10, beyond=middle), middle + 1), (Part(10, backwards=True, beyond=middle), middle - 10)):
        found = [task["id"] for task in await page_of_tasks(uow.session, project.id, part)]
        assert found == list(range(first, first + 10))
        assert await blocks_read_by(uow.session, page_of_tasks(uow.session, project.id, part)) < 100, part


async def test_the_first_task_is_not_looked_for_among_those_of_others(uow: UnitOfWork) -> None:
    project = await long_project(uow.session, await make_user(uow.session))
    assert await blocks_read_by(uow.session, first_task_id(uow.session, project.id)) < 20


async def test_the_least_and_the_greatest_redundancy_are_read_from_an_index(uow: UnitOfWork) -> None:
    project = await long_project(uow.session, await make_user(uow.session))
    assert await redundancy_range(uow.session, project.id) == (2, 9)
    assert await blocks_read_by(uow.session, redundancy_range(uow.session, project.id)) < 30


@pytest.mark.parametrize(("redundancies", "found"), [([], (0, 0)), ([3], (3, 3)), ([4, 1, 7], (1, 7))])
async def test_redundancy_of_few_tasks(uow: UnitOfWork, redundancies: list[int], found: tuple[int, int]) -> None:
    project = await make_project(uow.session, await make_user(uow.session))
    for n_answers in redundancies:
        await make_tasks(uow.session, project, 1, n_answers=n_answers)
    assert await redundancy_range(uow.session, project.id) == found
