"""The site's totals."""

from datetime import UTC, datetime, timedelta

from db.models import Project
from db.queries.figures.folding import fold
from db.queries.importing.backfill import PastRun, conclude, store_past_runs
from db.queries.site import site_stats
from db.session import UnitOfWork
from tests.factories import make_project, make_tasks, make_user

NOW = datetime.now(UTC)


async def test_an_empty_site_has_nothing(uow: UnitOfWork) -> None:
    totals = await site_stats.totals(uow.session)

    assert (totals.n_users, totals.n_projects, totals.n_tasks, totals.n_slots, totals.n_task_runs) == (0, 0, 0, 0, 0)
    assert await site_stats.most_active_users(uow.session) == []
    assert [(one.short_name, one.n_projects) for one in await site_stats.categories(uow.session)] == [
        ("thinking", 0),
        ("sensing", 0),
    ]


async def test_totals_are_those_of_all_projects(uow: UnitOfWork) -> None:
    session = uow.session
    user = await make_user(session)
    first = await make_project(session, user, featured=True)
    second = await make_project(session, user, published=False, featured=True)
    tasks = await make_tasks(session, first, 2, n_answers=1) + await make_tasks(session, second, 3, n_answers=4)
    await store_past_runs(session, first.id, [run(tasks[0].id, user.id), run(tasks[0].id, None), run(tasks[1].id, 1)])
    await store_past_runs(session, second.id, [run(tasks[2].id, None)])
    await conclude(session, first.id, {tasks[0].id: "yes"})

    await fold(session)
    totals = await site_stats.totals(session)

    assert totals == site_stats.SiteTotals(
        n_users=1,
        n_anonymous=2,
        n_published_projects=1,
        n_draft_projects=1,
        n_tasks=5,
        n_slots=14,
        n_completed_tasks=2,
        n_task_runs=4,
        n_counted=3,
        n_results=1,
    )
    assert (totals.n_projects, totals.n_people) == (2, 3)
    assert [one.n_projects for one in await site_stats.categories(session)] == [1, 0]
    assert await site_stats.n_featured(session) == 1


async def test_the_most_active_of_the_last_day(uow: UnitOfWork) -> None:
    session = uow.session
    owner, busy, restricted = (
        await make_user(session),
        await make_user(session),
        await make_user(session, restrict=True),
    )
    quiet = await make_project(session, owner)
    lively = await make_project(session, owner)
    draft = await make_project(session, owner, published=False)
    for project, user, n, hours in (
        (quiet, owner, 1, 1),
        (quiet, busy, 5, 25),
        (lively, busy, 2, 22),
        (draft, restricted, 3, 1),
    ):
        await answered(uow, project, user.id, n, NOW - timedelta(hours=hours))

    await fold(session)
    users = await site_stats.most_active_users(session)
    projects = await site_stats.most_active_projects(session)

    assert [(one.id, one.n_task_runs) for one in users] == [(busy.id, 2), (owner.id, 1)]
    assert [(one.id, one.n_task_runs) for one in projects] == [(lively.id, 2), (quiet.id, 1)]


async def answered(uow: UnitOfWork, project: Project, user_id: int, n: int, when: datetime) -> None:
    tasks = await make_tasks(uow.session, project, n)
    await store_past_runs(uow.session, project.id, [run(task.id, user_id, when) for task in tasks])


def run(task_id: int, user_id: int | None, when: datetime = NOW) -> PastRun:
    who = f"user:{user_id}" if user_id else f"anon:{task_id}"
    return PastRun(task_id, who, user_id, None if user_id else "10.0.0.1", when, when, "answer")
