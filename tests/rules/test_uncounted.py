"""What each route does while Redis, which counts requests and attempts, does not answer: derived from the route map."""

import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from quart import Quart
from werkzeug.routing import Rule
from wtforms import PasswordField

from db.session import Database
from tests.support.client import Client
from tests.support.crawling import Populated, populate, routes
from webapp.app import create_app
from webapp.config import Settings
from webapp.http import page
from webapp.http.observe import PROBES
from webapp.http.page import RequestContext, Route
from webapp.http.security.csrf import SAFE_METHODS
from webapp.policies import Action

AT_THE_DOOR = {Action.ACCOUNT_SIGN_IN, Action.ACCOUNT_REGISTER, Action.ACCOUNT_RECOVER}


@pytest.fixture
async def site(database: Database) -> Populated:
    return await populate(database)


@pytest.fixture
async def without_redis(settings: Settings, clean: None) -> AsyncIterator[Quart]:
    """The application where Redis should be and nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        app = create_app(settings.model_copy(update={"redis_url": f"redis://127.0.0.1:{unused.getsockname()[1]}/0"}))
        async with app.test_app():
            yield app


def declared(app: Quart) -> Iterator[tuple[Rule, Route]]:
    return ((rule, view.workbee_route) for rule, view in routes(app))


def takes_passwords(route: Route) -> bool:
    fields: Iterator[Any] = (getattr(form, name, None) for form in route.forms for name in dir(form))
    return any(getattr(field, "field_class", None) is PasswordField for field in fields)


def test_whatever_takes_a_password_or_lets_people_in_is_closed(app: Quart) -> None:
    closed = {rule.rule for rule, route in declared(app) if route.fail_closed}
    wanted = {rule.rule for rule, route in declared(app) if takes_passwords(route) or route.action in AT_THE_DOOR}
    assert "/account/signin" in wanted and "/project/<short_name>/password" in wanted
    assert wanted - closed == set()


def test_contributing_is_open(app: Quart) -> None:
    assert [rule.rule for rule, route in declared(app) if route.api and route.fail_closed] == []


async def test_what_cannot_be_counted_is_refused_where_the_route_says_so_and_nowhere_else(
    without_redis: Quart, site: Populated
) -> None:
    client, wrong, refused = Client(without_redis), [], 0
    for rule, route in declared(without_redis):
        path = site.path(rule)
        if path is None or rule.rule in PROBES:  # those say what is away
            continue
        for method in sorted((rule.methods or set()) - {"OPTIONS"}):
            answer = await client.api(method, path, headers={"Accept": "application/json"})
            is_closed = route.fail_closed and method not in SAFE_METHODS
            refused += is_closed
            if (answer.status == 503) is not is_closed or (is_closed and answer.headers["Retry-After"] != "5"):
                wrong.append((method, path, answer.status))
    assert wrong == [] and refused > 0


async def test_a_view_that_counts_attempts_has_to_be_closed(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    fields, token = {"email": "a@b.example", "password": "guess"}, await client.csrf()
    monkeypatch.setattr(page, "RequestContext", lambda *given: RequestContext(*given[:-1]))
    answer = await client.post("/account/signin", fields, json=True, csrf=False, headers={"X-CSRFToken": token})
    assert answer.status == 500
    assert "counts attempts and is not `fail_closed`" in caplog.text
