"""People and projects of the tests of project pages."""

from collections.abc import Callable

import pytest

from db.models import Project, User
from db.session import Database
from tests.factories import make_project, make_tasks, make_user
from tests.support.client import Client

As = Callable[[User], Client]


@pytest.fixture
async def owner(database: Database) -> User:
    async with database.unit() as uow:
        return await make_user(uow.session, name="ada", fullname="Ada Owner", email_addr="ada@example.com")


@pytest.fixture
async def stranger(database: Database) -> User:
    """Somebody with an account and no part in the project."""
    async with database.unit() as uow:
        return await make_user(uow.session, name="bob", fullname="Bob Stranger", email_addr="bob@example.com")


@pytest.fixture
async def admin(database: Database) -> User:
    async with database.unit() as uow:
        return await make_user(uow.session, name="root", fullname="Ann Admin", admin=True)


@pytest.fixture
async def draft(database: Database, owner: User) -> Project:
    """An unpublished project with a presenter and no tasks."""
    async with database.unit() as uow:
        return await make_project(uow.session, owner, short_name="birds", name="Birds", published=False)


@pytest.fixture
async def project(database: Database, owner: User) -> Project:
    """A published project with three tasks of two answers each."""
    async with database.unit() as uow:
        made = await make_project(uow.session, owner, short_name="stars", name="Stars")
        await make_tasks(uow.session, made, 3)
        return made
