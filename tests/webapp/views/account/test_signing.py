"""Registering, signing in and out."""

from typing import Any

import pytest
from quart import Quart
from sqlalchemy import select
from werkzeug.security import generate_password_hash

from db.models import User
from db.session import UnitOfWork
from tests.factories import make_project, make_tasks, make_user
from tests.support.client import Client
from tests.support.invariants import breaches
from webapp.config import Settings

ANN: dict[str, Any] = {
    "fullname": "Ann Bee",
    "name": "ann",
    "email_addr": "ann@example.com",
    "password": "honey and wax",
    "confirm": "honey and wax",
    "consent": True,
}
SIGN_IN = {"email": "ann@example.com", "password": "honey and wax"}


async def name_of(client: Client) -> str | None:
    """Who is signed in here."""
    profile = (await client.get("/account/profile", json=True)).json
    return profile["user"]["name"] if "user" in profile else None


async def registered(uow: UnitOfWork, name: str) -> User | None:
    return (await uow.session.scalars(select(User).where(User.name == name))).one_or_none()


async def test_registering_signs_in_and_the_first_account_is_the_administrator_s(client: Client, app: Quart) -> None:
    answer = await client.post("/account/register", ANN, json=True)

    assert answer.json == {"next": "/", "status": "success", "flash": "Thanks for signing-up"}
    assert (await client.get("/account/profile", json=True)).json["user"]["admin"] is True
    second = Client(app)
    await second.post("/account/register", ANN | {"name": "bea", "email_addr": "bea@example.com"}, json=True)
    assert (await second.get("/account/profile", json=True)).json["user"]["admin"] is False


async def test_a_browser_that_registers_is_sent_where_it_wanted_to_go(client: Client) -> None:
    answer = await client.post("/account/register?next=/project/new", ANN)

    assert (answer.status, answer.location) == (302, "/project/new")


@pytest.mark.parametrize(
    ("changed", "field", "message"),
    [
        ({"fullname": "A"}, "fullname", "between 3 and 35"),
        ({"name": "an n"}, "name", "characters that an address cannot have"),
        ({"name": "../x"}, "name", "characters that an address cannot have"),
        ({"name": "profile"}, "name", "used by the system"),
        ({"name": "taken"}, "name", "already taken"),
        ({"email_addr": "nope"}, "email_addr", "Invalid email address"),
        ({"email_addr": "TAKEN@example.com"}, "email_addr", "cannot be used"),
        ({"confirm": "honey and wix"}, "password", "must match"),
        ({"password": "short", "confirm": "short"}, "password", "at least 8 characters"),
    ],
)
async def test_what_is_wrong_is_told_at_its_field_and_no_password_comes_back(
    client: Client, uow: UnitOfWork, changed: dict[str, str], field: str, message: str
) -> None:
    await make_user(uow.session, name="taken", email_addr="taken@example.com")
    await uow.session.commit()

    answer = await client.post("/account/register", ANN | changed, json=True)

    assert (answer.status, answer.json["status"], answer.json["flash"]) == (200, "error", "Please correct the errors")
    assert message in " ".join(answer.json["form"]["errors"][field])
    assert (answer.json["form"]["password"], answer.json["form"]["confirm"]) == (None, None)
    assert await registered(uow, "ann") is None


async def test_the_page_shows_an_error_beside_its_field(client: Client) -> None:
    answer = await client.post("/account/register", ANN | {"name": "a b"})

    assert 'aria-describedby="name-hint name-error"' in answer.text
    assert "honey and wax" not in answer.text


async def test_registering_needs_the_session_s_token(client: Client) -> None:
    answer = await client.post("/account/register", ANN, json=True, csrf=False)

    assert (answer.status, answer.json["template"]) == (400, "400.html")


async def test_signing_in_and_out(client: Client, app: Quart) -> None:
    await client.post("/account/register", ANN, json=True)
    browser = Client(app)

    welcome = await browser.post("/account/signin?next=/about", SIGN_IN | {"email": "ANN@example.com"}, json=True)
    assert welcome.json == {"next": "/about", "status": "success", "flash": "Welcome back Ann Bee"}
    assert await name_of(browser) == "ann"
    assert (await browser.get("/account/signin", json=True)).json == {"next": "/"}

    farewell = await browser.get("/account/signout", json=True)
    assert farewell.json["next"] == "/"
    assert farewell.json["status"] == "success"
    assert await name_of(browser) is None

    await browser.post("/account/signin", SIGN_IN, json=True)
    assert (await browser.post("/account/signout")).status == 302
    assert await name_of(browser) is None


async def test_a_wrong_password_and_an_unknown_address_are_told_alike(client: Client, app: Quart) -> None:
    await client.post("/account/register", ANN, json=True)
    browser = Client(app)

    wrong = await browser.post("/account/signin", SIGN_IN | {"password": "guess"}, json=True)
    unknown = await browser.post("/account/signin", SIGN_IN | {"email": "who@example.com"}, json=True)

    assert wrong.json["flash"] == unknown.json["flash"] == "Ooops, Incorrect email/password"
    assert wrong.json["status"] == unknown.json["status"] == "error"
    assert wrong.json["auth"] == {"twitter": False, "facebook": False, "google": False}
    assert await name_of(browser) is None


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x"])
async def test_nobody_is_sent_to_another_site(client: Client, app: Quart, target: str) -> None:
    await client.post("/account/register", ANN, json=True)

    answer = await Client(app).post(f"/account/signin?next={target}", SIGN_IN, json=True)
    assert (await Client(app).get(f"/account/signin?next={target}", json=True)).json["next"] is None

    assert answer.json["next"] == "/"


async def test_failures_are_counted_and_successes_are_not(client: Client, app: Quart, settings: Settings) -> None:
    await client.post("/account/register", ANN, json=True)
    browser = Client(app)
    for _ in range(settings.sign_in_failures - 1):
        await browser.post("/account/signin", SIGN_IN | {"password": "guess"}, json=True)
    for _ in range(3):
        assert (await Client(app).post("/account/signin", SIGN_IN, json=True)).status == 200

    last = await browser.post("/account/signin", SIGN_IN | {"password": "guess"}, json=True)
    refused = await browser.post("/account/signin", SIGN_IN, json=True)

    assert (last.status, refused.status) == (200, 429)
    other = await Client(app).post("/account/signin", SIGN_IN | {"email": "bea@example.com"}, json=True)
    assert other.status == 200


async def test_a_password_of_the_original_s_kind_is_accepted_and_its_hash_replaced(
    client: Client, uow: UnitOfWork
) -> None:
    old = generate_password_hash("honey and wax", method="pbkdf2:sha256:1000")
    user = await make_user(uow.session, email_addr="ann@example.com", passwd_hash=old)
    await uow.session.commit()

    answer = await client.post("/account/signin", SIGN_IN, json=True)

    assert answer.json["status"] == "success"
    await uow.session.refresh(user)
    assert (user.passwd_hash or "").startswith("$argon2id$")
    assert await name_of(client) == user.name


async def test_an_account_without_a_password_cannot_be_entered_with_none(client: Client, uow: UnitOfWork) -> None:
    await make_user(uow.session, email_addr="ann@example.com", passwd_hash=None)
    await uow.session.commit()

    answer = await client.post("/account/signin", SIGN_IN, json=True)

    assert answer.json["status"] == "error"


async def test_another_site_cannot_sign_anybody_out(client: Client) -> None:
    await client.post("/account/register", ANN, json=True)

    plain = await client.get("/account/signout")
    foreign = await client.get("/account/signout", json=True, headers={"Sec-Fetch-Site": "cross-site"})

    assert (plain.status, foreign.status) == (400, 400)
    assert await name_of(client) == "ann"


async def test_answers_given_before_joining_become_the_account_s(client: Client, uow: UnitOfWork) -> None:
    owner = await make_user(uow.session)
    project = await make_project(uow.session, owner, short_name="birds")
    await make_tasks(uow.session, project, 2)
    await uow.session.commit()
    await client.get("/project/birds/newtask")
    task = (await client.api("GET", f"/api/project/{project.id}/newtask")).json
    run = {"project_id": project.id, "task_id": task["id"], "info": "a robin"}
    assert (await client.api("POST", "/api/taskrun", run)).status == 200

    await client.post("/account/register", ANN, json=True)

    profile = (await client.get("/account/profile", json=True)).json
    assert (profile["user"]["n_answers"], [one["short_name"] for one in profile["projects_contrib"]]) == (1, ["birds"])
    assert (await client.api("GET", "/api/project/birds/userprogress")).json == {"done": 1, "total": 2}
    assert (await client.api("GET", f"/api/project/{project.id}/newtask")).json["id"] != task["id"]
    assert await breaches(uow.session, project.id) == []
