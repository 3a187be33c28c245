"""Who calls the API in these tests, and the project that they call about."""

from collections.abc import Callable

import pytest

from db.models import Project, Task, User
from db.session import Database
from tests.factories import make_project, make_tasks, make_user
from tests.support.client import Client


@pytest.fixture
async def owner(database: Database) -> User:
    async with database.unit() as uow:
        return await make_user(uow.session)


@pytest.fixture
async def stranger(database: Database) -> User:
    async with database.unit() as uow:
        return await make_user(uow.session)


@pytest.fixture
async def admin(database: Database) -> User:
    async with database.unit() as uow:
        return await make_user(uow.session, admin=True)


@pytest.fixture
def as_owner(with_key: Callable[[User], Client], owner: User) -> Client:
    return with_key(owner)


@pytest.fixture
def as_stranger(with_key: Callable[[User], Client], stranger: User) -> Client:
    return with_key(stranger)


@pytest.fixture
def as_admin(with_key: Callable[[User], Client], admin: User) -> Client:
    return with_key(admin)


@pytest.fixture
async def project(database: Database, owner: User) -> Project:
    """A published project of the owner."""
    async with database.unit() as uow:
        return await make_project(uow.session, owner)


@pytest.fixture
async def tasks(database: Database, project: Project) -> list[Task]:
    """Three tasks of the project; each wants two answers."""
    async with database.unit() as uow:
        return await make_tasks(uow.session, project, 3)
