"""Texts of many statements, for migrations."""

from sqlalchemy import Connection


def run_script(connection: Connection, script: str) -> None:
    """Run every statement of the text.

    Prepared statements hold one each; only the driver's simple protocol takes several.
    """
    driver = connection.connection.dbapi_connection
    assert driver is not None, "a migration has its connection"
    driver.run_async(lambda raw: raw.execute(script))
