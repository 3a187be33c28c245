"""All that is kept about one person, in the order in which it is told."""

import re
from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.base import Base
from db.index_order import equal_in_order
from db.models import AccountSession, Blogpost, LinkedAccount, Passkey, Project, TaskRun, User

CHUNK = 1000
SECRET = re.compile(r"(^|_)(api_key|ckan_api|secret_key|token|secret|password|passwd_hash|session_epoch)$|_key$")
"""Names of columns, and of keys of `info`, that are no facts about a person and would help whoever finds the file."""


def plain(row: Base) -> dict[str, Any]:
    """The row's columns by name, without secrets."""
    columns = (column for column in type(row).__table__.columns if not column.info.get("internal"))
    shown = _without_secrets({column.key: getattr(row, column.key) for column in columns})
    # What a volunteer has answered is theirs as it stands; the others' `info` is where settings are kept.
    if not isinstance(row, TaskRun) and isinstance(shown.get("info"), dict):
        shown["info"] = _without_secrets(shown["info"])
    return shown


def _without_secrets(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if not SECRET.search(name)}


async def account(session: AsyncSession, user_id: int) -> dict[str, Any]:
    return plain((await session.scalars(select(User).where(User.id == user_id))).one())


async def projects(session: AsyncSession, user_id: int) -> AsyncIterator[dict[str, Any]]:
    """The projects that the account owns."""
    for row in await session.scalars(select(Project).where(Project.owner_id == user_id).order_by(Project.id)):
        yield plain(row)


async def linked(session: AsyncSession, user_id: int) -> AsyncIterator[dict[str, Any]]:
    """The accounts elsewhere by which the person signs in."""
    found = select(LinkedAccount).where(LinkedAccount.user_id == user_id).order_by(LinkedAccount.provider)
    for row in await session.scalars(found):
        yield plain(row)


async def blogposts(session: AsyncSession, user_id: int) -> AsyncIterator[dict[str, Any]]:
    for row in await session.scalars(select(Blogpost).where(Blogpost.user_id == user_id).order_by(Blogpost.id)):
        yield plain(row)


async def sessions(session: AsyncSession, user_id: int) -> AsyncIterator[dict[str, Any]]:
    """Where the account is signed in."""
    own = select(AccountSession).where(AccountSession.user_id == user_id)
    for row in await session.scalars(own.order_by(AccountSession.id)):
        yield plain(row)


async def passkeys(session: AsyncSession, user_id: int) -> AsyncIterator[dict[str, Any]]:
    for row in await session.scalars(select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.id)):
        yield plain(row)


async def answers(session: AsyncSession, user_id: int) -> AsyncIterator[dict[str, Any]]:
    """The account's runs, however many there are, some at a time."""
    last = 0
    while True:
        found = select(TaskRun).where(equal_in_order(TaskRun.user_id, user_id), TaskRun.id > last)
        rows = (await session.scalars(found.order_by(TaskRun.user_id, TaskRun.id).limit(CHUNK))).all()
        for row in rows:
            yield plain(row)
        if len(rows) < CHUNK:
            return
        last = rows[-1].id
        session.expunge_all()
