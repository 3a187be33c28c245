"""Whatever is sent where a field, a column or a parameter is wanted, the answer is one of ours: no failure, for
nobody. What there is to fill in is read from the routes, their forms and their models."""

import ast
import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from quart import Quart
from werkzeug.datastructures import FileStorage
from werkzeug.routing import Rule

import webapp
from db.models import User
from db.session import Database
from tests.support.client import Answer, Client
from tests.support.crawling import Populated, clients, populate, routes
from webapp.api.openapi.forms import of_form
from webapp.api.query import GENERAL
from webapp.api.resource import Resource
from webapp.config import Settings

JSON = {"Content-Type": "application/json"}
ENDLESS = "/events"
LONGEST_LINE = 30_000
LONG = "x" * 20_000
JSON_VALUES = (
    *('"\\u0000"', str(10**19), "[1, [2]]", "null", "true", "2026", "1.5"),
    *("false", "0", "-1", "1e400", "NaN", "9" * 400, '""', '" "', '"2026"', '"\\ud83d"', f'"{LONG}"'),
    *("[]", '["a", "b"]', "[null]", "[[]]", "{}", '{"a": {"b": 1}}'),
)
"""As JSON text: some of them no library writes."""
FORM_VALUES = (
    *("9" * 400, "%00", "%ED%A0%BD", "", "2026", "1.5", "nan"),
    *("%20", "true", "null", "0", "-1", "1e400", "inf", "%D9%A3", "%FF", "%F0%9F%90%9D", "[]", "%7B%7D", LONG),
)
"""As they are encoded in a form or an address."""
FEW = 3
"""So many of the values, the most telling, are tried in each field by itself; all of them in all fields at once."""
FIRST = 1
"""In a form's fields `make test` tries no more than this."""
LIKELY = {"boolean": True, "integer": 1, "number": 0.5}
"""What a field of a JSON type is filled with beside the one that is tried."""
BUTTONS = ("Profile", "Password", "External", "Upload")
"""Where one address takes several forms, the button says which was sent."""
TRIED = (
    ("anonymous", FEW),
    ("owner", FIRST),
    pytest.param("owner", FEW, marks=pytest.mark.slow),
    pytest.param("admin", 0, marks=pytest.mark.slow),  # whose forms are mostly an owner's
)
"""Who fills in the forms, and how many values in each field by itself."""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"sign_in_failures": 1_000_000})


@pytest.fixture
async def site(database: Database) -> Populated:
    return await populate(database)


@pytest.fixture
def browsers(app: Quart, site: Populated, as_user: Callable[[User], Client]) -> dict[str, Client]:
    return clients(app, site, as_user)


class Faults:
    """What went wrong, with what."""

    def __init__(self) -> None:
        self.found: list[tuple[Any, ...]] = []

    def note(self, answer: Answer, *what: Any) -> None:
        if answer.status >= 500:
            self.found.append((answer.status, *(str(one)[:80] for one in what)))


Forms = list[tuple[str, list[dict[str, Any]]]]


def forms(app: Quart, site: Populated) -> Forms:
    """The address of every page that takes a form, with the fields of each of its forms. What has no fields comes
    last, since it deletes."""
    found = [
        (path, [of_form(form)["properties"] for form in view.workbee_route.forms])
        for rule, view in routes(app)
        if "POST" in (rule.methods or ()) and not rule.rule.startswith("/api/") and (path := site.path(rule))
    ]
    return sorted(found, key=lambda one: not one[1])


def likely(name: str, schema: dict[str, Any]) -> Any:
    """A value that the field may well take."""
    if "email" in name:
        return "somebody@example.org"
    return LIKELY.get(str(schema.get("type")), "a-name")


def filled(
    shapes: list[dict[str, Any]], values: Iterable[str], written: Callable[[Any], str], *, singly: int
) -> Iterator[dict[str, str]]:
    """Every form filled in, as encoded text by field: all fields with one odd value and, for the first `singly` values,
    each field odd among likely ones. `written` encodes a likely value."""
    for fields in shapes or [{"anything": {}}]:
        for button in BUTTONS if len(shapes) > 1 else BUTTONS[:1]:
            usual = {name: written(likely(name, schema)) for name, schema in fields.items()}
            for place, value in enumerate(values):
                for odd in (fields.keys(), *({name} for name in fields if place < singly)):
                    yield usual | dict.fromkeys(odd, value) | {"btn": written(button)}


def as_json(fields: dict[str, str]) -> bytes:
    return ("{" + ", ".join(f'"{name}": {value}' for name, value in fields.items()) + "}").encode()


def as_form(fields: dict[str, str]) -> bytes:
    return "&".join(f"{name}={value}" for name, value in fields.items()).encode()


KINDS = {
    "application/json": (JSON_VALUES, lambda value: orjson.dumps(value).decode(), as_json),
    "application/x-www-form-urlencoded": (FORM_VALUES, lambda value: quote(str(value)), as_form),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("role", "singly"), TRIED)
async def test_every_field_of_every_form(
    app: Quart, site: Populated, browsers: dict[str, Client], role: str, singly: int, kind: str
) -> None:
    values, written, encoded = KINDS[kind]
    client, faults = browsers[role], Faults()
    for path, shapes in forms(app, site):
        headers = {"Content-Type": kind, "X-CSRFToken": await client.csrf()}
        for fields in filled(shapes, values, written, singly=singly):
            answer = await client.raw("POST", path, encoded(fields), headers)
            faults.note(answer, path, encoded(fields))
            if answer.status in (401, 403) or "/account/signin" in str(answer.location):
                break  # nobody reads what they sent
            if answer.status == 302 or b'"next"' in answer.content[:20]:
                await site.restore()
    assert faults.found == []


def resources(app: Quart) -> Iterator[tuple[Rule, Resource]]:
    for rule, view in routes(app):
        if hasattr(view, "workbee_resource"):
            yield rule, view.workbee_resource


async def test_every_column_of_every_resource(app: Quart, site: Populated, browsers: dict[str, Client]) -> None:
    client, faults = browsers["admin"], Faults()
    places = {name: site.rows[name] for name in ("project", "task")}
    for rule, resource in resources(app):
        path = site.path(rule)
        for method in {"POST", "PUT"} & set(rule.methods or ()):
            fixed = {f"{name}_id": str(number) for name, number in places.items() if method == "POST"}
            for name in resource.columns().keys() - resource.reserved:
                for value in JSON_VALUES[:FEW]:
                    answer = await client.raw(method, str(path), as_json(fixed | {name: value}), JSON)
                    faults.note(answer, method, path, name, value)
        await site.restore()
    for body in JSON_VALUES:
        for path in {str(site.path(rule)) for rule, view in routes(app) if view.workbee_route.api}:
            for method in ("POST", "PUT"):
                faults.note(await client.raw(method, path, body.encode(), JSON), method, path, body)
    assert faults.found == []


def parameters() -> set[str]:
    """Every name that the code asks the query string for."""
    found = set(GENERAL)
    for file in Path(webapp.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
                of_a_query = ast.unparse(node.func.value).endswith("args")
                found |= {str(one.value) for one in node.args[:1] if of_a_query and isinstance(one, ast.Constant)}
    return found


async def test_every_parameter_of_every_route(app: Quart, site: Populated, browsers: dict[str, Client]) -> None:
    client, faults = browsers["owner"], Faults()
    names = parameters()
    assert {"next", "limit", "query", "type", "key"} <= names
    for rule, view in routes(app):
        path = site.path(rule)
        if path is None or "GET" not in (rule.methods or ()) or path.endswith(ENDLESS):
            continue
        resource = getattr(view, "workbee_resource", None)
        of_a_list = (*GENERAL, *resource.columns()) if resource and not rule.arguments else ()
        singly = itertools.product(of_a_list, FORM_VALUES[:FEW])
        for name, value in (*singly, *((None, value) for value in FORM_VALUES)):
            query = f"{name}={value}" if name else "&".join(f"{one}={value}" for one in names)
            if len(query) < LONGEST_LINE:
                faults.note(await client.get(f"{path}?{query}", headers={"Accept": "application/json"}), path, query)
    assert faults.found == []


async def test_every_argument_of_every_address(app: Quart, site: Populated, browsers: dict[str, Client]) -> None:
    client, faults = browsers["owner"], Faults()
    odd = ("a" * 5000, "%00", "%ff", "..%2f..", "9" * 30, "-1", "%F0%9F%98%80")
    for rule, _ in routes(app):
        if rule.arguments and "GET" in (rule.methods or ()):
            for value in odd:
                path = re.sub("<[^>]+>", value, rule.rule)
                faults.note(await client.get(path, headers={"Range": f"bytes={'9' * 30}-"}), rule.rule, value[:20])
    assert faults.found == []


async def test_a_file_where_a_text_belongs_and_a_text_where_a_file_does(
    app: Quart, site: Populated, browsers: dict[str, Client]
) -> None:
    client, faults = browsers["owner"], Faults()
    for path, shapes in forms(app, site):
        for fields in shapes:
            files = {name: FileStorage(BytesIO(b"x"), f"{name}.csv") for name in fields}
            faults.note(await client.post(path, files=files), path, "files")
            faults.note(await client.post(path, {"btn": "upload"} | dict.fromkeys(fields, "x")), path, "texts")
    assert faults.found == []
