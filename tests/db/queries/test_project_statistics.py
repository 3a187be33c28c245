"""The series of a project's plots (docs/contract/model.md 10)."""

from db.models import ProjectStats
from db.queries.figures.folding import fold
from db.queries.projects.project_statistics import series_of
from db.session import UnitOfWork
from tests.factories import leased_and_answered, make_project, make_tasks, make_user
from webapp.services.contributing.contributing import Contributor


async def test_answers_are_counted_by_day_hour_and_person(uow: UnitOfWork) -> None:
    owner = await make_user(uow.session)
    project = await make_project(uow.session, owner)
    first, second = await make_tasks(uow.session, project, 2, n_answers=2)
    account = Contributor(f"user:{owner.id}", user_id=owner.id)
    for who, task in ((account, first), (account, second), (Contributor("anon:a", user_ip="10.0.0.1"), first)):
        await leased_and_answered(uow.session, project, who, task.id)
    await fold(uow.session)
    series = (await series_of(uow.session, [project.id]))[project.id]
    days, hours, users = (series.info[name] for name in ("dates_stats", "hours_stats", "users_stats"))
    assert [one["values"][-1][1] for one in days] == [3, 1, 2, 1], "all, anonymous, accounts, complete tasks"
    assert [sum(value[1] for value in one["values"]) for one in hours] == [3, 1, 2]
    assert (users["n_anon"], users["n_auth"]) == (1, 2)
    assert [one["value"] for one in users["users"]["values"]] == [[0, 1], [0, 1]]
    assert users["auth"]["top5"] == [{"name": owner.name, "fullname": owner.fullname, "tasks": 2, "restrict": False}]
    assert users["anon"]["top5"] == [{"ip": "10.0.0.1", "tasks": 1}]
    stats = await uow.session.get_one(ProjectStats, 1)
    assert (stats.n_task_runs, stats.n_completed_tasks, stats.overall_progress, stats.n_volunteers) == (3, 1, 50, 2)
    assert 0 < series.average_seconds == stats.average_time


async def test_a_project_without_answers_has_empty_series(uow: UnitOfWork) -> None:
    project = await make_project(uow.session, await make_user(uow.session))
    series = (await series_of(uow.session, [project.id]))[project.id]
    assert series.average_seconds == 0 and sum(value[1] for value in series.info["dates_stats"][0]["values"]) == 0
    assert len(series.info["dates_stats"][0]["values"]) == 15 and len(series.info["hours_stats"][0]["values"]) == 24


async def test_each_project_has_its_own(uow: UnitOfWork) -> None:
    owner = await make_user(uow.session)
    projects = [await make_project(uow.session, owner) for _ in range(2)]
    for n_tasks, project in enumerate(projects, 1):
        for task in await make_tasks(uow.session, project, n_tasks, n_answers=2):
            await leased_and_answered(uow.session, project, Contributor("anon:a", user_ip="10.0.0.1"), task.id)
    await fold(uow.session)
    series = await series_of(uow.session, [project.id for project in projects])
    assert [series[project.id].info["dates_stats"][0]["values"][-1][1] for project in projects] == [1, 2]
