"""Texts of many statements, for migrations."""

import asyncpg
from sqlalchemy import Connection, text

from db.errors import translate


def run_script(connection: Connection, script: str) -> None:
    """Run every statement of the text, as a part of the connection's transaction. Raises the errors of `db.errors`.

    Prepared statements hold one each; only the driver's simple protocol takes several.
    """
    # The transaction begins with the first statement that goes the usual way. Until then the text would commit by
    # itself, and a migration killed after it could not be made again.
    connection.execute(text("SELECT 1"))
    driver = connection.connection.dbapi_connection
    assert driver is not None, "a migration has its connection"
    try:
        driver.run_async(lambda raw: raw.execute(script))
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        ours = translate(error)
        if ours is None:
            raise
        raise ours from error
