"""A copy of one's data, and the way out."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from db.models import Announcement, Assignment, TaskRun, User
from db.session import UnitOfWork
from tests.factories import leased_and_answered, make_project, make_tasks, make_user
from tests.support.client import Client
from tests.support.invariants import breaches
from webapp.services.contributing.contributing import Contributor

AsUser = Callable[[User], Client]


def volunteer(user: User) -> Contributor:
    return Contributor(f"user:{user.id}", user_id=user.id)


async def test_what_is_kept_about_somebody(uow: UnitOfWork, as_user: AsUser) -> None:
    ann = await make_user(uow.session, name="ann", email_addr="ann@example.com", passwd_hash="$argon2id$x")
    own = await make_project(uow.session, ann, name="Mine")
    tasks = await make_tasks(uow.session, own, 3)
    for task in tasks[:2]:
        await leased_and_answered(uow.session, own, volunteer(ann), task.id, {"bird": task.id})
    await leased_and_answered(uow.session, own, Contributor("anon:x", user_ip="10.0.0.1"), tasks[2].id)
    await uow.session.commit()

    copy = await as_user(ann).get("/account/ann/export")

    assert copy.headers["Content-Disposition"].startswith('attachment; filename="workbee-ann.json"')
    told = copy.json
    assert told["account"]["email_addr"] == "ann@example.com"
    assert [one["name"] for one in told["projects"]] == ["Mine"]
    assert [one["info"] for one in told["answers"]] == [{"bird": task.id} for task in tasks[:2]]
    assert told["blogposts"] == []
    assert "argon2id" not in copy.text


async def test_json_clients_are_told_where_their_data_is(uow: UnitOfWork, as_user: AsUser) -> None:
    ann, bea = await make_user(uow.session, name="ann"), await make_user(uow.session, admin=True)
    await uow.session.commit()

    told = (await as_user(ann).get("/account/ann/export", json=True)).json

    assert (told["next"], told["status"]) == ("/account/ann/", "success")
    assert (await as_user(bea).get("/account/ann/export", json=True)).status == 403
    assert (await as_user(bea).get("/account/nobody/export", json=True)).status == 404


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_account_goes_and_its_answers_stay(uow: UnitOfWork, as_user: AsUser, method: str) -> None:
    session = uow.session
    owner, ann = await make_user(session), await make_user(session, name="ann", fullname="Ann Bee")
    project = await make_project(session, owner, owners_ids=[owner.id, ann.id])
    first, second = await make_tasks(session, project, 2, fav_user_ids=[ann.id, owner.id])
    await leased_and_answered(session, project, volunteer(ann), first.id)
    await leased_and_answered(session, project, volunteer(owner), first.id)
    await leased_and_answered(session, project, volunteer(ann), second.id)
    await session.commit()
    browser = as_user(ann)

    gone = await (
        browser.get("/account/ann/delete", json=True)
        if method == "GET"
        else browser.post("/account/ann/delete", json=True)
    )

    assert gone.json == {"job": "enqueued", "template": "account/delete.html"}
    assert (await browser.get("/account/profile", json=True)).json["status"] == "not_signed_in"
    assert (await browser.get("/account/ann/", json=True)).status == 404
    found = select(TaskRun).where(TaskRun.user_id.is_(None)).execution_options(populate_existing=True)
    runs = (await session.scalars(found)).all()
    assert {run.task_id for run in runs} == {first.id, second.id}
    assert len({(run.contributor, run.user_ip) for run in runs}) == 1
    assert runs[0].contributor.startswith("anon:")
    left = await session.scalars(select(Assignment.contributor).where(Assignment.contributor == f"user:{ann.id}"))
    assert left.all() == []
    await session.refresh(project)
    await session.refresh(first)
    assert (project.owners_ids, first.fav_user_ids) == ([owner.id], [owner.id])
    assert await breaches(session, project.id) == []


async def test_a_browser_s_way_out(uow: UnitOfWork, as_user: AsUser) -> None:
    ann = await make_user(uow.session, name="ann")
    await uow.session.commit()
    browser = as_user(ann)

    page = await browser.get("/account/ann/leave")
    plain_link = await browser.get("/account/ann/delete")
    gone = await browser.post("/account/ann/delete")

    assert 'action="/account/ann/delete"' in page.text
    assert plain_link.status == 400
    assert (gone.status, gone.location) == (302, "/")
    assert "Your account is gone" in (await browser.get("/about")).text


async def test_whoever_is_needed_stays(uow: UnitOfWork, as_user: AsUser) -> None:
    ann, bea = await make_user(uow.session, name="ann"), await make_user(uow.session, name="bea")
    await make_project(uow.session, ann)
    uow.session.add(Announcement(title="News", body="x", user_id=bea.id))
    await uow.session.commit()

    for user in (ann, bea):
        refused = await as_user(user).post(f"/account/{user.name}/delete", json=True)
        assert refused.status == 409
        assert (await as_user(user).get(f"/account/{user.name}/", json=True)).status == 200
        assert "Something still needs you" in (await as_user(user).get(f"/account/{user.name}/leave")).text


async def test_nobody_deletes_another_s_account(uow: UnitOfWork, client: Client, as_user: AsUser) -> None:
    await make_user(uow.session, name="ann")
    admin = await make_user(uow.session, admin=True)
    await uow.session.commit()

    for method in (as_user(admin).get, as_user(admin).post):
        assert (await method("/account/ann/delete", json=True)).status == 403
    assert (await as_user(admin).get("/account/ann/leave", json=True)).status == 403
    assert (await client.get("/account/ann/delete", json=True)).status == 302
