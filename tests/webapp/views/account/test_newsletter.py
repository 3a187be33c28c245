"""The newsletter: asked once, kept in a list of our own or told to Mailchimp (docs/contract/pages.md 3)."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from quart import Quart

from db.models import User
from db.session import Database
from tests.factories import make_user
from tests.support.client import Client, signed_in
from tests.support.mailchimp import Lists, mailchimp
from tests.support.outbox import do_jobs
from webapp.app import create_app
from webapp.config import Settings
from webapp.integrations.mailchimp import member_hash
from webapp.services.accounts.passwords import Passwords

PASSWORD = "honey and wax"
PLACE = "/account/newsletter"
SIGN_IN = {"email": "ann@example.com", "password": PASSWORD}


@pytest.fixture
def lists() -> Lists:
    return Lists()


@pytest.fixture(params=["list", "mailchimp"])
def offering(request: pytest.FixtureRequest, settings: Settings, lists: Lists) -> Iterator[Settings]:
    with mailchimp(lists) as values:
        yield settings.model_copy(update=values | {"newsletter": request.param})


@pytest.fixture
async def site(offering: Settings, clean: None) -> AsyncIterator[Quart]:
    created = create_app(offering)
    async with created.test_app():
        yield created


@pytest.fixture
async def ann(database: Database, settings: Settings) -> User:
    async with database.unit() as uow:
        hashed = await Passwords(settings).hash(PASSWORD)
        return await make_user(
            uow.session, name="ann", fullname="Ann Bee", email_addr="ann@example.com", passwd_hash=hashed
        )


async def listed(site: Quart, settings: Settings, database: Database) -> list[str]:
    """The lines of the list that administrators download."""
    async with database.unit() as uow:
        root = await make_user(uow.session, admin=True)
    answer = await signed_in(site, settings, root).get("/admin/newsletter/export")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    return [line.partition(",")[2].rpartition(",")[0] for line in answer.text.splitlines()[1:]]


async def test_it_is_asked_once_after_signing_in(site: Quart, offering: Settings, ann: User) -> None:
    browser = Client(site)
    first = await browser.post("/account/signin?next=/project/", SIGN_IN, json=True)
    assert first.json["next"] == f"{PLACE}?next=/project/"
    shown = (await browser.get(first.json["next"], json=True)).json
    assert shown == {
        "template": "account/newsletter.html",
        "title": "Subscribe to our Newsletter",
        "next": "/project/",
    }
    again = await Client(site).post("/account/signin", SIGN_IN, json=True)
    assert again.json["next"] == "/"


async def test_yes_and_no(site: Quart, offering: Settings, database: Database, ann: User, lists: Lists) -> None:
    browser = signed_in(site, offering, ann)
    yes = await browser.get(f"{PLACE}?subscribe=true&next=/project/", json=True)
    assert yes.json == {
        "next": "/project/",
        "status": "success",
        "flash": "You are subscribed to our newsletter!",
    }
    assert await listed(site, offering, database) == ["ann@example.com,Ann Bee,en"]
    await do_jobs(offering)
    is_told = offering.newsletter == "mailchimp"
    assert (member_hash("ann@example.com") in lists.members) == is_told
    assert "You get it" in (await browser.get(PLACE)).text

    assert (await browser.post(f"{PLACE}?subscribe=False", {}, json=True)).json == {"next": "/"}
    assert await listed(site, offering, database) == []
    await do_jobs(offering)
    assert lists.members == {}
    assert bool(lists.calls) == is_told


async def test_nobody_is_subscribed_by_a_link_elsewhere(
    site: Quart, offering: Settings, database: Database, ann: User
) -> None:
    browser = signed_in(site, offering, ann)
    assert (await browser.get(f"{PLACE}?subscribe=true")).status == 400
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert (await browser.get(f"{PLACE}?subscribe=true", json=True, headers=elsewhere)).status == 400
    assert (await browser.get(f"{PLACE}?next=https://evil.example", json=True)).json["next"] == "/"
    assert await listed(site, offering, database) == []


async def test_who_leaves_is_taken_off(site: Quart, offering: Settings, ann: User, lists: Lists) -> None:
    browser = signed_in(site, offering, ann)
    await browser.get(f"{PLACE}?subscribe=TRUE", json=True)
    await do_jobs(offering)
    assert (await browser.post("/account/ann/delete")).status == 302
    await do_jobs(offering)
    assert lists.members == {}
    told = [method for method, _path in lists.calls]
    assert told == (["POST", "DELETE"] if offering.newsletter == "mailchimp" else [])


async def test_the_list_follows_an_address(
    site: Quart, offering: Settings, database: Database, ann: User, lists: Lists
) -> None:
    browser = signed_in(site, offering, ann)
    await browser.get(f"{PLACE}?subscribe=true", json=True)
    await do_jobs(offering)
    form: dict[str, Any] = {"btn": "Profile", "fullname": "Ann Bee", "name": "ann", "locale": "en"}
    form |= {"email_addr": "ann@new.example", "current_password": PASSWORD}
    assert (await browser.post("/account/ann/update", form, json=True)).json["status"] == "success"
    await do_jobs(offering)
    if offering.newsletter == "mailchimp":
        assert list(lists.members) == [member_hash("ann@new.example")]
    assert await listed(site, offering, database) == ["ann@new.example,Ann Bee,en"]


async def test_without_one_nobody_is_asked(client: Client, ann: User, app: Quart, settings: Settings) -> None:
    assert (await client.post("/account/signin", SIGN_IN, json=True)).json["next"] == "/"
    assert (await client.get(PLACE, json=True)).status == 404
    assert (await Client(app).get(PLACE)).status == 302
    assert (await Client(app).get("/admin/newsletter/export")).status in (302, 403)
