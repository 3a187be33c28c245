"""Every column of every resource, given values that do not belong there: refused in the envelope or taken as the
contract says, never a failure of ours, never by a stranger, and what is stored can be read again (issue C)."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, inspect, select

from db.models import Project, Task, User
from db.session import Database
from tests.factories import leased_and_answered
from tests.support.client import Answer, Client
from webapp.api import RESOURCES
from webapp.api.resource import Resource
from webapp.services.contributing.contributing import Contributor

VALUES = (
    "null",
    "true",
    "-1",
    "9223372036854775808",
    "1e400",
    "NaN",
    '""',
    '"NaN"',
    r'"\u0000"',
    r'"\ud800"',
    '"9999-12-31T23:59:59-23:59"',
    '"' + "x" * 3000 + '"',
    "[null]",
    "[-1, 9223372036854775807]",
    '{"": {"": null}}',
)
"""As JSON writes them, or as clients write what it cannot."""
REFUSALS = (400, 403, 404, 405, 415)
STRANGERS_OWN = ("favorites",)
"""Where everybody writes to what is theirs."""


def creatable(resource: Resource, project: Project, task: Task) -> dict[str, Any]:
    """The least that makes a row."""
    of_project: dict[str, Any] = {"project_id": project.id}
    named = {"name": "n", "short_name": "n", "description": "d"}
    least: dict[str, dict[str, Any]] = {
        "project": named,
        "category": named,
        "task": of_project,
        "taskrun": of_project | {"task_id": task.id},
        "announcement": {"title": "t", "body": "b"},
        "blogpost": of_project | {"title": "t", "body": "b"},
        "helpingmaterial": of_project,
        "page": of_project | {"slug": "s"},
        "favorites": {"task_id": task.id},
    }
    return least.get(resource.name, {})


def bodies(resource: Resource, base: dict[str, Any]) -> Iterator[bytes]:
    """One column wrong at a time, in an otherwise good body."""
    for column in (one.key for one in inspect(resource.model).column_attrs):
        for value in VALUES:
            rest = [f"{json.dumps(name)}: {json.dumps(good)}" for name, good in base.items() if name != column]
            yield ("{" + ", ".join([f'"{column}": {value}', *rest]) + "}").encode()


def is_refusal(answer: Answer) -> bool:
    return answer.status in REFUSALS and answer.json["status"] == "failed" and answer.json["exception_cls"] != ""


@pytest.fixture
async def answered(database: Database, project: Project, tasks: list[Task]) -> None:
    """The last task has all its answers, with their result."""
    async with database.unit() as uow:
        for who in ("anon:ann", "anon:ben"):
            await leased_and_answered(uow.session, project, Contributor(who, user_ip="10.0.0.1"), tasks[-1].id)


async def _row(database: Database, resource: Resource, client: Client, base: dict[str, Any]) -> int:
    """A row of the resource: the first there is, or one that this client makes."""
    async with database.unit() as uow:
        found = await uow.session.scalar(select(func.min(resource.model.id)))
    return int(found or (await client.api("POST", f"/api/{resource.name}", base)).json["id"])


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda one: one.name)
async def test_a_value_that_does_not_belong_there(
    database: Database,
    client: Client,
    as_owner: Client,
    as_stranger: Client,
    as_admin: Client,
    admin: User,
    project: Project,
    tasks: list[Task],
    answered: None,
    resource: Resource,
) -> None:
    base = creatable(resource, project, tasks[0])
    writer = as_admin if resource.name in ("category", "announcement") else as_owner
    row = await _row(database, resource, writer, base)
    for body in bodies(resource, base):
        for method, path in (("POST", f"/api/{resource.name}"), ("PUT", f"/api/{resource.name}/{row}")):
            answer = await writer.api(method, path, body)
            assert answer.status == 200 or is_refusal(answer), (method, body[:100], answer.text[:300])
        answer = await as_stranger.api("PUT", f"/api/{resource.name}/{row}", body)
        assert is_refusal(answer) or resource.name in STRANGERS_OWN, (body[:100], answer.text[:300])
    for reader in (client, as_owner, as_admin):
        answer = await reader.api("GET", f"/api/{resource.name}?all=1&limit=100&related=1&stats=1")
        assert answer.status in (200, 401), answer.text[:300]
    async with database.unit() as uow:
        assert list(await uow.session.scalars(select(User.id).where(User.admin))) == [admin.id]
