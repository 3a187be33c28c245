"""The periodic job of statistics: who is due, and what keeps whom waiting (docs/contract/model.md 10)."""

import pytest
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.errors import DatabaseUnavailable
from db.models import Assignment, Project, ProjectStats, TaskRun
from db.queries.projects import project_statistics as queries
from db.session import Database
from tests.factories import leased_and_answered, make_project, make_tasks, make_user
from webapp.services.contributing.contributing import Contributor
from webapp.services.projects import project_statistics

ANN = Contributor("anon:ann", user_ip="10.0.0.1")


async def answered_project(database: Database) -> Project:
    async with database.unit() as uow:
        project = await make_project(uow.session, await make_user(uow.session))
        (task,) = await make_tasks(uow.session, project, n_answers=1)
        await leased_and_answered(uow.session, project, ANN, task.id)
    return project


async def n_runs(database: Database, project: Project) -> int:
    async with database.unit(read_only=True) as uow:
        query = select(ProjectStats.n_task_runs).where(ProjectStats.project_id == project.id)
        return (await uow.session.execute(query)).scalar_one()


async def test_only_projects_that_changed_are_reckoned(database: Database) -> None:
    first, second = await answered_project(database), await answered_project(database)
    assert await project_statistics.refresh_changed(database) == 2
    assert await project_statistics.refresh_changed(database) == 0
    async with database.unit() as uow:
        await uow.session.execute(delete(TaskRun).where(TaskRun.project_id == first.id))
    assert await project_statistics.refresh_changed(database) == 1, "removed answers are a change too"
    assert (await n_runs(database, first), await n_runs(database, second)) == (0, 1)


async def test_a_project_whose_statistics_take_long_is_left_in_peace_for_longer(database: Database) -> None:
    first, second = await answered_project(database), await answered_project(database)
    await project_statistics.refresh_changed(database)
    for project, seconds in ((first, 3.5), (second, 2.5)):
        await database.autocommit.fetch(
            """UPDATE project_stats SET refreshed_at = now() - interval '300 s', refresh_seconds = $2::float8
               WHERE project_id = $1::bigint""",
            project.id,
            seconds,
        )
        await database.autocommit.fetch("DELETE FROM task_run WHERE project_id = $1::bigint", project.id)

    assert await project_statistics.refresh_changed(database) == 1

    assert (await n_runs(database, first), await n_runs(database, second)) == (1, 0)
    [(seconds,)] = await database.autocommit.fetch(
        "SELECT refresh_seconds FROM project_stats WHERE project_id = $1::bigint", second.id
    )
    assert 0 < seconds < 1


async def test_one_project_that_fails_keeps_no_other_waiting(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = await answered_project(database), await answered_project(database)
    compute = queries.refresh

    async def refresh(session: AsyncSession, project_id: int) -> None:
        if project_id == first.id:
            raise DatabaseUnavailable("gone for a moment")
        await compute(session, project_id)

    monkeypatch.setattr(queries, "refresh", refresh)
    await project_statistics.refresh_changed(database)
    assert await n_runs(database, second) == 1


async def test_leave_to_answer_is_forgotten_weeks_after_completion(database: Database) -> None:
    project = await answered_project(database)
    async with database.unit() as uow:
        (open_task,) = await make_tasks(uow.session, project, n_answers=2)
        done = (await uow.session.execute(select(TaskRun.task_id))).scalar_one()
        for task_id in (done, open_task.id):
            values = {"task_id": task_id, "project_id": project.id, "contributor": "anon:ben", "state": "offered"}
            uow.session.add(Assignment(**values))
    assert await project_statistics.forget_old_assignments(database, weeks=1) == 0
    assert await project_statistics.forget_old_assignments(database, weeks=0) == 1
    async with database.unit(read_only=True) as uow:
        lent = select(Assignment.task_id).where(Assignment.state == "offered")
        assert list((await uow.session.execute(lent)).scalars()) == [open_task.id]
