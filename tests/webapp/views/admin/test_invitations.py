"""Accounts by invitation, or for addresses of certain domains."""

from collections.abc import AsyncIterator

import pytest
from quart import Quart
from sqlalchemy import text

from db.models import User
from db.session import Database
from tests.support.client import Client
from tests.webapp.views.admin.conftest import As
from webapp.app import create_app
from webapp.config import Settings

LIST = "/admin/invitations"
JOIN = "/account/register"


@pytest.fixture(params=["invitation", "domains"])
def settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    """Of a site where one has to be invited; or where only those of other domains have to be."""
    how = {"registration": "invitation"} if request.param == "invitation" else {}
    return settings.model_copy(update=how | {"registration_domains": frozenset({"bees.example"} if not how else ())})


@pytest.fixture
async def app(settings: Settings, clean: None) -> AsyncIterator[Quart]:
    created = create_app(settings)
    async with created.test_app():
        yield created


def account(name: str, domain: str = "elsewhere.example") -> dict[str, str]:
    secret = "a-good-password"
    return {
        "fullname": f"The {name}",
        "name": name,
        "email_addr": f"{name}@{domain}",
        "password": secret,
        "confirm": secret,
    }


async def test_the_first_account_needs_no_invitation(app: Quart) -> None:
    assert (await Client(app).post(JOIN, account("first"), json=True)).json["status"] == "success"


async def test_an_invitation_is_good_for_so_many(app: Quart, rita: Client, database: Database) -> None:
    refused = (await Client(app).post(JOIN, account("nobody"), json=True)).json
    assert list(refused["form"]["errors"]) == ["email_addr"]
    await rita.post(LIST, {"uses": 2, "days": 3}, json=True)
    (one,) = (await rita.get(LIST, json=True)).json["invitations"]
    path = "/account/register?" + one["url"].partition("?")[2]
    assert "Create my account" in (await Client(app).get(path)).text
    for name, status in (("one", "success"), ("two", "success"), ("three", "error")):
        assert (await Client(app).post(path, account(name), json=True)).json["status"] == status
    assert (await rita.get(LIST, json=True)).json["invitations"] == []


async def test_a_refused_form_uses_nothing_up(app: Quart, rita: Client) -> None:
    await rita.post(LIST, {"uses": 1, "days": 3}, json=True)
    (one,) = (await rita.get(LIST, json=True)).json["invitations"]
    path = "/account/register?" + one["url"].partition("?")[2]
    assert (await Client(app).post(path, account("x"), json=True)).json["status"] == "error"
    assert (await Client(app).post(path, account("root"), json=True)).json["status"] == "error", "taken"
    assert (await Client(app).post(path, account("eve"), json=True)).json["status"] == "success"


async def test_withdrawn_and_expired_ones_are_good_no_more(app: Quart, rita: Client, database: Database) -> None:
    for _ in range(2):
        await rita.post(LIST, {"uses": 5, "days": 3}, json=True)
    first, second = (await rita.get(LIST, json=True)).json["invitations"]
    assert (await rita.post(f"{LIST}/{first['id']}/delete", json=True)).json["status"] == "success"
    async with database.unit() as uow:
        await uow.session.execute(text("UPDATE invitation SET expires = now() - interval '1 second'"))
    for number, one in enumerate((first, second)):
        path = "/account/register?" + one["url"].partition("?")[2]
        assert (await Client(app).post(path, account(f"late{number}"), json=True)).json["status"] == "error"


async def test_who_may_join_without(app: Quart, rita: Client, settings: Settings) -> None:
    is_open = bool(settings.registration_domains)
    assert ("Create my account" in (await Client(app).get(JOIN)).text) is is_open
    for name, domain in (("ann", "bees.example"), ("ben", "BEES.example"), ("eve", "notbees.example")):
        expected = "success" if is_open and name != "eve" else "error"
        assert (await Client(app).post(JOIN, account(name, domain), json=True)).json["status"] == expected


async def test_bad_numbers_are_refused(rita: Client) -> None:
    body = (await rita.post(LIST, {"uses": 0, "days": 1000}, json=True)).json
    assert sorted(body["form"]["errors"]) == ["days", "uses"]


async def test_others_may_not(as_user: As, rita: Client, ann: User) -> None:
    await rita.post(LIST, {"uses": 2, "days": 3}, json=True)
    (one,) = (await rita.get(LIST, json=True)).json["invitations"]
    hers = as_user(ann)
    assert (await hers.get(LIST, json=True)).status == 403
    assert (await hers.post(LIST, {"uses": 2, "days": 3}, json=True)).status == 403
    assert (await hers.post(f"{LIST}/{one['id']}/delete", json=True)).status == 403
    assert len((await rita.get(LIST, json=True)).json["invitations"]) == 1
