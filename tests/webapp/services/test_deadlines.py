"""Upkeep of assignments: deadlines of the projects at work, and permission to answer of long ago."""

from sqlalchemy import select

from db.models import Assignment, TaskRun
from db.session import Database
from tests.factories import leased_and_answered, make_project, make_tasks, make_user
from webapp.services.contributing import deadlines
from webapp.services.contributing.contributing import Contributor


async def test_projects_at_work_are_looked_at(database: Database) -> None:
    async with database.unit() as uow:
        owner = await make_user(uow.session)
        busy, idle, new = [(await make_project(uow.session, owner)).id for _ in range(3)]
    # Answers are counted in shards of their own.
    await database.autocommit.fetch(
        """INSERT INTO project_counter (project_id, shard, last_activity)
           VALUES ($1::bigint, 3, now()), ($1::bigint, 5, now()), ($2::bigint, 3, now() - interval '1 day')""",
        busy,
        idle,
    )

    assert await deadlines.remember_none_due(database) == 1

    rows = await database.autocommit.fetch(
        """SELECT project_id, deadline_watermark BETWEEN now() - interval '2 min' AND now() FROM project_counter
           WHERE shard = 0 ORDER BY project_id"""
    )
    assert [tuple(row) for row in rows] == [(busy, True), (idle, None), (new, None)]


async def test_leave_to_answer_is_forgotten_weeks_after_completion(database: Database) -> None:
    async with database.unit() as uow:
        project = await make_project(uow.session, await make_user(uow.session))
        (task,) = await make_tasks(uow.session, project, n_answers=1)
        await leased_and_answered(uow.session, project, Contributor("anon:ann", user_ip="10.0.0.1"), task.id)
    async with database.unit() as uow:
        (open_task,) = await make_tasks(uow.session, project, n_answers=2)
        done = (await uow.session.execute(select(TaskRun.task_id))).scalar_one()
        for task_id in (done, open_task.id):
            values = {"task_id": task_id, "project_id": project.id, "contributor": "anon:ben", "state": "offered"}
            uow.session.add(Assignment(**values))
    assert await deadlines.forget_old_assignments(database, weeks=1) == 0
    assert await deadlines.forget_old_assignments(database, weeks=0) == 1
    async with database.unit(read_only=True) as uow:
        lent = select(Assignment.task_id).where(Assignment.state == "offered")
        assert list((await uow.session.execute(lent)).scalars()) == [open_task.id]
