"""A copy of all that is kept about one person, as one JSON document (GDPR)."""

from collections.abc import AsyncIterator
from typing import Any

from db import json
from db.queries.accounts import personal_data
from db.session import Database

MAIL_KIND = "personal_data"
LISTS = {
    "linked_accounts": personal_data.linked,
    "projects": personal_data.projects,
    "blogposts": personal_data.blogposts,
    "sessions": personal_data.sessions,
    "passkeys": personal_data.passkeys,
    "answers": personal_data.answers,
}


async def document(database: Database, user_id: int) -> AsyncIterator[bytes]:
    """The document in pieces. It owns a reading unit of work until the last of them is taken."""
    async with database.unit(read_only=True) as uow:
        yield b'{"account": ' + _json(await personal_data.account(uow.session, user_id))
        for name, rows in LISTS.items():
            yield b",\n" + _json(name) + b": ["
            separator = b"\n"
            async for row in rows(uow.session, user_id):
                yield separator + _json(row)
                separator = b",\n"
            yield b"]"
        yield b"}\n"


def _json(value: Any) -> bytes:
    return json.dumps(value, default=json.or_text)
