"""Rules of accounts that hold whatever happens at the same time."""

import asyncio

import pytest
from sqlalchemy import func, select

from db.models import User
from db.session import Database
from webapp.config import Settings
from webapp.errors import Invalid
from webapp.services.accounts.accounts import NewAccount, register
from webapp.services.accounts.passwords import Passwords


def newcomer(name: str, email: str) -> NewAccount:
    return NewAccount(fullname="New Bee", name=name, email_addr=email, password="honey and wax")


async def join(database: Database, settings: Settings, account: NewAccount) -> None:
    async with database.unit() as uow:
        await register(uow.session, Passwords(settings), account, None)


async def test_of_many_first_accounts_one_becomes_administrator(database: Database, settings: Settings) -> None:
    await asyncio.gather(*(join(database, settings, newcomer(f"bee{n}", f"bee{n}@example.com")) for n in range(6)))

    async with database.unit(read_only=True) as uow:
        counts = (await uow.session.execute(select(func.count(), func.count().filter(User.admin)))).one()
    assert tuple(counts) == (6, 1)


@pytest.mark.parametrize(
    ("accounts", "field"),
    [
        ([newcomer("bee", "a@example.com"), newcomer("bee", "b@example.com")], "name"),
        ([newcomer("bee", "a@example.com"), newcomer("wasp", "A@example.com")], "email_addr"),
    ],
)
async def test_of_two_who_take_one_name_the_later_is_told(
    database: Database, settings: Settings, accounts: list[NewAccount], field: str
) -> None:
    await join(database, settings, newcomer("queen", "queen@example.com"))

    outcomes = await asyncio.gather(*(join(database, settings, one) for one in accounts), return_exceptions=True)

    refused = [outcome for outcome in outcomes if isinstance(outcome, Invalid)]
    assert [one.field for one in refused] == [field]
    assert outcomes.count(None) == 1
