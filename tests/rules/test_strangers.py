"""A draft, and a project behind a password, are nothing to strangers: whatever is planted in every column of theirs
comes out of no route, asked in any way. And a project's secret key comes out for those alone who may read it."""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest
from quart import Quart
from sqlalchemy import Integer, String, Text, delete, update
from sqlalchemy.dialects.postgresql import JSONB

from db.models import METADATA, Project, ProjectCounter, User
from db.session import Database
from tests.factories import make_user
from tests.rules.test_access import KINDS, Place, World, address, make_world, routes
from tests.support.client import Client
from webapp.policies import Action, can

MARK, NUMBER = "xyzzymark", 98_765_432
"""What is planted in texts, and in numbers that count something."""
NOT_PLANTED = {"short_name", "container", "state", "contributor", "user_ip", "external_uid", "idempotency_key"}
"""The name in the address, and what the database itself reads."""
WAYS: tuple[dict[str, str], ...] = (
    {},
    {"Accept": "application/json"},
    {"HX-Request": "true", "HX-Target": "main"},
)
QUERIES = (
    "",
    "?all=1&limit=100&stats=1&full=1&related=1&desc=true&response_format=json",
    f"?query={MARK[:5]}&all=1",
)


def planted(column: Any) -> Any:
    """What to put in this column; None where it is a key, a time or a state."""
    if column.primary_key or column.foreign_keys or column.key in NOT_PLANTED or column.unique:
        return f"{MARK} name" if column.key == "name" else None
    if isinstance(column.type, JSONB):
        return {"a": MARK, "task_presenter": MARK, "tutorial": MARK, "thumbnail": MARK, "thumbnail_url": MARK}
    if isinstance(column.type, String | Text):
        return MARK
    counts = column.table.name == "project_counter" and isinstance(column.type, Integer) and column.key[:2] == "n_"
    return NUMBER if counts else None


async def plant(database: Database, place: Place) -> None:
    """Mark every column of the project and of whatever belongs to it."""
    project_id = place.values["project_id"]
    async with database.unit() as uow:
        [was] = (await uow.session.execute(Project.__table__.select().where(Project.id == project_id))).mappings()
        # All counts of the project in one row: they are shown summed up.
        more = (ProjectCounter.project_id == project_id, ProjectCounter.shard > 0)
        await uow.session.execute(delete(ProjectCounter).where(*more))
        for table in METADATA.sorted_tables:
            key = "id" if table.name == "project" else "project_id"
            if table.name == "task_import" or key not in table.columns:
                continue
            values = {column.key: mark for column in table.columns if (mark := planted(column)) is not None}
            if table.name == "project":
                hidden = {"passwd_hash": was["info"]["passwd_hash"]} if "passwd_hash" in was["info"] else {}
                values["info"] = values["info"] | hidden
                values["name"] = f"{MARK} {project_id}"
            if table.name == "project_stats":
                values.pop("info")
            if values:
                await uow.session.execute(update(table).where(table.c[key] == project_id).values(values))


@pytest.fixture
async def world(app: Quart, database: Database, with_key: Callable[[User], Client]) -> World:
    made = await make_world(app, database, with_key)
    for kind in ("draft", "locked"):
        await plant(database, made.places[kind])
    return made


@pytest.fixture
async def strangers(database: Database, client: Client, with_key: Callable[[User], Client]) -> list[Client]:
    async with database.unit() as uow:
        return [client, with_key(await make_user(uow.session))]


def readable(app: Quart, place: Place, people: tuple[str, ...]) -> Iterator[str]:
    """The path of every route that can be read, at this place and of these people."""
    for rule, route, resource in routes(app):
        if "GET" not in (rule.methods or ()) or route.mutating_get:
            continue
        for name in people if rule.arguments & {"name", "user_name"} else people[:1]:
            there = Place(place.values | {"name": name, "user_name": name}, place.rows, place.facts)
            path = address(rule, there, resource)
            if path is not None:
                yield path


@pytest.mark.parametrize("kind", ["draft", "locked"])
async def test_no_route_tells_strangers_anything_of_a_closed_project(
    app: Quart, world: World, strangers: list[Client], kind: str
) -> None:
    paths = sorted(set(readable(app, world.places[kind], ("owner", "user", "coowner"))))
    told, answered = [], 0
    for client, path, way, query in product(strangers, paths, WAYS, QUERIES):
        if query and way:
            continue
        answer = await client.get(path + query, headers=way)
        answered += answer.status == 200
        if MARK in answer.text.lower() or str(NUMBER) in answer.text:
            told.append((path + query, way, answer.text[max(0, answer.text.lower().find(MARK) - 60) :][:160]))
    assert told == []
    assert answered > 100


async def test_what_was_planted_is_there_for_the_owner(app: Quart, world: World) -> None:
    """So that the test above can fail."""
    place, owner = world.places["draft"], world.clients["owner"]
    for name in ("project", "task", "taskrun", "result", "blogpost", "helpingmaterial", "page"):
        assert MARK in (await owner.api("GET", f"/api/{name}/{place.rows[name]}")).text, name
    assert str(NUMBER) in (await owner.api("GET", f"/api/project/{place.rows['project']}?stats=1")).text


async def test_the_secret_key_is_shown_to_whoever_may_read_it(
    app: Quart, database: Database, with_key: Callable[[User], Client]
) -> None:
    """Of every route, as everybody, reading and writing."""
    world, secret = await make_world(app, database, with_key), "5ec2e7-key-of-"
    async with database.unit() as uow:
        for kind in KINDS:
            number = world.places[kind].values["project_id"]
            await uow.session.execute(update(Project).where(Project.id == number).values(secret_key=secret + kind))
    told, seen = [], set()
    for kind, place in world.places.items():
        for role, path in product(world.clients, sorted(set(readable(app, place, ("owner", "coowner"))))):
            answer = await world.clients[role].get(path, headers={"Accept": "application/json"})
            if secret in answer.text:
                seen.add((role, kind))
                if not can(world.actors[role], Action.PROJECT_READ_SECRET, place.facts):
                    told.append((role, path))
        path = f"/api/project/{place.values['project_id']}"
        changed = await world.clients["coowner"].api("PUT", path, {"description": "Changed"})
        assert (changed.status, secret in changed.text) == (200, False)
    assert told == []
    assert seen == set(product(("owner", "admin"), KINDS))
