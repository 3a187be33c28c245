"""Asks whether a database can be used yet: it is often started together with what uses it."""

import asyncpg

from db.engine import connect
from db.errors import AccessDenied, translate

CONNECT_TIMEOUT_S = 10


async def probe(url: str) -> None:
    """Return if a database at this address lets us in. Raises DatabaseUnavailable if none answers, and
    AccessDenied if one does, and knows no such role, password or database."""
    try:
        connection = await connect(url, timeout=CONNECT_TIMEOUT_S)
    except asyncpg.PostgresError as error:
        raise translate(error) or AccessDenied(str(error)) from error
    await connection.close()
