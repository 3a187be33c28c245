"""What somebody says of themselves beyond their profile, on sites that ask for it."""

from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import pytest
from quart import Quart

from db.models import User
from db.session import Database
from tests.factories import make_user
from tests.support.client import Client, signed_in
from webapp.app import create_app
from webapp.config import Settings

PLACE = "/account/save_metadata/ann"
TOLD: dict[str, Any] = {
    "languages": ["en", "es", "en"],
    "locations": "Bern, Quito",
    "work_hours_from": "09:00",
    "work_hours_to": "17:30",
    "timezone": "Europe/Zurich",
    "user_type": "Researcher",
    "review": "Birds & bees",
}
As = Callable[[User], Client]


@pytest.fixture
async def asking(settings: Settings, clean: None) -> AsyncIterator[Quart]:
    created = create_app(settings.model_copy(update={"user_metadata": True}))
    async with created.test_app():
        yield created


@pytest.fixture
def as_one(asking: Quart, settings: Settings) -> As:
    return partial(signed_in, asking, settings)


@pytest.fixture
async def ann(database: Database) -> User:
    async with database.unit() as uow:
        return await make_user(uow.session, name="ann", info={"avatar": "x.png"})


async def stored(database: Database, user: User) -> User:
    async with database.unit(read_only=True) as uow:
        return await uow.session.get_one(User, user.id)


async def test_it_is_kept(as_one: As, ann: User, database: Database) -> None:
    browser = as_one(ann)
    answer = await browser.post(PLACE, TOLD, json=True)
    assert (answer.json["next"], answer.json["status"]) == ("/account/ann/", "success")
    row = await stored(database, ann)
    assert row.user_pref == {"languages": ["en", "es"], "locations": ["Bern", "Quito"]}
    assert row.info == {
        "avatar": "x.png",
        "metadata": {name: TOLD[name] for name in TOLD if name not in ("languages", "locations")},
    }
    profile = (await browser.get("/account/profile", json=True)).json
    assert (profile["form"]["languages"], profile["form"]["review"]) == (["en", "es"], "Birds & bees")
    page = await browser.get(PLACE)
    assert 'value="en, es"' in page.text and "Birds &amp; bees" in page.text


async def test_others_are_not_shown_it(as_one: As, ann: User, database: Database, asking: Quart) -> None:
    await as_one(ann).post(PLACE, TOLD, json=True)
    shown = await Client(asking).get("/account/ann/", json=True)
    assert "Zurich" not in shown.text and shown.json["form"] is None


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"work_hours_from": "9"}, ["work_hours_from"]),
        ({"timezone": "Mars/Olympus"}, ["timezone"]),
        ({"timezone": "../../etc/passwd"}, ["timezone"]),
        ({"work_hours_to": ""}, ["work_hours_to"]),
        ({"work_hours_from": "", "work_hours_to": ""}, ["work_hours_from", "work_hours_to"]),
        ({"languages": ["x" * 101]}, ["languages"]),
        ({"locations": [str(n) for n in range(51)]}, ["locations"]),
        ({"review": "x" * 2001, "user_type": "y" * 101}, ["user_type", "review"]),
    ],
)
async def test_all_that_is_wrong_is_told_at_once(
    as_one: As, ann: User, database: Database, changed: dict[str, Any], fields: list[str]
) -> None:
    answer = await as_one(ann).post(PLACE, TOLD | changed, json=True)
    assert (answer.status, list(answer.json["form"]["errors"])) == (200, fields)
    assert "metadata" not in (await stored(database, ann)).info


async def test_nobody_changes_another_s(as_one: As, ann: User, database: Database) -> None:
    async with database.unit() as uow:
        bea = await make_user(uow.session, name="bea")
        rita = await make_user(uow.session, name="rita", admin=True)
    assert (await as_one(bea).post(PLACE, TOLD, json=True)).status == 403
    assert (await as_one(bea).post(PLACE.replace("ann", "nobody"), TOLD, json=True)).status == 404
    assert "metadata" not in (await stored(database, ann)).info
    assert (await as_one(rita).post(PLACE, TOLD, json=True)).json["status"] == "success"


async def test_it_is_not_there_where_nobody_asks(as_user: As, ann: User) -> None:
    assert (await as_user(ann).post(PLACE, TOLD, json=True)).status == 404
    assert (await as_user(ann).get("/account/profile", json=True)).json["form"] is None
