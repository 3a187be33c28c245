"""Whose a project is: co-owners, another owner, and its end (docs/contract/pages.md 4.2)."""

import pytest
from sqlalchemy import func, select, text

from db.models import Auditlog, Mail, Project, Result, Task, TaskRun, User
from db.session import Database
from tests.factories import leased_and_answered, make_tasks, make_user
from tests.support.client import Client
from tests.support.documents import assert_valid
from tests.support.outbox import Outbox
from tests.webapp.views.project.conftest import As
from webapp.actor import Actor
from webapp.config import Settings
from webapp.integrations.mail import Letter
from webapp.services.contributing.contributing import Contributor
from webapp.services.mails import delivery
from webapp.services.projects import ownership

STARS = "/project/stars"
ANN = Contributor("anon:ann", user_ip="10.0.0.1")


@pytest.fixture
async def friend(database: Database, project: Project) -> User:
    """A co-owner of the project."""
    async with database.unit() as uow:
        user = await make_user(uow.session, name="eve", fullname="Eve Friend")
        project.owners_ids = [*project.owners_ids, user.id]
        await uow.session.merge(project)
        return user


async def owners(database: Database, project: Project) -> tuple[int, list[int]]:
    async with database.unit(read_only=True) as uow:
        query = select(Project.owner_id, Project.owners_ids).where(Project.id == project.id)
        row = (await uow.session.execute(query)).one()
        return row.owner_id, row.owners_ids


async def test_the_page_lists_who_owns_it(as_user: As, owner: User, friend: User) -> None:
    body = (await as_user(owner).get(STARS + "/coowners", json=True)).json
    assert (body["template"], body["title"]) == ("/projects/coowners.html", "Manage Co-owners")
    assert [(one["name"], one.get("is_creator")) for one in body["coowners"]] == [("ada", True), ("eve", None)]
    assert "email_addr" not in body["coowners"][0]


async def test_somebody_is_found_by_exact_name(as_user: As, owner: User, stranger: User, project: Project) -> None:
    ada = as_user(owner)
    found = (await ada.post(STARS + "/coowners", {"user": "bob"}, json=True)).json["found"]
    assert (found["name"], found["is_coowner"], found["is_creator"]) == ("bob", False, False)
    assert_valid("coowners", (await ada.post(STARS + "/coowners", {"user": "bob"})).text)
    for nobody in ("bo", "ada"):
        body = (await ada.post(STARS + "/coowners", {"user": nobody}, json=True)).json
        assert (body["found"], body["status"]) == ([], "message")


async def test_a_coowner_comes_and_goes(
    as_user: As, database: Database, owner: User, stranger: User, project: Project
) -> None:
    ada, bob = as_user(owner), as_user(stranger)
    body = (await ada.post(STARS + "/add_coowner/bob", json=True)).json
    assert (body["next"], body["status"]) == (STARS + "/coowners", "success")
    assert await owners(database, project) == (owner.id, [owner.id, stranger.id])
    assert (await bob.get(STARS + "/update")).status == 200
    await ada.post(STARS + "/del_coowner/bob", json=True)
    assert await owners(database, project) == (owner.id, [owner.id])
    assert (await bob.get(STARS + "/update")).status == 403
    async with database.unit(read_only=True) as uow:
        audit = (await uow.session.scalars(select(Auditlog.attribute))).all()
    assert list(audit) == ["owners_ids", "owners_ids"]


async def test_old_clients_add_by_get_and_other_sites_cannot(
    as_user: As, database: Database, owner: User, stranger: User, project: Project
) -> None:
    ada = as_user(owner)
    assert (await ada.get(STARS + "/add_coowner/bob")).status == 400
    from_elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert (await ada.get(STARS + "/add_coowner/bob", json=True, headers=from_elsewhere)).status == 400
    assert await owners(database, project) == (owner.id, [owner.id])
    assert (await ada.get(STARS + "/add_coowner/bob", json=True)).json["next"] == STARS + "/coowners"
    assert await owners(database, project) == (owner.id, [owner.id, stranger.id])


async def test_what_cannot_be_done_to_owners_is_told(
    as_user: As, database: Database, owner: User, friend: User, stranger: User, project: Project
) -> None:
    ada = as_user(owner)
    for path, category in (("add_coowner/eve", "warning"), ("del_coowner/ada", "error"), ("del_coowner/bob", "error")):
        assert (await ada.post(f"{STARS}/{path}", json=True)).json["status"] == category
    assert (await ada.post(STARS + "/add_coowner/nobody", json=True)).status == 404
    assert await owners(database, project) == (owner.id, [owner.id, friend.id])


async def test_strangers_make_nobody_an_owner(
    as_user: As, client: Client, database: Database, owner: User, stranger: User, project: Project
) -> None:
    bob = as_user(stranger)
    for page in ("add_coowner/bob", "del_coowner/ada", "coowners", "transferownership"):
        assert (await bob.post(f"{STARS}/{page}", {"user": "bob", "email_addr": "bob@example.com"})).status == 403
    assert (await client.post(STARS + "/add_coowner/bob")).status == 302
    assert await owners(database, project) == (owner.id, [owner.id])


TRANSFER = STARS + "/transferownership"
OFFER = STARS + "/offer"


async def test_an_offer_is_shown_to_both_and_changes_nothing(
    as_user: As, database: Database, owner: User, friend: User, stranger: User, project: Project
) -> None:
    ada, bob = as_user(owner), as_user(stranger)
    body = (await ada.post(TRANSFER, {"email_addr": "BOB@example.com"}, json=True)).json
    assert (body["next"], body["status"]) == (STARS + "/", "info")
    assert await owners(database, project) == (owner.id, [owner.id, friend.id])
    shown = (await ada.get(TRANSFER, json=True)).json["offer"]
    assert shown["email_addr"] == "BOB@example.com"
    for page in ("/account/profile", "/account/bob/projects"):
        [received] = (await bob.get(page, json=True)).json["offers"]
        assert (received["short_name"], received["offered_by"]) == ("stars", "Ada Owner")
    assert "BOB@example.com" in (await ada.get(TRANSFER)).text
    assert "/project/stars/offer" in (await bob.get("/account/bob/")).text
    assert (await bob.get(OFFER, json=True)).json["name"] == "Stars"


async def test_who_accepts_is_the_owner_and_coowners_stay(
    as_user: As, database: Database, owner: User, friend: User, stranger: User, project: Project
) -> None:
    ada, bob = as_user(owner), as_user(stranger)
    await ada.post(TRANSFER, {"email_addr": "bob@example.com"})
    body = (await bob.post(OFFER + "/accept", json=True)).json
    assert (body["next"], body["status"]) == (STARS + "/settings", "success")
    assert await owners(database, project) == (stranger.id, [stranger.id, friend.id])
    assert (await ada.get(STARS + "/update")).status == 403
    secret = (await bob.get(STARS + "/settings", json=True)).json["project"]["secret_key"]
    assert secret != project.secret_key, "the former owner knows that one"
    assert (await bob.post(OFFER + "/accept")).status == 403
    assert (await bob.get("/account/profile", json=True)).json["offers"] == []


async def test_an_offer_ends_declined_withdrawn_or_after_two_weeks(
    as_user: As, database: Database, owner: User, stranger: User, project: Project
) -> None:
    ada, bob = as_user(owner), as_user(stranger)

    async def two_weeks_pass() -> None:
        async with database.unit() as uow:
            await uow.session.execute(text("UPDATE ownership_offer SET expires = expires - interval '14 days'"))

    for end in (
        lambda: bob.post(OFFER + "/decline"),
        lambda: ada.post(TRANSFER + "/withdraw"),
        lambda: ada.post(TRANSFER, {"email_addr": "eve@example.com"}),
        two_weeks_pass,
    ):
        await ada.post(TRANSFER, {"email_addr": "bob@example.com"})
        assert (await bob.get(OFFER)).status == 200
        await end()
        assert (await bob.get(OFFER)).status == 403
        assert (await bob.post(OFFER + "/accept")).status == 403
    assert await owners(database, project) == (owner.id, [owner.id])


async def test_an_offer_does_not_tell_whether_an_address_has_an_account(
    as_user: As, database: Database, owner: User, stranger: User, project: Project
) -> None:
    async with database.unit() as uow:
        await make_user(uow.session, email_addr="shy@example.com", restrict=True)
    ada, told = as_user(owner), []
    for address in ("nobody@example.com", "shy@example.com", "bob@example.com"):
        answer = await ada.post(TRANSFER, {"email_addr": address}, json=True)
        shown = (await ada.get(TRANSFER, json=True)).json["offer"]
        told.append((answer.json, shown.keys()))
    assert told[0] == told[1] == told[2]


async def test_an_account_made_later_does_not_get_the_offer(
    as_user: As, database: Database, owner: User, project: Project
) -> None:
    """Addresses are not proven: whoever registers one that was mistyped must not own the project."""
    await as_user(owner).post(TRANSFER, {"email_addr": "typo@example.com"})
    async with database.unit() as uow:
        late = await make_user(uow.session, email_addr="typo@example.com")
    assert (await as_user(late).post(OFFER + "/accept")).status == 403


async def test_only_the_creator_gives_away_and_only_the_other_accepts(
    as_user: As, client: Client, database: Database, owner: User, friend: User, stranger: User, project: Project
) -> None:
    eve, ada = as_user(friend), as_user(owner)
    assert (await eve.post(TRANSFER, {"email_addr": "eve@example.com"})).status == 403
    await ada.post(TRANSFER, {"email_addr": "bob@example.com"})
    for who in (eve, ada):
        for path in (OFFER, OFFER + "/accept", OFFER + "/decline"):
            assert (await (who.get(path) if path == OFFER else who.post(path))).status == 403
    assert (await eve.post(TRANSFER + "/withdraw")).status == 403
    assert (await client.post(OFFER + "/accept")).status == 302
    assert (await as_user(stranger).post(OFFER + "/accept", csrf=False)).status == 400
    assert (await owners(database, project))[0] == owner.id


async def test_coowners_run_the_project_and_decide_nothing_about_it(
    as_user: As, database: Database, owner: User, friend: User, stranger: User, project: Project
) -> None:
    eve = as_user(friend)
    for path in ("add_coowner/bob", "del_coowner/ada", "del_coowner/bob", "delete", "resetsecretkey", "coowners"):
        assert (await eve.post(f"{STARS}/{path}")).status == 403, path
    settings = (await eve.get(STARS + "/settings")).text
    for place in ("coowners", "transferownership", "delete", "resetsecretkey"):
        assert f'"{STARS}/{place}"' not in settings
    assert await owners(database, project) == (owner.id, [owner.id, friend.id])


async def test_a_coowner_may_leave(
    as_user: As, database: Database, owner: User, friend: User, project: Project
) -> None:
    eve = as_user(friend)
    assert "del_coowner/eve" in (await eve.get(STARS + "/settings")).text
    assert (await eve.post(STARS + "/del_coowner/eve", json=True)).json["next"] == "/"
    assert await owners(database, project) == (owner.id, [owner.id])


async def test_an_offer_is_mailed_to_whom_it_is_for(
    settings: Settings, database: Database, owner: User, stranger: User, project: Project
) -> None:
    ada, served = Actor(user_id=owner.id), settings.model_copy(update={"base_url": "https://bees.example"})
    for address, to in (("bob@example.com", ["bob@example.com"]), ("nobody@example.com", [])):
        async with database.unit() as uow:
            await ownership.offer(uow.session, ada, await uow.session.get_one(Project, project.id), address)
            mail = (await uow.session.scalars(select(Mail).order_by(Mail.id.desc()).limit(1))).one()
        letters: list[Letter] = []
        await delivery.deliver(database, served, Outbox(letters).take, mail.id)
        assert [letter.to for letter in letters] == to
    assert (await database.autocommit.fetch("SELECT count(*) FROM procrastinate_jobs"))[0][0] == 2


async def test_deleting_takes_everything_along(as_user: As, database: Database, owner: User, project: Project) -> None:
    async with database.unit() as uow:
        first = (await uow.session.scalars(select(Task.id).order_by(Task.id).limit(1))).one()
        await leased_and_answered(uow.session, project, ANN, first)
    ada = as_user(owner)
    page = (await ada.get(STARS + "/delete", json=True)).json
    assert (page["title"], page["n_tasks"]) == ("Project: Stars &middot; Delete", 3)
    body = (await ada.post(STARS + "/delete", json=True)).json
    assert body == {"next": "/account/ada/", "status": "success", "flash": "Project deleted!"}
    async with database.unit(read_only=True) as uow:
        left = [(await uow.session.scalars(select(func.count(model.id)))).one() for model in (Project, Task, TaskRun)]
        audit = (await uow.session.scalars(select(Auditlog).where(Auditlog.action == "delete"))).one()
    assert left == [0, 0, 0]
    assert (audit.project_short_name, audit.old_value, audit.new_value) == ("stars", "Saved", "Deleted")


async def test_with_results_nobody_deletes_it_by_accident(
    as_user: As, database: Database, owner: User, admin: User, project: Project
) -> None:
    async with database.unit() as uow:
        [task] = await make_tasks(uow.session, project, 1, n_answers=1)
        await leased_and_answered(uow.session, project, ANN, task.id)
        assert (await uow.session.scalars(select(func.count(Result.id)))).one() == 1
    for who in (owner, admin):
        assert (await as_user(who).get(STARS + "/delete", json=True)).status == 403
        assert (await as_user(who).post(STARS + "/delete", json=True)).status == 403
        assert "to confirm" in (await as_user(who).post(STARS + "/delete")).text
    assert (await owners(database, project))[0] == owner.id


async def test_strangers_delete_nothing(
    as_user: As, client: Client, database: Database, owner: User, stranger: User, project: Project
) -> None:
    assert (await as_user(stranger).post(STARS + "/delete")).status == 403
    assert (await client.post(STARS + "/delete")).status == 302
    assert (await as_user(owner).post(STARS + "/delete", csrf=False)).status == 400
    assert (await owners(database, project))[0] == owner.id
