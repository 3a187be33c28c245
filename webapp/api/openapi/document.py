"""The whole document: every route of the application becomes operations."""

import inspect
import re
from collections.abc import Iterable
from typing import Any, get_args, get_type_hints

from quart import Quart
from werkzeug.routing import Map, Rule

from webapp.api.described import Argument, Described, Schema, ref
from webapp.api.openapi import components, resources
from webapp.api.openapi.forms import of_form
from webapp.api.openapi.view_models import of_page
from webapp.api.resource import Resource
from webapp.http.page import Route
from webapp.http.stream import Download, Events
from webapp.viewmodels.page import Json, Page, Redirect, Text

VERSION = "3.1.0"
METHODS = ("GET", "POST", "PUT", "DELETE")
PLACE = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")
CONTRACT = re.compile(r"\s*\(docs/[^)]*\)")
"""References to the repository's own pages, which say nothing to readers of the document."""
KINDS: dict[str | None, Schema] = {
    None: {"type": "string", "minLength": 1},
    "path": {"type": "string", "minLength": 1},
    "int": {"type": "integer", "minimum": 0, "maximum": 2**63 - 1},
}
ABOUT = """Workbee speaks PYBOSSA's API. Resources are lists and items under `/api`; every page of the site is JSON too,
for whoever sends `Content-Type: application/json`, `Accept: application/json` or `?response_format=json`."""
CSRF: Schema = {
    "name": "X-CSRFToken",
    "in": "header",
    "schema": {"type": "string"},
    "description": "The token of the session: `csrf` of the form that a GET of this page answers with",
}


def path_of(rule: str) -> str:
    """The path of a routing rule as OpenAPI writes it."""
    return PLACE.sub(lambda match: "{" + match["name"] + "}", rule)


def _places(rule: str) -> list[Schema]:
    return [
        {"name": match["name"], "in": "path", "required": True, "schema": KINDS[match["kind"]]}
        for match in PLACE.finditer(rule)
    ]


def document(app: Quart, every: Iterable[Resource], brand: str) -> Schema:
    """The OpenAPI document of the application."""
    paths: dict[str, Schema] = {}
    for rule in sorted(_rules(app.url_map), key=lambda one: (not one.rule.startswith("/api"), one.rule)):
        operations = _operations(rule, app.view_functions[rule.endpoint])
        paths.setdefault(path_of(rule.rule), {}).update(operations | {"parameters": _places(rule.rule)})
    schemas = dict(components.SCHEMAS)
    for resource in every:
        if resource.name != "favorites":
            schemas |= resources.schemas(resource)
    return {
        "openapi": VERSION,
        "info": {"title": f"The {brand} API", "version": "1", "description": ABOUT},
        "servers": [{"url": "/"}],
        "paths": paths,
        "tags": [{"name": name} for name in _tags(paths)],
        "components": {
            "schemas": schemas,
            "responses": components.responses(),
            "headers": components.headers(),
            "securitySchemes": components.SCHEMES,
        },
    }


def _rules(routes: Map) -> Iterable[Rule]:
    return (rule for rule in routes.iter_rules() if not rule.websocket)


def _tags(paths: dict[str, Schema]) -> list[str]:
    operations = [one for path in paths.values() for name, one in path.items() if name != "parameters"]
    return list(dict.fromkeys(tag for one in operations for tag in one["tags"]))


def _operations(rule: Rule, view: Any) -> Schema:
    """What may be done at this address."""
    resource: Resource | None = getattr(view, "workbee_resource", None)
    if resource is not None:
        return resources.item(resource) if rule.arguments else resources.collection(resource)
    route: Route | None = getattr(view, "workbee_route", None)
    declared: Described | None = getattr(view, "workbee_described", None)
    found = {}
    for method in METHODS:
        if method not in (rule.methods or ()):
            continue
        common = _common(rule, method, view, route)
        if route is None:
            found[method.lower()] = common | _file()
        elif declared is not None:
            found[method.lower()] = common | _function(declared, route, with_place=bool(rule.arguments))
        else:
            found[method.lower()] = common | _page(rule, method, view, route)
    return found


def _common(rule: Rule, method: str, view: Any, route: Route | None) -> Schema:
    text = CONTRACT.sub("", inspect.getdoc(inspect.unwrap(view)) or "")
    summary, _, more = text.partition("\n\n")
    path = re.sub(r"\W+", "_", rule.rule).strip("_") or "home"
    return (
        {
            "operationId": f"{rule.endpoint.replace('.', '_')}_{method.lower()}_at_{path}",
            "tags": [_tag(rule.rule)],
            "summary": " ".join(summary.split()),
            "security": resources.security(route.action) if route is not None else components.EVERYBODY,
        }
        | ({"description": more} if more else {})
        | ({"x-action": str(route.action)} if route else {})
    )


def _tag(rule: str) -> str:
    """The group of an address: functions of the API, or pages by what they are about."""
    parts = rule.strip("/").split("/")
    if parts[0] == "api":
        return "functions"
    return f"pages: {parts[0]}" if parts[0] in ("account", "project") else "pages: site"


def _file() -> Schema:
    """A file that is everybody's who knows its address."""
    content = {"*/*": {"schema": {"contentMediaType": "application/octet-stream"}}}
    answers: Schema = {"200": {"description": "The file", "content": content}, "206": {"description": "A part of it"}}
    answers |= {"304": {"description": "It is as it was"}, "416": {"description": "It has no such part"}}
    return {"responses": answers | components.refusals("Page", {400, 403, 404, 429})}


def _function(declared: Described, route: Route, *, with_place: bool) -> Schema:
    answer = components.with_rate(
        {"description": "Done", "content": {declared.content_type: {"schema": declared.answer}}}
    )
    statuses = {429, 503} | declared.refusals | ({401, 403} if not resources.is_open(route.action) else set())
    found: Schema = {
        "parameters": [_parameter(one) for one in declared.arguments],
        "responses": {"200": answer} | components.refusals("Api", statuses | ({404} if with_place else set())),
        "security": resources.security(route.action, bearer=declared.bearer),
    }
    if declared.body is not None:
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": declared.body}}}
    return found


def _parameter(one: Argument) -> Schema:
    return {"name": one.name, "in": one.where, "schema": one.schema, "description": one.text}


def _page(rule: Rule, method: str, view: Any, route: Route) -> Schema:
    """A page: HTML for browsers, its view-model for JSON clients."""
    outcomes = _outcomes(view)
    writes = method != "GET" or route.mutating_get
    statuses = {400, 401, 403, 404, 429, 503} | ({413, 415} if method != "GET" else set())
    kind = "Api" if rule.rule.startswith("/api") else "Page"
    answers = {"200": _shown(outcomes, route)} | components.refusals(kind, statuses)
    answers["302"] = components.with_rate({"description": "Go on elsewhere, such as to sign in"})
    found: Schema = {"responses": answers}
    if writes:
        found["parameters"] = [CSRF]
    if method != "GET":
        shapes = [of_form(form) for form in route.forms] or [{"type": "object"}]
        form = {"schema": shapes[0] if len(shapes) == 1 else {"anyOf": shapes}}
        found["requestBody"] = {"content": {"application/json": form, "multipart/form-data": form}}
    return found


def _outcomes(view: Any) -> list[Any]:
    answer = get_type_hints(inspect.unwrap(view)).get("return")
    return list(get_args(answer)) or [answer]


def _shown(outcomes: list[Any], route: Route) -> Schema:
    # What a frame alone is shown has no JSON form.
    pages = [one for one in outcomes if isinstance(one, type) and issubclass(one, Page) and not one.is_guest]
    content: Schema = {}
    shapes = [of_page(one) for one in pages]
    if Redirect in outcomes:
        shapes.append(ref("Next"))
    if Json in outcomes:
        shapes = [{}]
    if shapes and not (route.html_only and Json not in outcomes):
        content["application/json"] = {"schema": shapes[0] if len(shapes) == 1 else {"anyOf": shapes}}
    if pages or Redirect in outcomes or Text in outcomes:
        content["text/html"] = {"schema": {"type": "string"}}
    if Download in outcomes:
        content |= {kind: {} for kind in ("application/zip", "application/json", "text/csv")}
    if Events in outcomes:
        content["text/event-stream"] = {"schema": {"type": "string"}}
    return components.with_rate({"description": "The page", "content": content})
