"""What anybody may send has an end: at every route, in every field, in every column (docs/architecture.md 9, habit
13)."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from quart import Quart
from sqlalchemy import Column, text
from werkzeug.datastructures import MultiDict
from werkzeug.routing import Rule
from wtforms import SelectField, StringField

from db.base import BoundedJson, BoundedText, most_of
from db.models import METADATA, User
from db.session import Database
from tests.factories import make_project, make_user
from tests.support.client import Answer, Client
from tests.support.forms import form_classes
from webapp import app as whole
from webapp.api.query import read_value
from webapp.config import Settings
from webapp.errors import TooLarge, UnsupportedMedia
from webapp.forms.base import WorkbeeForm
from webapp.http.limits.bounds import ANONYMOUS, LONGEST_QUERY, Weight, largest_body
from webapp.http.page import Route

VALUES = {"int": "999999999", "default": "nobody"}
"""What stands for the parts of an address: nothing that there is."""
COLUMNS = [column for table in METADATA.sorted_tables for column in table.columns]
BOUNDED = [column for column in COLUMNS if most_of(column) is not None]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Small ones, so that the largest request is soon sent."""
    return settings.model_copy(update={"max_body_mib": 2, "max_file_mib": 1, "max_answer_kib": 64})


@pytest.fixture
async def admin(database: Database) -> User:
    async with database.unit() as uow:
        return await make_user(uow.session, admin=True)


def routes(app: Quart) -> Iterator[tuple[Rule, Route, str]]:
    """Every route that declares itself, with an address of it."""
    # Whoever signs out is nobody from there on.
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: "signout" in rule.rule):
        route = getattr(app.view_functions[rule.endpoint], "workbee_route", None)
        if route is not None:
            path = rule.rule
            for name in rule.arguments:
                path = path.replace(f"<int:{name}>", VALUES["int"]).replace(f"<{name}>", VALUES["default"])
            assert "<" not in path
            yield rule, route, path


def writes(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) & {"POST", "PUT"})


def document(n_bytes: int) -> bytes:
    """A JSON object of that size."""
    return b'{"a": "' + b"x" * (n_bytes - 9) + b'"}'


async def test_one_byte_more_than_a_route_takes_is_refused(
    app: Quart, settings: Settings, admin: User, as_user: Callable[[User], Client]
) -> None:
    client = as_user(admin)
    token = await client.csrf()
    wrong = []
    for rule, route, path in routes(app):
        most = largest_body(route.weight, settings, is_anonymous=False, is_multipart=False)
        for method in writes(rule):
            for n_bytes, too_much in ((most, False), (most + 1, True)):
                answer = await client.api(method, path, document(n_bytes), headers={"X-CSRFToken": token})
                if (answer.status == 413) is not too_much or answer.status >= 500:
                    wrong.append((method, path, n_bytes, answer.status))
    assert wrong == []


async def test_nobody_s_body_is_small_but_for_answers(app: Quart, settings: Settings, client: Client) -> None:
    token = await client.csrf()
    wrong = []
    for rule, route, path in routes(app):
        if route.weight is Weight.ANSWER:
            continue
        for method in writes(rule):
            answer = await client.api(method, path, document(ANONYMOUS + 1), headers={"X-CSRFToken": token})
            # Whoever is sent to sign in was not listened to at all.
            if answer.status != 413 and "/account/signin" not in str(answer.location):
                wrong.append((method, path, answer.status))
    assert wrong == []


async def test_many_tasks_are_taken_from_those_alone_who_have_a_project(
    app: Quart, database: Database, settings: Settings, as_user: Callable[[User], Client]
) -> None:
    async with database.unit() as uow:
        _admin, owner, other = [await make_user(uow.session) for _ in range(3)]
        await make_project(uow.session, owner)
    most = largest_body(Weight.DOCUMENT, settings, is_anonymous=False, is_multipart=False)
    takers = [(path, writes(rule)) for rule, route, path in routes(app) if route.weight is Weight.IMPORT]
    asked = [(method, path) for path, methods in takers for method in methods]
    assert ("POST", "/api/task") in asked
    for user, refused in ((owner, False), (other, True)):
        client = as_user(user)
        headers = {"X-CSRFToken": await client.csrf()}
        for method, path in asked:
            answer = await client.api(method, path, document(most + 1), headers=headers)
            assert (answer.status == 413) is refused, (path, answer.status)
            assert (await client.api(method, path, document(most), headers=headers)).status not in (413, 500)


async def test_one_byte_more_of_a_query_is_refused(app: Quart, client: Client) -> None:
    wrong = []
    for rule, _, path in routes(app):
        if "GET" not in (rule.methods or ()):
            continue
        for n_bytes, too_long in ((LONGEST_QUERY, False), (LONGEST_QUERY + 1, True)):
            answer = await client.get(f"{path}?{'q=' + 'x' * (n_bytes - 2)}")
            if (answer.status == 414) is not too_long or answer.status >= 500:
                wrong.append((path, n_bytes, answer.status))
    assert wrong == []


@pytest.mark.parametrize(
    ("asked", "one", "most"),
    [
        ("/search?query={}", "w+", 20),
        ("/project/?query={}", "w+", 20),
        ("/api/task?info={}", "a::b|", 20),
        ("/api/task?fulltextsearch=1&info=a::{}b", "b|", 38),
        ("/api/task?info=[{}1]", "1,", 198),
        ("/api/task?project_id={}", "1,", 500),
    ],
)
async def test_one_more_of_what_a_search_may_ask_for_is_refused(
    client: Client, asked: str, one: str, most: int
) -> None:
    for n, statuses in ((most, {200}), (most + 1, {400, 413, 415})):
        answer = await client.get(asked.format(one * n), headers={"Accept": "application/json"})
        assert answer.status in statuses, (n, answer.text)


async def test_every_read_is_given_up_in_time(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Locks of somebody else's make every statement take too long: each route answers so, or without the database."""
    monkeypatch.setattr(whole, "STATEMENT_SECONDS", 0.2)
    created = whole.create_app(settings)
    tables = ", ".join(table.name for table in METADATA.sorted_tables)
    wrong, given_up = [], 0
    async with created.test_app(), database.unit() as other:
        client, reads = Client(created), [path for rule, _, path in routes(created) if "GET" in (rule.methods or ())]
        await other.session.execute(text(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE"))
        in_turn = asyncio.Semaphore(4)  # no more than there are connections

        async def read(path: str) -> tuple[str, Answer]:
            async with in_turn:
                return path, await client.get(path, headers={"Accept": "application/json"})

        for path, answer in await asyncio.gather(*map(read, reads)):
            late = answer.status == 503 and "takes too long" in answer.text
            given_up += late
            if not late and answer.status >= 500:
                wrong.append((path, answer.status, answer.text[:100]))
    assert wrong == []
    assert given_up > 20


@pytest.mark.parametrize("column", BOUNDED, ids=str)
def test_no_column_is_given_more_than_it_holds(column: Column[Any]) -> None:
    most = most_of(column)
    assert most is not None
    if isinstance(column.type, BoundedJson):
        with pytest.raises(TooLarge):
            read_value(column, {"a": "x" * most})
        return
    assert read_value(column, "x" * most) == "x" * most
    with pytest.raises(UnsupportedMedia):
        read_value(column, "x" * (most + 1))


async def test_the_database_holds_every_column_to_its_size(database: Database) -> None:
    """By the constraint of its table, which all rows of before fulfil too."""
    rows = await database.autocommit.fetch(
        "SELECT conrelid::regclass::text, convalidated, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conname LIKE '%\\_sizes'"
    )
    checks = {table: (valid, text) for table, valid, text in rows}
    for column in BOUNDED:
        if isinstance(column.type, BoundedText | BoundedJson):
            valid, check = checks[column.table.name]
            measured = "char_length" if isinstance(column.type, BoundedText) else "pg_column_size"
            assert valid and f"{measured}({column.name}) <= " in check, column


def test_text_without_an_end_is_no_column() -> None:
    for column in COLUMNS:
        most_of(column)
    with pytest.raises(TypeError):
        most_of(Column("endless", BoundedText.__mro__[1]()))


def longest(field: Any) -> int:
    bounds = [one.max for one in field.validators if getattr(one, "max", -1) and getattr(one, "max", -1) > 0]
    return int(min(bounds)) if bounds else 2000


@pytest.mark.parametrize("form_class", list(form_classes()), ids=lambda form: form.__name__)
def test_no_field_takes_a_text_without_end(form_class: type[WorkbeeForm]) -> None:
    for name, field in form_class()._fields.items():
        if isinstance(field, StringField):
            form = form_class(MultiDict({name: "x" * (longest(field) + 1)}))
            for choice in form:
                if isinstance(choice, SelectField):
                    choice.choices = choice.choices or []
            form.validate()
            assert form._fields[name].errors, (form_class, name)
