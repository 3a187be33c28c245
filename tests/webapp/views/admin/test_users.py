"""Accounts and administrators (docs/contract/pages.md 5)."""

import csv
import io

from sqlalchemy import select

from db.models import AdminAction, User
from db.session import Database
from tests.factories import make_user
from tests.support.client import Client
from tests.webapp.views.admin.conftest import As
from webapp.viewmodels.public.user import EXPORTED

LIST = "/admin/users"


async def is_admin(database: Database, user: User) -> bool:
    async with database.unit(read_only=True) as uow:
        return (await uow.session.scalars(select(User.admin).where(User.id == user.id))).one()


async def test_accounts_are_found_by_parts_of_names_and_by_address(rita: Client, ann: User, ben: User) -> None:
    empty = (await rita.get(LIST, json=True)).json
    assert (empty["template"], empty["title"]) == ("/admin/users.html", "Manage Admin Users")
    assert (empty["found"], empty["users"], empty["form"]["user"]) == ([], [], "")
    for words, names in (("nder", ["ann"]), ("BEN", ["ben"]), ("ann@example.org", ["ann"]), ("root", []), ("zzz", [])):
        body = (await rita.post(LIST, {"user": words}, json=True)).json
        assert [one["name"] for one in body["found"]] == names, words
    one = (await rita.post(LIST, {"user": "ann"}, json=True)).json["found"][0]
    assert (one["email_addr"], one["admin"], one["api_key"], one["passwd_hash"]) == (
        "ann@example.org",
        False,
        None,
        None,
    )


async def test_administrators_come_and_go(rita: Client, ann: User, database: Database) -> None:
    for method in (rita.post, rita.get):  # old clients do it by GET, as JSON
        assert (await method(f"{LIST}/add/{ann.id}", json=True)).json == {"next": LIST}
        assert [one["name"] for one in (await rita.get(LIST, json=True)).json["users"]] == ["ann"]
        assert (await method(f"{LIST}/del/{ann.id}", json=True)).json == {"next": LIST}
        assert not await is_admin(database, ann)
    async with database.unit(read_only=True) as uow:
        record = (await uow.session.execute(select(AdminAction.action, AdminAction.subject_name))).all()
    assert [tuple(row) for row in record] == [("add admin", "ann"), ("remove admin", "ann")] * 2
    for place, told in (("add", "User not found"), ("del", "User.id not found")):
        answer = await rita.post(f"{LIST}/{place}/9999", json=True)
        assert (answer.status, answer.json) == (404, {"error": told, "status_code": 404})


async def test_the_last_administrator_stays(rita: Client, admin: User, ann: User, database: Database) -> None:
    body = (await rita.post(f"{LIST}/del/{admin.id}", json=True)).json
    assert body["status"] == "warning" and await is_admin(database, admin)
    await rita.post(f"{LIST}/add/{ann.id}", json=True)
    await rita.post(f"{LIST}/del/{admin.id}", json=True)
    assert not await is_admin(database, admin) and await is_admin(database, ann)
    assert (await rita.get(LIST, json=True)).status == 403


async def test_pages_of_elsewhere_make_no_administrators(rita: Client, ann: User, database: Database) -> None:
    assert (await rita.get(f"{LIST}/add/{ann.id}")).status == 400
    from_elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert (await rita.get(f"{LIST}/add/{ann.id}", json=True, headers=from_elsewhere)).status == 400
    assert not await is_admin(database, ann)


async def test_the_whole_list_is_downloaded(rita: Client, ann: User, database: Database) -> None:
    async with database.unit() as uow:
        await make_user(uow.session, name="eve", restrict=True)
        await make_user(uow.session, name="mallory", fullname="=HYPERLINK(1)")
    answer = await rita.get(f"{LIST}/export?format=json")
    assert "all_users.json" in answer.headers["Content-Disposition"]
    assert [one["name"] for one in answer.json] == ["root", "ann", "mallory"]
    assert list(answer.json[0]) == list(EXPORTED)
    answer = await rita.get(f"{LIST}/export?format=csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [one["name"] for one in rows] == ["root", "ann", "mallory"] and rows[0]["admin"] == "True"
    assert rows[2]["fullname"] == "'=HYPERLINK(1)"
    assert (await rita.get(f"{LIST}/export?format=x")).status == 415
    answer = await rita.get(f"{LIST}/export")
    assert (answer.status, answer.location) == (302, "/admin/")


async def test_others_may_not(as_user: As, ann: User, ben: User, database: Database) -> None:
    hers = as_user(ann)
    for path in (LIST, f"{LIST}/add/{ben.id}", f"{LIST}/del/{ben.id}", f"{LIST}/export?format=csv"):
        assert (await hers.get(path, json=True)).status == 403
    for path in (LIST, f"{LIST}/add/{ann.id}", f"{LIST}/del/{ben.id}"):
        assert (await hers.post(path, {"user": "a"}, json=True)).status == 403
    assert not await is_admin(database, ann)
