"""Statistics of a project as the job reckons them (docs/contract/model.md 10)."""

from db.models import ProjectStats
from db.queries.projects import project_statistics
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
    assert await project_statistics.changed_projects(uow.session, limit=10) == [project.id]
    await project_statistics.refresh(uow.session, project.id)
    assert await project_statistics.changed_projects(uow.session, limit=10) == []
    stats = await uow.session.get_one(ProjectStats, 1)
    days, hours, users = (stats.info[name] for name in ("dates_stats", "hours_stats", "users_stats"))
    assert [series["values"][-1][1] for series in days] == [3, 1, 2, 1], "all, anonymous, accounts, complete tasks"
    assert [sum(value[1] for value in series["values"]) for series in hours] == [3, 1, 2]
    assert (users["n_anon"], users["n_auth"]) == (1, 2)
    assert users["auth"]["top5"] == [{"name": owner.name, "fullname": owner.fullname, "tasks": 2, "restrict": False}]
    assert (stats.n_task_runs, stats.n_completed_tasks, stats.overall_progress, stats.n_volunteers) == (3, 1, 50, 2)


async def test_a_project_without_answers_has_empty_series(uow: UnitOfWork) -> None:
    project = await make_project(uow.session, await make_user(uow.session))
    info, average = await project_statistics.compute(uow.session, project.id)
    assert average == 0 and sum(value[1] for value in info["dates_stats"][0]["values"]) == 0
    assert len(info["dates_stats"][0]["values"]) == 15 and len(info["hours_stats"][0]["values"]) == 24
