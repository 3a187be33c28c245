"""What each page asks of the database, counted in statements: the part of its cost that grows unnoticed."""

from collections.abc import Callable
from typing import Any

import pytest
from quart import Quart

from db.models import User
from db.session import Database
from tests.support.crawling import clients, populate, routes
from webapp.http.app_services import current_services
from webapp.http.observe import Observer, Trace

MOST = 2
"""Of a page: the project's header and what is left for the volunteer, or what an endpoint of the API reads."""
WHO = 1
"""More for a caller with a session: whose it is."""
OWN = 2
"""More for an owner, who is also shown what only owners see."""
MORE = {
    "/": 7,
    "/account/": 6,
    "/account/<name>/": 7,
    "/account/<name>/applications": 3,
    "/account/<name>/export": 6,
    "/account/<name>/projects": 3,
    "/account/<name>/security": 3,
    "/account/page/<int:number>": 6,
    "/api/globalstats": 3,
    "/api/projectstats": 3,
    "/api/projectstats/<int:identity>": 4,
    "/project/": 4,
    "/project/<short_name>/<int:post_id>": 3,
    "/project/<short_name>/<int:task_id>/results.json": 3,
    "/project/<short_name>/blog": 3,
    "/project/<short_name>/newtask": 4,
    "/project/<short_name>/presenter": 4,
    "/project/<short_name>/stats": 13,
    "/project/<short_name>/task/<int:task_id>": 7,
    "/project/<short_name>/tasks/browse": 3,
    "/project/<short_name>/tasks/browse/<int:number>": 3,
    "/project/<short_name>/tutorial": 4,
    "/project/category/<short_name>/": 5,
    "/project/category/<short_name>/page/<int:number>/": 5,
    "/project/category/historical_contributions/": 2,
    "/project/page/<int:number>/": 4,
    "/stats/": 4,
}
"""Routes that ask more, and how much: to be lowered whenever one comes to ask less."""


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """The statements of the last request of each route."""
    counted: dict[str, int] = {}

    def finish(_observer: Observer, trace: Trace, _seconds: float) -> None:
        counted[trace.route or ""] = trace.tally.n_statements

    monkeypatch.setattr(Observer, "finish", finish)
    return counted


def forget_everything(app: Quart) -> None:
    """As if nobody had asked for anything before: what is still remembered depends on how fast the machine is."""
    app_services = current_services(app)
    app_services.pages.clear()
    app_services.identities.clear()
    app_services.revocations.clear()
    app_services.projects.clear()


async def visit_every_page(app: Quart, database: Database, as_user: Callable[[User], Any], role: str) -> None:
    site = await populate(database)
    client = clients(app, site, as_user)[role]
    for rule, view in routes(app):
        path = site.path(rule)
        if path is None or "GET" not in (rule.methods or ()) or view.workbee_route.mutating_get:
            continue
        if not path.endswith("/events"):
            forget_everything(app)
            await client.get(path, headers={"Accept": "text/html"})


async def test_what_anybody_is_shown(
    app: Quart, database: Database, as_user: Callable[[User], Any], statements: dict[str, int]
) -> None:
    await visit_every_page(app, database, as_user, "anonymous")
    assert len(statements) > 100
    assert {route: n for route, n in statements.items() if n > MORE.get(route, MOST)} == {}
    assert statements["/project/<short_name>/"] == MOST


async def test_what_owners_are_shown(
    app: Quart, database: Database, as_user: Callable[[User], Any], statements: dict[str, int]
) -> None:
    await visit_every_page(app, database, as_user, "owner")
    assert {route: n for route, n in statements.items() if n > MORE.get(route, MOST) + WHO + OWN} == {}
    assert statements["/project/<short_name>/"] == MOST + WHO
