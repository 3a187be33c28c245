"""/api/user (docs/contract/api.md 2.6): what everybody may know of accounts, and one's own."""

from typing import Any

import pytest

from db.models import User
from db.session import Database
from tests.factories import make_user
from tests.support.client import Client

PRIVATE = {
    *("id", "created", "name", "fullname", "email_addr", "locale", "info"),
    *("n_answers", "registered_ago", "rank", "score"),
}
SECRET = {"passwd_hash", "api_key", "session_epoch", "ldap"}


@pytest.fixture
async def ann(database: Database) -> User:
    """Somebody who shows a full name."""
    async with database.unit() as uow:
        info = {
            "avatar": "a.png",
            "container": "user_1",
            "avatar_url": "/uploads/user_1/a.png",
            "google_token": {"t": 1},
        }
        return await make_user(
            uow.session, name="ann", fullname="Ann A", privacy_mode=False, passwd_hash="secret", info=info
        )


@pytest.fixture
async def ben(database: Database) -> User:
    """Somebody who does not."""
    async with database.unit() as uow:
        return await make_user(uow.session, name="ben", fullname="Ben B")


async def names(client: Client, query: str = "") -> set[str]:
    answer = await client.api("GET", f"/api/user{query}")
    assert answer.status == 200, answer.text
    return {user["name"] for user in answer.json}


async def test_others_see_as_much_as_an_account_wants(
    client: Client, as_stranger: Client, ann: User, ben: User
) -> None:
    for caller in (client, as_stranger):
        assert set((await caller.api("GET", f"/api/user/{ben.id}")).json) == {"name", "locale"}
        seen = (await caller.api("GET", f"/api/user/{ann.id}")).json
        assert set(seen) == {"name", "locale", "fullname", "created"}
    assert await names(client) >= {"ann", "ben"}
    assert (await client.api("GET", "/api/user/9999")).status == 404


async def test_oneself_and_administrators_see_more_but_no_secret(
    as_owner: Client, as_admin: Client, owner: User, ann: User
) -> None:
    assert set((await as_owner.api("GET", f"/api/user/{owner.id}")).json) == PRIVATE
    seen = (await as_admin.api("GET", f"/api/user/{ann.id}")).json
    assert set(seen) == PRIVATE and "google_token" not in seen["info"]
    own = [user for user in (await as_owner.api("GET", "/api/user")).json if user["name"] == owner.name]
    assert set(own[0]) == PRIVATE, "in lists too"


async def test_whoever_asked_to_be_left_alone_is_shown_to_nobody_else(
    client: Client, as_owner: Client, as_admin: Client, owner: User, database: Database
) -> None:
    async with database.unit() as uow:
        (await uow.session.get_one(User, owner.id)).restrict = True
    assert owner.name not in await names(client) | await names(as_admin)
    assert (await client.api("GET", f"/api/user/{owner.id}")).status == 401
    assert (await as_admin.api("GET", f"/api/user/{owner.id}")).status == 403
    assert (await as_owner.api("GET", f"/api/user/{owner.id}")).json["fullname"] == owner.fullname


@pytest.mark.parametrize(
    "column", ["email_addr", "admin", "privacy_mode", "info", "consent", "ckan_api", *sorted(SECRET)]
)
async def test_others_learn_nothing_by_searching_and_sorting(
    client: Client, as_stranger: Client, ann: User, column: str
) -> None:
    for caller in (client, as_stranger):
        # `api_key` in the address says who asks, and is never searched by.
        for query in (f"?orderby={column}", *([] if column == "api_key" else [f"?{column}=x"])):
            answer = await caller.api("GET", f"/api/user{query}")
            assert (answer.status, answer.json["exception_cls"]) == (415, "AttributeError")


async def test_names_that_are_not_shown_are_not_found_either(client: Client, ann: User, ben: User) -> None:
    assert await names(client, "?fullname=Ann A") == {"ann"}
    assert await names(client, "?fullname=Ben B") == set()
    assert await names(client, "?created=20") == {"ann"}
    assert await names(client, "?orderby=fullname") == {"ann"}
    assert await names(client, "?name=ben") == {"ben"}


async def test_administrators_search_by_more_but_never_by_secrets(as_admin: Client, ann: User, ben: User) -> None:
    assert await names(as_admin, "?fullname=Ben B") == {"ben"}
    assert await names(as_admin, f"?email_addr={ann.email_addr}") == {"ann"}
    for column in SECRET:
        assert (await as_admin.api("GET", f"/api/user?orderby={column}")).status == 415
    for column in SECRET - {"api_key"}:
        assert (await as_admin.api("GET", f"/api/user?{column}=x")).status == 415


async def test_changing_oneself(as_owner: Client, as_admin: Client, owner: User) -> None:
    path = f"/api/user/{owner.id}"
    changed = await as_owner.api("PUT", path, {"fullname": "Better Name", "privacy_mode": False, "link": "x"})
    assert changed.status == 200 and changed.json["fullname"] == "Better Name"
    assert not SECRET & set(changed.json)
    for language in ("es", "pt_BR", "en"):
        assert (await as_owner.api("PUT", path, {"locale": language})).json["locale"] == language
    assert (await as_admin.api("PUT", path, {"locale": "en", "user_pref": {"languages": ["en"]}})).status == 200
    assert (await as_owner.api("GET", path)).json["fullname"] == "Better Name"


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"admin": True}, 400),
        ({"pro": True}, 400),
        ({"id": 1}, 400),
        ({"passwd_hash": "x"}, 400),
        ({"session_epoch": 7}, 400),
        ({"api_key": "x"}, 400),
        ({"email_addr": "x@example.org"}, 400),
        ({"valid_email": True}, 400),
        ({"nope": 1}, 415),
        ({"name": "a/b"}, 415),
        ({"name": ""}, 415),
        ({"name": None}, 415),
        ({"name": "profile"}, 400),
        ({"fullname": "x" * 36}, 415),
        ({"locale": "klingon"}, 415),
        ({"info": [1]}, 415),
        ({"user_pref": "x"}, 415),
        ({"restrict": None}, 415),
    ],
)
async def test_what_is_not_changed_here(
    as_owner: Client, owner: User, database: Database, values: dict[str, Any], status: int
) -> None:
    answer = await as_owner.api("PUT", f"/api/user/{owner.id}", values)
    assert (answer.status, answer.json["action"], answer.json["target"]) == (status, "PUT", "user"), answer.text
    async with database.unit(read_only=True) as uow:
        after = await uow.session.get_one(User, owner.id)
    assert (after.admin, after.name, after.fullname, after.email_addr, after.info) == (
        *(False, owner.name, owner.fullname, owner.email_addr),
        {},
    )


async def test_a_name_that_is_taken(as_owner: Client, owner: User, ann: User) -> None:
    answer = await as_owner.api("PUT", f"/api/user/{owner.id}", {"name": "ann"})
    assert (answer.status, answer.json["exception_cls"]) == (400, "BadRequest")


async def test_tokens_and_the_picture_stay_out_of_reach(as_admin: Client, ann: User, database: Database) -> None:
    sent = {"badge": 1, "google_token": "mine", "container": "user_7", "avatar": "theirs.png"}
    answer = await as_admin.api("PUT", f"/api/user/{ann.id}", {"info": sent})
    assert answer.status == 200 and "google_token" not in answer.json["info"]
    async with database.unit(read_only=True) as uow:
        assert (await uow.session.get_one(User, ann.id)).info == ann.info | {"badge": 1}


async def test_nobody_changes_others(client: Client, as_stranger: Client, ann: User) -> None:
    path = f"/api/user/{ann.id}"
    assert (await client.api("PUT", path, {"fullname": "x"})).status == 401
    assert (await as_stranger.api("PUT", path, {"fullname": "x"})).status == 403


async def test_accounts_are_neither_made_nor_deleted_here(client: Client, as_admin: Client, ann: User) -> None:
    for caller in (client, as_admin):
        made = await caller.api("POST", "/api/user", {"name": "x"})
        gone = await caller.api("DELETE", f"/api/user/{ann.id}")
        for answer, action in ((made, "POST"), (gone, "DEL")):
            assert (answer.status, answer.json["action"], answer.json["target"]) == (405, action, "user")
