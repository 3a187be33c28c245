"""The demo fills an empty database, once, wholly, and no other."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select, text

from db.models import Project, Result, Task, TaskRun, User
from db.session import Database
from tests.factories import make_user
from webapp.config import Settings
from webapp.demo.fill import DemoFailure, DemoReport, fill, make_demo, steward_password

FILL = "import asyncio, sys; from webapp.config import Settings; from webapp.demo.fill import fill; \
asyncio.run(fill(Settings.model_validate_json(sys.stdin.read())))"


async def how_many(database: Database) -> dict[str, int]:
    async with database.unit(read_only=True) as uow:
        return {
            model.__tablename__: await uow.session.scalar(select(func.count()).select_from(model)) or 0
            for model in (User, Project, Task, TaskRun, Result)
        }


def test_each_installation_has_its_own_passwords(settings: Settings) -> None:
    other = settings.model_copy(update={"secret_key": "zyxwvutsrqponmlkjihgfedcba9876543210ABCDEF"})

    passwords = {steward_password(s, name) for s in (settings, other) for name in ("demo", "keeper")}

    assert len(passwords) == 4
    assert all(len(password) == 19 for password in passwords)


async def test_filling_again_changes_nothing_and_tells_the_same(database: Database, settings: Settings) -> None:
    first = await make_demo(database, settings)
    before = await how_many(database)

    second = await make_demo(database, settings)

    assert second == DemoReport("present", first.owner, first.administrator, second.seconds)
    assert await how_many(database) == before


async def test_a_changed_password_is_not_told(database: Database, settings: Settings) -> None:
    await make_demo(database, settings)
    async with database.unit() as uow:
        hashed = PasswordHasher().hash("my own")
        await uow.session.execute(text("UPDATE users SET passwd_hash = :hash WHERE name = 'demo'"), {"hash": hashed})

    report = await make_demo(database, settings)

    assert report.owner is not None
    assert report.administrator is not None
    assert report.owner.password is None
    assert report.administrator.password is not None
    assert "the password was changed" in str(report)


async def test_two_at_once_make_one_demo(settings: Settings, database: Database) -> None:
    reports = await asyncio.gather(fill(settings), fill(settings))

    assert sorted(report.outcome for report in reports) == ["filled", "present"]
    assert (await how_many(database))["project"] == 4


async def test_a_database_with_anything_else_is_left_alone(database: Database, settings: Settings) -> None:
    async with database.unit() as uow:
        await make_user(uow.session, name="demo")

    report = await make_demo(database, settings)

    assert report == DemoReport("refused")
    assert "already holds" in str(report)
    assert await how_many(database) == {"users": 1, "project": 0, "task": 0, "task_run": 0, "result": 0}


async def test_a_filling_killed_half_way_is_done_by_the_next_start(database: Database, settings: Settings) -> None:
    killed = await asyncio.to_thread(start_filling, settings)
    try:
        await until_filling(database)
        await asyncio.sleep(0.3)
        assert killed.poll() is None
    finally:
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    assert await how_many(database) == {"users": 0, "project": 0, "task": 0, "task_run": 0, "result": 0}

    report = await make_demo(database, settings)

    assert report.outcome == "filled"
    assert (await how_many(database))["task"] == 1869


def start_filling(settings: Settings) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", FILL], stdin=subprocess.PIPE, cwd=Path(__file__).parents[3])
    assert process.stdin is not None
    # Only what decides where it fills: the rest is as by default.
    order = settings.model_dump(mode="json", include={"database_url", "data_dir", "secret_key"})
    process.stdin.write(Settings(**order).model_dump_json(include=set(order)).encode())
    process.stdin.close()
    return process


async def until_filling(database: Database) -> None:
    """Return when another process has begun to write users."""
    writing = "SELECT count(*) FROM pg_locks WHERE relation = 'users'::regclass AND mode = 'RowExclusiveLock'"
    for _ in range(2000):
        async with database.unit(read_only=True) as uow:
            if await uow.session.scalar(text(writing)):
                return
        await asyncio.sleep(0.005)
    raise AssertionError("nobody fills")


async def test_without_a_database_the_reason_is_told(settings: Settings) -> None:
    with pytest.raises(DemoFailure, match="WORKBEE_DATABASE_URL"):
        await fill(settings.model_copy(update={"database_url": None}))
