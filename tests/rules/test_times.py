"""Times are UTC, whatever zone this machine and the database are set to."""

import ast
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from quart import Quart
from sqlalchemy import DateTime, text

from db.models import Announcement, Blogpost, HelpingMaterial, Page, User
from db.session import Database
from tests.factories import leased_and_answered, make_project, make_tasks, make_user
from tests.support.client import Client
from tests.support.services import TestServices
from webapp.api.resource import Resource
from webapp.services.contributing.contributing import Contributor
from webapp.services.site import figures

ROOT = Path(__file__).parents[2]
ELSEWHERE = "Asia/Kolkata"


@pytest.fixture
async def elsewhere(services: TestServices, clean: None, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """This process and its database in a zone where every hour is another than in UTC."""
    opened = Database(services.database_url)
    name = opened.engine.url.database

    async def set_zone(what: str) -> None:
        async with opened.unit() as uow:
            await uow.session.execute(text(f'ALTER DATABASE "{name}" {what}'))

    await set_zone(f"SET timezone TO '{ELSEWHERE}'")
    with monkeypatch.context() as patch:
        patch.setenv("TZ", ELSEWHERE)
        time.tzset()
        yield
    time.tzset()
    await set_zone("RESET timezone")
    await opened.close()


async def make_one_of_each(database: Database) -> User:
    """A row of everything that has a time; its administrator."""
    async with database.unit() as uow:
        admin = await make_user(uow.session, admin=True)
        project = await make_project(uow.session, admin)
        [task] = await make_tasks(uow.session, project, 1, n_answers=1, fav_user_ids=[admin.id])
        await leased_and_answered(uow.session, project, Contributor(f"user:{admin.id}", user_id=admin.id), task.id)
        of_project = {"project_id": project.id}
        uow.session.add(Announcement(title="News", body="…", published=True, user_id=admin.id))
        uow.session.add(Blogpost(**of_project, user_id=admin.id, title="News", body="…", published=True))
        uow.session.add_all([HelpingMaterial(**of_project), Page(**of_project, slug="x")])
    await figures.fold(database)
    return admin


def resources(app: Quart) -> dict[str, Resource]:
    """Those of the API that have lists, by their names."""
    found = (getattr(view, "workbee_resource", None) for view in app.view_functions.values())
    return {one.name: one for one in found if one is not None}


async def test_every_time_that_the_api_shows_is_utc_and_finds_its_row(
    elsewhere: None, app: Quart, database: Database, with_key: Callable[[User], Client]
) -> None:
    admin = with_key(await make_one_of_each(database))
    now, wrong, n_seen = datetime.now(UTC).replace(tzinfo=None), [], 0
    for name, resource in resources(app).items():
        times = {key for key, column in resource.columns().items() if isinstance(column.type, DateTime)}
        for row in (await admin.api("GET", f"/api/{name}?all=1")).json:
            for key in times & {key for key in row if row[key]}:
                n_seen += 1
                zones = ("",) if key == "created" else ("", "Z")  # `created` is asked for by how its text begins
                found = [await admin.api("GET", f"/api/{name}?all=1&{key}={quote(row[key] + z)}") for z in zones]
                is_now = abs((datetime.fromisoformat(row[key]) - now).total_seconds()) < 3600
                if not is_now or any(row["id"] not in [one["id"] for one in answer.json] for answer in found):
                    wrong.append((name, key, row[key]))
    assert wrong == [] and n_seen > len(resources(app))


def naive_calls(path: Path) -> list[str]:
    """`x.astimezone()`, which takes the machine's zone for that of a time without one."""
    return [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if node.func.attr == "astimezone" and not node.args and not node.keywords
    ]


def test_no_code_asks_for_the_machines_zone() -> None:
    code = (path for folder in ("db", "webapp") for path in (ROOT / folder).rglob("*.py"))
    assert [call for path in code for call in naive_calls(path)] == []
