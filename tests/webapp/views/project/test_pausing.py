"""A project is paused, and goes on; one with results is deleted by who names it."""

from sqlalchemy import func, select, text

from db.models import Auditlog, Project, TaskRun, User
from db.session import Database
from tests.factories import leased_and_answered, make_tasks
from tests.support.client import Client
from tests.webapp.views.project.conftest import As
from webapp.services.contributing.contributing import Contributor

STARS = "/project/stars"


async def test_nobody_is_handed_a_task_of_a_paused_project_and_what_is_out_is_taken_in(
    as_user: As, client: Client, owner: User, stranger: User, project: Project, database: Database
) -> None:
    async with database.unit() as uow:
        await make_tasks(uow.session, project, 3)
        await uow.session.execute(
            text("UPDATE project SET published = true, info = info || CAST(:info AS jsonb)"),
            {"info": '{"task_presenter": "<p>?</p>"}'},
        )
    ada, bob = as_user(owner), as_user(stranger)
    drawn = (await bob.get(f"/api/project/{project.id}/newtask")).json
    assert (await ada.post(STARS + "/pause", json=True)).json["status"] == "success"
    assert (await bob.get(f"/api/project/{project.id}/newtask")).json == {}
    assert (await bob.get(STARS + "/newtask")).location == STARS + "/"
    assert (await bob.get(f"{STARS}/task/{drawn['id'] + 1}")).location == STARS + "/"
    assert "Paused" in (await bob.get(STARS + "/")).text
    # What the page around a presenter does for an answer whose lease has ended meanwhile.
    assert (await bob.get(f"{STARS}/task/{drawn['id']}", json=True)).status == 200
    answer = {"project_id": project.id, "task_id": drawn["id"], "info": "yes"}
    assert (await bob.api("POST", "/api/taskrun", answer)).status == 200
    await ada.post(STARS + "/pause", {"paused": "no"}, json=True)
    assert (await bob.get(f"/api/project/{project.id}/newtask")).json["id"] != drawn["id"]
    assert (await bob.post(STARS + "/pause", json=True)).status == 403
    async with database.unit(read_only=True) as uow:
        log = (await uow.session.scalars(select(Auditlog.attribute).order_by(Auditlog.id))).all()
    assert list(log) == ["paused", "paused"]


async def test_a_project_with_results_is_deleted_by_who_names_it(
    as_user: As, owner: User, stranger: User, project: Project, database: Database
) -> None:
    async with database.unit() as uow:
        (task,) = await make_tasks(uow.session, project, 1, n_answers=1)
        contributor = Contributor(f"user:{stranger.id}", user_id=stranger.id)
        await leased_and_answered(uow.session, project, contributor, task.id)
    ada = as_user(owner)
    page = (await ada.get(STARS + "/delete")).text
    assert "Write stars to confirm" in page
    assert (await ada.api("DELETE", f"/api/project/{project.id}")).status == 403, "as in the contract"
    for wrong in ({}, {"confirm": "star"}):
        assert (await ada.post(STARS + "/delete", wrong, json=True)).status == 403
        assert "to confirm" in (await ada.post(STARS + "/delete", wrong)).text
    assert (await as_user(stranger).post(STARS + "/delete", {"confirm": "stars"}, json=True)).status == 403
    assert (await ada.post(STARS + "/delete", {"confirm": "stars"}, json=True)).json["status"] == "success"
    async with database.unit(read_only=True) as uow:
        assert (await uow.session.scalars(select(func.count()).select_from(TaskRun))).one() == 0
        assert (await uow.session.scalars(select(Project.id))).all() == []


async def test_owners_see_the_log_of_their_project_without_being_pro(
    as_user: As, owner: User, project: Project
) -> None:
    assert (await as_user(owner).get(STARS + "/auditlog")).status == 200
