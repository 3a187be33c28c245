"""A site on which people are nobody else's business."""

from collections.abc import AsyncIterator, Callable
from functools import partial

import pytest
from quart import Quart

from db.models import User
from db.session import Database
from tests.support.client import Client, signed_in
from tests.support.crawling import Populated, populate
from webapp.app import create_app
from webapp.config import Settings

LOCKED = (
    "/account/",
    "/account/page/1",
    "/account/volunteer/",
    "/leaderboard/",
    "/leaderboard/window/3",
    "/stats/",
    "/project/bees/stats",
)


@pytest.fixture
async def private(settings: Settings, clean: None) -> AsyncIterator[Quart]:
    created = create_app(settings.model_copy(update={"enforce_privacy": True}))
    async with created.test_app():
        yield created


@pytest.fixture
def as_one(private: Quart, settings: Settings) -> Callable[[User], Client]:
    return partial(signed_in, private, settings)


@pytest.fixture
async def site(database: Database) -> Populated:
    return await populate(database)


@pytest.mark.parametrize("path", LOCKED)
@pytest.mark.parametrize("json", [True, False])
async def test_they_are_for_administrators(
    private: Quart, as_one: Callable[[User], Client], site: Populated, path: str, json: bool
) -> None:
    browsers = Client(private), as_one(site.people["owner"]), as_one(site.people["admin"])
    assert [(await one.get(path, json=json)).status for one in browsers] == [401, 403, 200]


async def test_one_s_own_profile_stays_and_so_do_projects(
    as_one: Callable[[User], Client], site: Populated, private: Quart
) -> None:
    assert (await as_one(site.people["volunteer"]).get("/account/volunteer/")).status == 200
    assert (await Client(private).get("/project/bees/")).status == 200
    assert "On this site only administrators" in (await as_one(site.people["owner"]).get("/stats/")).text
