"""Which routes the tests have tried, by each of their methods: with success, and with a refusal.

`Client` takes note of its answers here; `tests/conftest.py` compares them, at the end of a run of all tests, with the
route map. What is asked of a server in another process is not seen.
"""

from typing import Any

from quart import Quart, Response
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from webapp.actor import ANONYMOUS
from webapp.policies import RULES, Action, Facts, can, needs_facts
from webapp.policies.table import nobody

UNREFUSED = 400
SUCCESS, REFUSAL = "a success", "a refusal"

NEEDED: set[tuple[str, str]] = set()
"""What each route of this process's apps has to be tried with: `("GET /project/<short_name>/", SUCCESS)`."""
TRIED: set[tuple[str, str]] = set()


def need_routes_of(app: Quart) -> None:
    """Ask for the app's routes to be tried; once, since every app has the same.

    What nobody may do cannot succeed. A list whose rule looks at each row leaves out what it would refuse.
    """
    if NEEDED:
        return
    for rule in app.url_map.iter_rules():
        view: Any = app.view_functions[rule.endpoint]
        if not hasattr(view, "workbee_route"):
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            action = _action(view, method)
            if RULES[action] is not nobody:
                NEEDED.add((f"{method} {rule.rule}", SUCCESS))
            filters = method == "GET" and not rule.arguments and needs_facts(action)
            if not can(ANONYMOUS, action, Facts()) and not filters:
                NEEDED.add((f"{method} {rule.rule}", REFUSAL))


def _action(view: Any, method: str) -> Action:
    kind = {"POST": "create_action", "PUT": "update_action", "DELETE": "delete_action"}.get(method)
    resource = getattr(view, "workbee_resource", None)
    action: Action = getattr(resource, kind or "", view.workbee_route.action)
    return action


def note(app: Quart, method: str, path: str, response: Response) -> None:
    """Keep what this answer was, if it was either."""
    try:
        rule, _ = app.url_map.bind("localhost").match(path.partition("?")[0], method=method, return_rule=True)
    except HTTPException:  # no route, or a redirect to its own spelling
        return
    if outcome := _outcome(response):
        assert isinstance(rule, Rule)
        TRIED.add((f"{method} {rule.rule}", outcome))


def _outcome(response: Response) -> str | None:
    location = response.headers.get("Location", "")
    led_away = "/account/signin" in location or "/password" in location
    if response.status_code in (401, 403) or led_away:
        return REFUSAL
    return SUCCESS if response.status_code < UNREFUSED else None


def lacking() -> list[str]:
    return sorted(f"{route}: {outcome}" for route, outcome in NEEDED - TRIED)
