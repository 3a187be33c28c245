"""Where somebody is signed in, and that signing out there works."""

from typing import Any

import pytest
from quart import Quart
from sqlalchemy import text

from db.models import AccountSession, User
from db.session import Database, UnitOfWork
from tests.factories import make_user
from tests.support.client import Client
from webapp.config import Settings
from webapp.http.app_services import current_services
from webapp.services.accounts import credentials
from webapp.services.accounts.passwords import Passwords

PASSWORD = "honey and wax"
PLACE = "/account/ann/security"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1"


@pytest.fixture
async def ann(database: Database, settings: Settings) -> User:
    async with database.unit() as uow:
        hashed = await Passwords(settings).hash(PASSWORD)
        return await make_user(uow.session, name="ann", email_addr="ann@example.org", passwd_hash=hashed)


async def signed_in(app: Quart, user_agent: str = FIREFOX) -> Client:
    browser = Client(app)
    sent = {"email": "ann@example.org", "password": PASSWORD}
    answer = await browser.post("/account/signin", sent, json=True, headers={"User-Agent": user_agent})
    assert answer.json["status"] == "success"
    return browser


async def is_in(browser: Client) -> bool:
    return (await browser.get("/project/new", json=True)).status == 200


async def listed(browser: Client) -> list[dict[str, Any]]:
    sessions: list[dict[str, Any]] = (await browser.get(PLACE, json=True)).json["sessions"]
    return sessions


async def test_the_list_names_browsers_and_systems(app: Quart, ann: User) -> None:
    desk, _phone = await signed_in(app), await signed_in(app, IPHONE)

    shown = await listed(desk)

    assert [(one["browser"], one["system"], one["present"]) for one in shown] == [
        ("Firefox", "Linux", True),
        ("Safari", "iPhone", False),
    ]
    assert shown[0]["last_used"] is not None
    assert set(shown[0]) == {"id", "browser", "system", "created", "present", "last_used"}


async def test_a_browser_is_signed_out_from_another(app: Quart, ann: User) -> None:
    desk, phone = await signed_in(app), await signed_in(app, IPHONE)
    [_own, other] = await listed(desk)

    answer = await desk.post(f"{PLACE}/sessions/{other['id']}/end", json=True)

    assert (answer.json["next"], answer.json["status"]) == (PLACE, "success")
    assert (await is_in(desk), await is_in(phone)) == (True, False)
    assert len(await listed(desk)) == 1
    assert (await desk.post(f"{PLACE}/sessions/{other['id']}/end", json=True)).status == 404


async def test_one_s_own_browser_is_signed_out(app: Quart, ann: User) -> None:
    desk = await signed_in(app)
    [own] = await listed(desk)

    answer = await desk.post(f"{PLACE}/sessions/{own['id']}/end", json=True)

    assert (answer.json["next"], await is_in(desk)) == ("/", False)


async def test_signing_out_everywhere_else(app: Quart, ann: User) -> None:
    desk, phone = await signed_in(app), await signed_in(app, IPHONE)

    answer = await desk.post(f"{PLACE}/sessions/end", {"others": True}, json=True)

    assert answer.json["next"] == PLACE
    assert (await is_in(desk), await is_in(phone)) == (True, False)
    assert [one["present"] for one in await listed(desk)] == [True]


async def test_signing_out_everywhere(app: Quart, ann: User) -> None:
    desk, phone = await signed_in(app), await signed_in(app, IPHONE)

    answer = await desk.post(f"{PLACE}/sessions/end", json=True)

    assert answer.json["next"] == "/account/signin"
    assert (await is_in(desk), await is_in(phone)) == (False, False)
    assert await is_in(Client(app, key=ann.api_key)), "a key is no session"


async def test_signing_out_takes_the_session_from_the_list(app: Quart, ann: User) -> None:
    desk, phone = await signed_in(app), await signed_in(app, IPHONE)
    await phone.post("/account/signout", json=True)
    assert len(await listed(desk)) == 1


async def test_a_session_of_before_is_shown_as_this_browser(app: Quart, ann: User, as_user: Any) -> None:
    [own] = await listed(as_user(ann))
    assert (own["id"], own["present"]) == (None, True)


async def test_others_and_keys_change_nothing(app: Quart, ann: User, uow: UnitOfWork, as_user: Any) -> None:
    desk = await signed_in(app)
    [own] = await listed(desk)
    bea = await make_user(uow.session, name="bea", admin=True)
    await uow.session.commit()
    end = f"{PLACE}/sessions/{own['id']}/end"

    assert (await as_user(bea).get(PLACE, json=True)).status == 403
    assert (await as_user(bea).post(end, json=True)).status == 403
    assert (await as_user(bea).post(end.replace("ann", "bea"), json=True)).status == 404
    assert (await Client(app, key=ann.api_key).post(end, json=True)).status == 403
    assert (await Client(app).get(PLACE)).status == 302
    assert await is_in(desk)


async def test_changing_is_for_whoever_has_shown_who_they_are(app: Quart, ann: User, as_user: Any) -> None:
    """A session of before, or one of some minutes ago."""
    browser = as_user(ann)
    asked = await browser.get(f"{PLACE}/authenticator", json=True)
    assert asked.json["next"] == f"{PLACE}/confirm?next={PLACE}/authenticator"
    wrong = await browser.post(asked.json["next"], {"password": "guess"}, json=True)
    assert list(wrong.json["form"]["errors"]) == ["password"]
    assert (await browser.get(f"{PLACE}/authenticator", json=True)).json.get("next")

    right = await browser.post(asked.json["next"], {"password": PASSWORD}, json=True)

    assert right.json == {"next": f"{PLACE}/authenticator", "status": "success"}
    assert "secret" in (await browser.get(f"{PLACE}/authenticator", json=True)).json


async def test_restricting_an_account_proves_nothing(app: Quart, ann: User, as_user: Any) -> None:
    """It ends other sessions and signs this one in anew, by nobody's password."""
    browser = as_user(ann)
    profile = {"btn": "Profile", "fullname": "Ann Bee", "name": "ann", "email_addr": "ann@example.org", "locale": "en"}
    saved = await browser.post("/account/ann/update", profile | {"restrict": True}, json=True)
    assert saved.json["status"] == "success"
    assert "confirm" in (await browser.get(f"{PLACE}/authenticator", json=True)).json["next"]


async def test_the_page(app: Quart, ann: User) -> None:
    desk = await signed_in(app)
    shown = await desk.get(PLACE)
    assert (shown.status, "Firefox on Linux" in shown.text, "this browser" in shown.text) == (200, True, True)
    part = await desk.get(PLACE, headers={"HX-Request": "true", "HX-Target": "main"})
    assert "Firefox on Linux" in part.text and "<html" not in part.text


async def test_a_session_s_use_is_noted_once_in_some_minutes(app: Quart, ann: User) -> None:
    """Of all its requests one tells Redis, and none the database."""
    desk = await signed_in(app)
    redis = current_services(app).redis
    assert await is_in(desk)
    [key] = await redis.keys("session:used:*")
    assert 0 < await redis.ttl(key) <= 365 * 24 * 3600
    await redis.delete(key)
    assert await is_in(desk)
    assert await redis.keys("session:used:*") == []
    [own] = await listed(desk)
    assert own["last_used"] == own["created"], "what is not known any more is as old as the session"


async def test_many_sessions_are_not_all_shown(app: Quart, ann: User, database: Database) -> None:
    desk = await signed_in(app)
    async with database.unit() as uow:
        uow.session.add_all(
            AccountSession(user_id=ann.id, credential=f"x{n}", browser="curl", system="") for n in range(60)
        )
    shown = await listed(desk)
    assert (len(shown), shown[0]["browser"], shown[0]["present"]) == (51, "Firefox", True)
    await desk.post(f"{PLACE}/sessions/end", {"others": True}, json=True)
    assert len(await listed(desk)) == 1


async def test_sessions_go_when_their_cookies_have_run_out(app: Quart, ann: User, database: Database) -> None:
    desk = await signed_in(app)
    async with database.unit() as uow:
        old = AccountSession(user_id=ann.id, credential="old", browser="", system="")
        uow.session.add(old)
        await uow.session.flush()
        await uow.session.execute(
            text("UPDATE account_session SET created = now() - interval '366 days' WHERE credential = 'old'")
        )
    await credentials.forget_old(database, days=365)
    assert len(await listed(desk)) == 1
