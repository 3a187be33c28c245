"""Who administers, and who does not."""

from collections.abc import Callable

import pytest

from db.models import User
from db.session import Database
from tests.factories import make_user
from tests.support.client import Client

As = Callable[[User], Client]


@pytest.fixture
async def admin(database: Database) -> User:
    async with database.unit() as uow:
        return await make_user(uow.session, name="root", fullname="Rita Root", admin=True)


@pytest.fixture
async def ann(database: Database) -> User:
    async with database.unit() as uow:
        return await make_user(uow.session, name="ann", fullname="Ann Anders", email_addr="ann@example.org")


@pytest.fixture
async def ben(database: Database) -> User:
    async with database.unit() as uow:
        return await make_user(uow.session, name="ben", fullname="Ben Berg")


@pytest.fixture
def rita(as_user: As, admin: User) -> Client:
    """The administrator's browser."""
    return as_user(admin)
