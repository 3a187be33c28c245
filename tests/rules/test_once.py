"""A form that is sent twice makes one thing: what is sent is what the page itself draws, filled in."""

import asyncio
from collections.abc import Callable
from typing import Any

import html5lib
import psycopg
import pytest
from quart import Quart

from db.models import METADATA, User
from db.session import Database
from tests.support.client import Client
from tests.support.crawling import Populated, clients, populate, routes
from tests.support.services import TestServices
from webapp.api.openapi.forms import of_form

LIKELY = {"boolean": "y", "integer": "1", "number": "0.5"}
OWN_TRACES = {"sent_form", "auditlog", "project_change", "mail", "account_session"}
"""What tells of each saving, whether it makes anything or not, and of each sign-in. A mail about what another saving
has replaced has nothing to tell when its turn comes, and is not sent."""


@pytest.fixture
async def site(database: Database) -> Populated:
    return await populate(database)


def rows(sweeper: psycopg.Connection) -> dict[str, int]:
    """How many there are of everything."""
    tables = [name for name in METADATA.tables if name not in OWN_TRACES]
    return {name: sweeper.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}  # type: ignore[index]


def filled(text: str, fields: dict[str, Any]) -> dict[str, str] | None:
    """The page's form as a browser sends it: what is drawn, and something likely where nothing is. None if the page
    draws no such form."""
    document = html5lib.parse(text, namespaceHTMLElements=False)
    found = [
        {name: one.get("value") or "" for one in form.iter("input") if (name := one.get("name"))}
        for form in document.iter("form")
        if form.get("method") == "post" and fields.keys() & {one.get("name") for one in form.iter()}
    ]
    if not found:
        return None
    drawn = found[0]
    likely = {name: LIKELY.get(str(schema.get("type")), "something-new") for name, schema in fields.items()}
    likely |= {name: "new@example.org" for name in fields if "email" in name}
    return drawn | {name: drawn.get(name) or value for name, value in likely.items()}


@pytest.mark.parametrize("role", ["anonymous", "owner"])
async def test_what_is_sent_twice_at_once_is_made_once(
    app: Quart, site: Populated, as_user: Callable[[User], Client], services: TestServices, role: str
) -> None:
    wrong: list[Any] = []
    made: set[str] = set()
    for rule, view in routes(app):
        path, shapes = site.path(rule), [of_form(form) for form in view.workbee_route.forms]
        if rule.rule.startswith("/api/") or path is None or not shapes:
            continue
        client = clients(app, site, as_user)[role]  # a new one each time: registering signs somebody else in
        page = await client.get(path, headers={"Accept": "text/html"})
        if page.status != 200:
            continue
        sent = filled(page.text, shapes[0]["properties"])
        if sent is None:
            continue
        before = rows(services.sweeper)
        token = {"X-CSRFToken": sent["csrf_token"]}
        answers = await asyncio.gather(*(client.post(path, sent, csrf=False, headers=token) for _ in range(3)))
        wrong += [(path, answer.status, answer.text[:80]) for answer in answers if answer.status >= 500]
        new = {name: n - before[name] for name, n in rows(services.sweeper).items() if n > before[name]}
        made |= new.keys()
        wrong += [(path, new)] if any(n > 1 for n in new.values()) else []
        await site.restore()
    assert wrong == []
    assert made >= ({"users"} if role == "anonymous" else {"project", "blogpost"})
