"""Whether a database can be used yet."""

import pytest

from db.errors import AccessDenied, DatabaseUnavailable
from db.probe import probe
from tests.support.services import TestServices


async def test_a_database_that_lets_us_in(services: TestServices) -> None:
    await probe(services.database_url)


async def test_none_that_answers() -> None:
    with pytest.raises(DatabaseUnavailable):
        await probe("postgresql://nobody:x@127.0.0.1:1/nothing")


@pytest.mark.parametrize(("right", "wrong"), [("//workbee:", "//workbee:not"), ("/workbee?", "/nothing?")])
async def test_one_that_does_not_let_us_in(services: TestServices, right: str, wrong: str) -> None:
    with pytest.raises(AccessDenied):
        await probe(services.database_url.replace(right, wrong))
