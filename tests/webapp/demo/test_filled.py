"""What a filled database holds."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, text

from db.models import Category, Project, User
from db.session import Database
from tests.support.invariants import breaches
from tests.support.services import TestServices
from webapp.config import Settings
from webapp.demo.fill import DemoReport, fill
from webapp.demo.people import ADMINISTRATOR, OWNER, PASSERS_BY, VOLUNTEERS
from webapp.integrations.storage import Storage
from webapp.urls import smaller_picture


@dataclass(frozen=True, slots=True)
class Filled:
    """The demo, made once for all of these tests, which only look at it."""

    database: Database
    settings: Settings
    report: DemoReport


@pytest.fixture(scope="module")
async def demo(services: TestServices, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Filled]:
    folder: Path = tmp_path_factory.mktemp("demo")
    settings = services.settings.model_copy(update={"data_dir": folder})
    services.clear()
    database = Database(services.database_url)
    yield Filled(database, settings, await fill(settings))
    await database.close()


async def test_there_are_projects_people_and_a_day_of_work(demo: Filled) -> None:
    assert demo.report.outcome == "filled"
    async with demo.database.unit(read_only=True) as uow:
        found = {
            name: await uow.session.scalar(text(f"SELECT count(*) FROM {name}"))
            for name in ("users", "project", "task", "task_run", "result")
        }
        anonymous = "SELECT count(DISTINCT contributor) FROM task_run WHERE user_id IS NULL"
        assert await uow.session.scalar(text(anonymous)) == PASSERS_BY
    assert (found["users"], found["project"], found["task"]) == (2 + len(VOLUNTEERS), 4, 1797 + 60 + 12)
    assert 2500 < found["task_run"] < 4500
    assert found["result"] > 700


async def test_every_count_holds(demo: Filled) -> None:
    async with demo.database.unit(read_only=True) as uow:
        for project_id in (await uow.session.scalars(select(Project.id))).all():
            assert await breaches(uow.session, project_id) == []


async def test_it_all_happened_within_the_last_day(demo: Filled) -> None:
    age = "SELECT extract(epoch FROM now() - min(created)), extract(epoch FROM now() - max(finish_time)) FROM task_run"
    async with demo.database.unit(read_only=True) as uow:
        oldest, newest = (await uow.session.execute(text(age))).one()
    assert 3600 * 12 < oldest <= 3600 * 24 + 60
    assert 100 < newest < 3600 * 2


async def test_projects_can_be_shown(demo: Filled) -> None:
    storage = Storage.in_folder(demo.settings.data_dir / "uploads")
    async with demo.database.unit(read_only=True) as uow:
        projects = (await uow.session.scalars(select(Project).order_by(Project.id))).all()
        shelves = {category.id: category.short_name for category in (await uow.session.scalars(select(Category))).all()}
    assert [(project.short_name, project.published, shelves[project.category_id]) for project in projects] == [
        ("digits", True, "thinking"),
        ("colours", True, "language"),
        ("outside", True, "sensing"),
        ("stationclocks", False, "sensing"),
    ]
    for project in projects[:3]:
        for name in (project.info["thumbnail"], smaller_picture(project.info["thumbnail"]) or ""):
            picture = await storage.read(project.info["container"], name)
            assert picture[4:12] == b"ftypavif" and len(picture) < 25_000
        assert project.info["thumbnail_url"] == storage.url(project.info["container"], project.info["thumbnail"])
        assert "pybossa.run" in project.info["task_presenter"]
        assert "<h1>" in project.info["tutorial"]


async def test_nobody_is_told_a_label(demo: Filled) -> None:
    async with demo.database.unit(read_only=True) as uow:
        keys = "SELECT DISTINCT k FROM task, jsonb_object_keys(info) k WHERE project_id = 1 ORDER BY k"
        assert (await uow.session.scalars(text(keys))).all() == ["image", "sample"]


async def test_the_stewards_can_sign_in_and_the_volunteers_cannot(demo: Filled) -> None:
    async with demo.database.unit(read_only=True) as uow:
        users = {user.name: user for user in (await uow.session.scalars(select(User))).all()}
    for steward, sign_in in ((OWNER, demo.report.owner), (ADMINISTRATOR, demo.report.administrator)):
        assert sign_in is not None
        assert sign_in.password is not None
        assert sign_in.email_addr == users[steward.name].email_addr
        assert PasswordHasher().verify(users[steward.name].passwd_hash or "", sign_in.password)
        assert sign_in.password in str(demo.report)
    assert [user.name for user in users.values() if user.admin] == [ADMINISTRATOR.name]
    assert {user.passwd_hash for name, user in users.items() if name not in ("demo", "keeper")} == {None}
