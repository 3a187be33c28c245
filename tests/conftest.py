"""Fixtures of every test: the services of this process, a clean database, the app, and clients of it."""

import gc
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from quart import Quart
from redis.asyncio import Redis

from db.models import User
from db.session import Database, UnitOfWork
from tests.support import tried_routes
from tests.support.bucket import Bucket, test_bucket
from tests.support.client import Client, signed_in
from tests.support.routes import share_compiled_builders
from tests.support.services import TestServices, test_services
from tests.support.sockets import only_local_sockets
from webapp.app import create_app
from webapp.config import Settings
from webapp.integrations import streams
from webapp.runtime.embedded.data_directory import OWNER_FILE

ROUTES = "tried routes"
"""Under this name a worker hands over what it has seen of them."""
GARBAGE = 50_000
"""Objects between two collections: the many modules of a test run are gone through less often than by default."""


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.set_threshold(GARBAGE)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--every-route", action="store_true", help="fail if a route lacks a test of success or refusal")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker of xdist hands over what it has seen; the session that started it, or is alone, judges."""
    seen = getattr(session.config, "workeroutput", None)
    if seen is not None:
        seen[ROUTES] = [sorted(tried_routes.NEEDED), sorted(tried_routes.TRIED)]
    elif session.config.getoption("--every-route") and tried_routes.lacking():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    needed, tried = getattr(node, "workeroutput", {}).get(ROUTES, ([], []))
    tried_routes.NEEDED.update((route, outcome) for route, outcome in needed)
    tried_routes.TRIED.update((route, outcome) for route, outcome in tried)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if config.getoption("--every-route") and (lacking := tried_routes.lacking()):
        terminalreporter.section("routes that no test has tried with", red=True)
        terminalreporter.write_line("\n".join(lacking))


@pytest.fixture(scope="session", autouse=True)
def _data_directories_go_with_their_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """As root, servers keep files outside of pytest's private folders: those of this run's folders are removed."""
    yield
    ours = tmp_path_factory.getbasetemp()
    for owner in Path(tempfile.gettempdir()).glob(f"workbee-*/{OWNER_FILE}"):
        if Path(owner.read_text()).is_relative_to(ours):
            shutil.rmtree(owner.parent, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def _sockets() -> Iterator[list[str]]:
    with only_local_sockets() as refused:
        yield refused


@pytest.fixture(autouse=True)
def _nothing_leaves_the_machine(_sockets: list[str]) -> Iterator[None]:
    """Also where the code under test has handled the refusal, or a thread has met it."""
    _sockets.clear()
    yield
    assert _sockets == []


@pytest.fixture(scope="session", autouse=True)
def _routes_are_compiled_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        share_compiled_builders(patch)
        yield


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestServices]:
    """PostgreSQL and Valkey of this test process."""
    with test_services(tmp_path_factory.mktemp("services")) as started:
        yield started


@pytest.fixture(scope="session")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bucket]:
    """A bucket of a real S3 server."""
    with test_bucket(tmp_path_factory.mktemp("bucket")) as started:
        yield started


@pytest.fixture
async def clean(services: TestServices) -> None:
    """An empty database and an empty Redis."""
    services.clear()
    redis = Redis.from_url(str(services.settings.redis_url))
    await redis.flushdb()
    await redis.aclose()


@pytest.fixture
def settings(services: TestServices, tmp_path: Path) -> Settings:
    return services.settings.model_copy(update={"data_dir": tmp_path})


@pytest.fixture
async def database(services: TestServices, clean: None) -> AsyncIterator[Database]:
    opened = Database(services.database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def uow(database: Database) -> AsyncIterator[UnitOfWork]:
    """A unit of work that is committed when the test ends; `await uow.session.commit()` shows it to others before."""
    async with database.unit() as opened:
        yield opened


@pytest.fixture
async def app(settings: Settings, clean: None) -> AsyncIterator[Quart]:
    """The application, with its own connections."""
    created = create_app(settings)
    async with created.test_app():
        yield created


@pytest.fixture
def client(app: Quart) -> Client:
    """Somebody who is not signed in."""
    return Client(app)


@pytest.fixture
def as_user(app: Quart, settings: Settings) -> Callable[[User], Client]:
    """`as_user(user)`: a browser in which this account is signed in."""
    return partial(signed_in, app, settings)


@pytest.fixture
def with_key(app: Quart) -> Callable[[User], Client]:
    """`with_key(user)`: a script that shows this account's API key."""
    return lambda user: Client(app, key=user.api_key)


@pytest.fixture(autouse=True)
def short_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streams of events end at once in tests that visit every address."""
    monkeypatch.setattr(streams, "LONGEST_S", 0.01)
