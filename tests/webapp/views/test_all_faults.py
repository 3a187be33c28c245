"""Nobody is told in two rounds: what is misshapen and what is taken is said of every field at once."""

from collections.abc import Callable
from typing import Any

import pytest

from db.models import User
from db.session import Database
from tests.factories import make_project, make_user
from tests.support.client import Client

As = Callable[[User], Client]


@pytest.fixture
async def owner(database: Database) -> User:
    """Of the project `bees`; `taken` is another account, and the short name of its project."""
    async with database.unit() as uow:
        owner = await make_user(uow.session, name="owner")
        taken = await make_user(uow.session, name="taken", email_addr="taken@example.org")
        await make_project(uow.session, owner, short_name="bees", name="Bees")
        await make_project(uow.session, taken, short_name="taken", name="Taken")
    return owner


def fields_at_fault(answer: Any) -> set[str]:
    return set(answer.json["form"]["errors"])


async def test_of_who_registers(client: Client, owner: User) -> None:
    form = {"fullname": "X", "name": "taken", "email_addr": "no address", "password": "a", "confirm": "b"}
    answer = await client.post("/account/register", form, json=True)
    assert fields_at_fault(answer) == {"fullname", "name", "email_addr", "password"}
    assert answer.json["form"]["errors"]["name"] == ["The user name is already taken"]


async def test_of_a_profile(as_user: As, owner: User) -> None:
    form = {"btn": "Profile", "fullname": "X", "name": "taken", "email_addr": "taken@example.org", "locale": "xx"}
    answer = await as_user(owner).post("/account/owner/update", form, json=True)
    assert fields_at_fault(answer) == {"fullname", "name", "locale"}


async def test_of_a_new_project(as_user: As, owner: User) -> None:
    form = {"name": "Taken", "short_name": "taken", "long_description": ""}
    answer = await as_user(owner).post("/project/new", form, json=True)
    assert fields_at_fault(answer) == {"name", "short_name", "long_description"}


async def test_of_a_project(as_user: As, owner: User) -> None:
    form = {"name": "Taken", "short_name": "new", "description": "", "category_id": 9, "protect": True, "password": "x"}
    answer = await as_user(owner).post("/project/bees/update", form | {"webhook": "http://127.0.0.1:1/"}, json=True)
    assert fields_at_fault(answer) == {"name", "short_name", "description", "category_id", "password", "webhook"}


async def test_a_refused_form_says_so_in_its_title(as_user: As, owner: User) -> None:
    me = as_user(owner)
    assert "<title>Create a Project" in (await me.get("/project/new")).text
    assert "<title>Error: Create a Project" in (await me.post("/project/new", {"name": ""})).text
