"""Volunteers new and returning, day by day."""

from sqlalchemy import text

from db.queries.figures.folding import fold
from db.queries.projects.volunteer_days import volunteer_days
from db.session import UnitOfWork
from tests.factories import leased_and_answered, make_project, make_tasks, make_user
from webapp.services.contributing.contributing import Contributor

ANN, BEN = (Contributor(f"anon:{name}", user_ip="10.0.0.1") for name in ("ann", "ben"))


async def test_who_came_before_returns(uow: UnitOfWork) -> None:
    project = await make_project(uow.session, await make_user(uow.session))
    first, second, third = await make_tasks(uow.session, project, 3)
    await leased_and_answered(uow.session, project, ANN, first.id)
    await uow.session.execute(
        text("UPDATE task_run SET created = created - interval '3 days', finish_time = finish_time - interval '3 days'")
    )
    await uow.session.execute(text("UPDATE contributor_progress SET first_at = first_at - interval '3 days'"))
    for task in (second, third):
        await leased_and_answered(uow.session, project, ANN, task.id)
    await leased_and_answered(uow.session, project, BEN, first.id)
    await fold(uow.session)
    days = await volunteer_days(uow.session, project.id, 5)
    assert [(day.active, day.new, day.returning) for day in days] == [
        (0, 0, 0),
        (1, 1, 0),
        (0, 0, 0),
        (0, 0, 0),
        (2, 1, 1),
    ]


async def test_without_answers_every_day_is_empty(uow: UnitOfWork) -> None:
    project = await make_project(uow.session, await make_user(uow.session))
    assert [day.active for day in await volunteer_days(uow.session, project.id)] == [0] * 14
