"""Rules of the whole: every route declares who may use it and how often (docs/architecture.md 9, habit 10)."""

import re
from pathlib import Path

import pytest
from quart import Quart
from quart_rate_limiter import QUART_RATE_LIMITER_LIMITS_ATTRIBUTE

from tests.support.forms import form_classes
from webapp.http.limits.ratelimit import Limit
from webapp.http.page import Route
from webapp.policies import RULES, Action
from webapp.services.accounts import accounts
from webapp.services.projects import categories, projects

WEBAPP = Path(__file__).parents[2] / "webapp"
WITHOUT_RULE = {"static.static", "uploads.uploaded"}
"""Files that are everybody's who knows their address."""


async def test_every_route_declares_an_action_with_a_rule(app: Quart) -> None:
    without = []
    for name, view in app.view_functions.items():
        route = getattr(view, "workbee_route", None)
        if name not in WITHOUT_RULE and (route is None or route.action not in RULES):
            without.append(name)
    assert without == []


async def test_every_route_declares_a_rate_limit(app: Quart) -> None:
    without = [
        name
        for name, view in app.view_functions.items()
        if name not in WITHOUT_RULE
        and not any(isinstance(limit, Limit) for limit in getattr(view, QUART_RATE_LIMITER_LIMITS_ATTRIBUTE, []))
    ]
    assert without == []


async def test_every_form_is_declared_by_a_route_that_takes_it(app: Quart) -> None:
    """That a view binds no other, `RequestContext.bind` sees to."""
    declared = set()
    for rule in app.url_map.iter_rules():
        route: Route | None = getattr(app.view_functions[rule.endpoint], "workbee_route", None)
        if route is not None and route.forms:
            assert "POST" in (rule.methods or ()), rule
            declared |= set(route.forms)
    assert declared == set(form_classes())


def test_every_action_has_a_rule() -> None:
    assert set(RULES) == set(Action)


def test_every_action_is_asked_for() -> None:
    """An action that nobody asks for is a rule that nobody is held to."""
    files = [path for path in WEBAPP.rglob("*.py") if path.parent.name != "policies"]
    asked = {name for path in files for name in re.findall(r"\bAction\.([A-Z_]+)", path.read_text())}
    assert {action.name for action in Action} == asked


def test_rules_about_the_actor_are_in_the_table_alone() -> None:
    """Who is an administrator or a pro user is asked there, and nowhere else told once more."""
    allowed = {"policies/table.py", "api/resource.py"}  # the latter passes it on to the queries' viewer
    asking = re.compile(r"actor\.(admin|pro)\b")
    spelled = {str(path.relative_to(WEBAPP)) for path in WEBAPP.rglob("*.py") if asking.search(path.read_text())}
    assert spelled - allowed == set()


async def test_changing_pages_are_posts_or_guarded_gets(app: Quart) -> None:
    """A GET that writes says so: it hands out a task, or signs in who has come back from another service (by what that
    browser alone was given), or is guarded as a changing one."""
    writing = {
        name
        for name, view in app.view_functions.items()
        if (route := getattr(view, "workbee_route", None)) and route.writes and not route.mutating_get
    }
    assert writing <= {"api_contributing.newtask", "project_contributing.task", "account_providers.link"}


@pytest.mark.parametrize(
    ("place", "reserved"),
    [
        ("/account/", accounts.RESERVED_NAMES),
        ("/project/", projects.RESERVED_NAMES),
        ("/project/category/", categories.RESERVED_NAMES),
    ],
)
async def test_no_name_stands_where_an_address_of_ours_does(app: Quart, place: str, reserved: frozenset[str]) -> None:
    rules = (rule.rule for rule in app.url_map.iter_rules())
    ours = {rule.removeprefix(place).partition("/")[0] for rule in rules if rule.startswith(place)}
    assert {name for name in ours if name and not name.startswith("<")} <= reserved
