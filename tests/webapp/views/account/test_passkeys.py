"""Passkeys by the bytes: who is let in, and what is refused. `playwright/flows/test_signing_in_safely.py` does the same
in Chromium with its own authenticator."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from quart import Quart
from sqlalchemy import select, text

from db.models import Passkey, User
from db.session import Database
from tests.factories import make_user
from tests.support.authenticator import Authenticator
from tests.support.client import Answer, Client
from webapp.config import Settings
from webapp.services.accounts import passkeys
from webapp.services.accounts.passwords import Passwords

PASSWORD = "honey and wax"
PLACE = "/account/ann/security"
WITH_PASSKEY = "/account/signin/passkey"


@pytest.fixture
async def ann(database: Database, settings: Settings) -> User:
    async with database.unit() as uow:
        hashed = await Passwords(settings).hash(PASSWORD)
        return await make_user(uow.session, name="ann", email_addr="ann@example.org", passwd_hash=hashed)


@pytest.fixture
async def hers(app: Quart, ann: User) -> Client:
    """Ann's, who has just signed in."""
    signed_in = Client(app)
    await signed_in.post("/account/signin", {"email": "ann@example.org", "password": PASSWORD}, json=True)
    return signed_in


async def options(browser: Client, place: str) -> dict[str, Any]:
    asked: dict[str, Any] = (await browser.post(f"{place}/options", json=True)).json["options"]
    return asked


async def add(hers: Client, device: Authenticator) -> Answer:
    made = device.make(await options(hers, f"{PLACE}/passkeys"))
    return await hers.post(f"{PLACE}/passkeys", {"name": "My phone", "credential": made}, json=True)


async def sign_in(app: Quart, device: Authenticator, next_: str = "") -> tuple[Client, Answer]:
    browser = Client(app)
    sent = device.sign(await options(browser, WITH_PASSKEY))
    return browser, await browser.post(WITH_PASSKEY + next_, {"credential": sent}, json=True)


async def is_in(hers: Client) -> bool:
    return (await hers.get("/project/new", json=True)).status == 200


def refused(answer: Answer) -> bool:
    """Told so, and nothing else."""
    shown = answer.json
    return (answer.status, shown["status"]) == (200, "error") and "not accepted" in shown["flash"]


async def test_a_passkey_is_added_and_signs_in(app: Quart, hers: Client, database: Database) -> None:
    device = Authenticator()
    asked = await options(hers, f"{PLACE}/passkeys")
    assert asked["rp"]["id"] == "localhost"
    wanted = asked["authenticatorSelection"]
    assert (wanted["residentKey"], wanted["userVerification"]) == ("required", "required")
    added = await add(hers, device)
    assert (added.json["next"], added.json["status"]) == (PLACE, "success")

    other, answer = await sign_in(app, device, "?next=/about")

    assert (answer.json["next"], answer.json["status"], await is_in(other)) == ("/about", "success", True)
    [shown] = (await hers.get(PLACE, json=True)).json["passkeys"]
    assert shown["name"] == "My phone" and shown["last_used"] is not None and "credential" not in shown
    async with database.unit(read_only=True) as uow:
        assert (await uow.session.scalars(select(Passkey.sign_count))).one() == 1


async def test_it_counts_as_both_steps(app: Quart, hers: Client, database: Database, ann: User) -> None:
    device = Authenticator()
    await add(hers, device)
    async with database.unit() as uow:
        await uow.session.execute(
            text("INSERT INTO second_step (user_id, secret) VALUES (:user, 'x')"), {"user": ann.id}
        )
    other, _answer = await sign_in(app, device)
    assert await is_in(other)


async def test_nobody_comes_in_with_a_suspended_account(
    app: Quart, hers: Client, database: Database, ann: User
) -> None:
    device = Authenticator()
    await add(hers, device)
    async with database.unit() as uow:
        await uow.session.execute(text("UPDATE users SET suspended_until = now() + interval '1 day'"))
    other, answer = await sign_in(app, device)
    assert (answer.json["next"], answer.json["status"]) == ("/account/signin", "error")
    assert "suspended" in answer.json["flash"] and not await is_in(other)


def another_origin(device: Authenticator) -> None:
    device.origin = "http://evil.example"


def another_host(device: Authenticator) -> None:
    device.host = "evil.example"


def nobody_there(device: Authenticator) -> None:
    device.verifies = False


def counts_back(device: Authenticator) -> None:
    device.counter = -1


def another_key(device: Authenticator) -> None:
    device.key = Authenticator().key


def another_account(device: Authenticator) -> None:
    device.handle = "YW5vdGhlcg"


def unknown(device: Authenticator) -> None:
    device.id = b"\x00" * 32


@pytest.mark.parametrize(
    "wrong", [another_origin, another_host, nobody_there, counts_back, another_key, another_account, unknown]
)
async def test_what_is_wrong_lets_nobody_in(app: Quart, hers: Client, wrong: Callable[[Authenticator], None]) -> None:
    device = Authenticator()
    await add(hers, device)
    device.counter = 0
    await sign_in(app, device)
    wrong(device)
    other, answer = await sign_in(app, device)
    assert refused(answer) and not await is_in(other)


@pytest.mark.parametrize("wrong", [another_origin, another_host, nobody_there])
async def test_what_is_wrong_is_not_added(hers: Client, wrong: Callable[[Authenticator], None]) -> None:
    device = Authenticator()
    wrong(device)
    answer = await add(hers, device)
    assert list(answer.json["passkey_form"]["errors"]) == ["credential"]
    assert (await hers.get(PLACE, json=True)).json["passkeys"] == []


async def test_a_challenge_is_of_its_browser_and_good_once(app: Quart, hers: Client) -> None:
    device = Authenticator()
    await add(hers, device)
    mine, thief = Client(app), Client(app)
    sent = device.sign(await options(mine, WITH_PASSKEY))
    await options(thief, WITH_PASSKEY)
    assert refused(await thief.post(WITH_PASSKEY, {"credential": sent}, json=True)), "another browser's"
    assert (await mine.post(WITH_PASSKEY, {"credential": sent}, json=True)).json["status"] == "success"
    await mine.post("/account/signout", json=True)
    assert refused(await mine.post(WITH_PASSKEY, {"credential": sent}, json=True)), "answered already"


async def test_an_answer_is_good_for_what_it_was_asked_for(hers: Client, app: Quart) -> None:
    device = Authenticator()
    await add(hers, device)
    confirms = await options(hers, f"{PLACE}/confirm/passkey")
    signed = device.sign(confirms)
    other = Client(app)
    assert refused(await other.post(WITH_PASSKEY, {"credential": signed}, json=True))
    right = await hers.post(f"{PLACE}/confirm/passkey", {"credential": signed}, json=True)
    assert right.json == {"next": PLACE, "status": "success"}


async def test_an_old_sign_in_is_confirmed(hers: Client, database: Database) -> None:
    device = Authenticator()
    await add(hers, device)
    async with database.unit() as uow:
        await uow.session.execute(text("UPDATE account_session SET proven = NULL"))
    asked = (await hers.post(f"{PLACE}/passkeys/options", json=True)).json
    assert asked["next"].startswith(f"{PLACE}/confirm")
    stranger = Authenticator(handle=device.handle)
    for used, outcome in ((stranger, "error"), (device, "success")):
        sent = used.sign(await options(hers, f"{PLACE}/confirm/passkey"))
        answer = await hers.post(f"{PLACE}/confirm/passkey", {"credential": sent}, json=True)
        assert answer.json["status"] == outcome
    assert "options" in (await hers.post(f"{PLACE}/passkeys/options", json=True)).json


MALFORMED = [
    "",
    "x",
    "null",
    "[]",
    "7",
    "{}",
    '{"id": 7, "rawId": [], "type": {}, "response": null}',
    '{"id": "é", "rawId": "é", "type": "public-key", "response": {}}',
    json.dumps(
        {"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "!", "signature": "x"}}
    ),
    json.dumps(
        {
            "id": "AA",
            "rawId": "AA",
            "type": "public-key",
            "response": {"clientDataJSON": "AA", "authenticatorData": "AA", "signature": "AA", "userHandle": "AA"},
        }
    ),
    json.dumps(
        {
            "id": "AA",
            "rawId": "AA",
            "type": "public-key",
            "response": {"clientDataJSON": "e30", "attestationObject": "oWNmbXRkbm9uZQ"},
        }
    ),
    "[" * 2000,
    "9" * 15_000,
    "x" * 20_000,
]


@pytest.mark.parametrize("credential", MALFORMED, ids=range(len(MALFORMED)))
async def test_bytes_that_somebody_has_made_up(app: Quart, hers: Client, credential: str) -> None:
    other = Client(app)
    await options(other, WITH_PASSKEY)
    assert refused(await other.post(WITH_PASSKEY, {"credential": credential}, json=True))
    await options(hers, f"{PLACE}/passkeys")
    answer = await hers.post(f"{PLACE}/passkeys", {"name": "x", "credential": credential}, json=True)
    assert (answer.status, list(answer.json["passkey_form"]["errors"])) == (200, ["credential"])
    await options(hers, f"{PLACE}/confirm/passkey")
    confirmed = await hers.post(f"{PLACE}/confirm/passkey", {"credential": credential}, json=True)
    assert (confirmed.status, confirmed.json["status"]) == (200, "error")


async def test_every_bent_byte_is_refused(app: Quart, hers: Client) -> None:
    """What the device has signed, with one part of it cut or turned."""
    device = Authenticator()
    await add(hers, device)
    for name in ("clientDataJSON", "authenticatorData", "signature", "userHandle"):
        for bend in (lambda part: part[:-4], lambda part: part[4:], lambda part: part.swapcase(), lambda _part: ""):
            other = Client(app)
            sent = json.loads(device.sign(await options(other, WITH_PASSKEY)))
            sent["response"][name] = bend(sent["response"][name])
            answer = await other.post(WITH_PASSKEY, {"credential": json.dumps(sent)}, json=True)
            assert refused(answer), (name, sent)


async def test_there_are_enough(hers: Client, database: Database, ann: User) -> None:
    async with database.unit() as uow:
        uow.session.add_all(
            Passkey(user_id=ann.id, name="x", credential=f"x{n}", public_key="") for n in range(passkeys.MOST_PASSKEYS)
        )
    answer = await hers.post(f"{PLACE}/passkeys/options", json=True)
    assert (answer.json["next"], answer.json["status"]) == (PLACE, "error")


async def test_one_is_removed(app: Quart, hers: Client) -> None:
    device = Authenticator()
    await add(hers, device)
    [shown] = (await hers.get(PLACE, json=True)).json["passkeys"]
    place = f"{PLACE}/passkeys/{shown['id']}/remove"
    assert (await hers.post(place, json=True)).json["status"] == "success"
    assert (await hers.post(place, json=True)).status == 404
    other, answer = await sign_in(app, device)
    assert refused(answer) and not await is_in(other)


async def test_others_have_nothing_to_do_with_them(
    app: Quart, hers: Client, ann: User, database: Database, as_user: Callable[[User], Client]
) -> None:
    device = Authenticator()
    await add(hers, device)
    [shown] = (await hers.get(PLACE, json=True)).json["passkeys"]
    async with database.unit() as uow:
        bea = await make_user(uow.session, name="bea", admin=True)
    key = Client(app, key=ann.api_key)
    for path in ("passkeys/options", "passkeys", f"passkeys/{shown['id']}/remove", "confirm/passkey/options"):
        assert (await as_user(bea).post(f"{PLACE}/{path}", json=True)).status == 403
        assert (await key.post(f"{PLACE}/{path}", json=True)).status == 403
    assert (await as_user(bea).post(f"{PLACE}/confirm/passkey", json=True)).status == 403
    assert (await Client(app).post(f"{PLACE}/passkeys", json=True)).status == 302


async def test_a_passkey_is_of_one_account(app: Quart, hers: Client, database: Database, settings: Settings) -> None:
    device = Authenticator()
    await add(hers, device)
    again = await add(hers, device)
    assert list(again.json["passkey_form"]["errors"]) == ["credential"]
