"""A unit of work that is run again: who asks is found out once, and what the view says is said once."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from db.errors import TransientError
from db.session import Database
from tests.factories import make_user
from tests.support.client import Client
from webapp.http import once
from webapp.http.application import current_request
from webapp.http.request_context import RequestContext
from webapp.http.security import auth

SAID = "New API-KEY generated"


@pytest.fixture
def n_runs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often a changing view is run: the first two times it fails in the end, as if others were in the way."""
    runs = [0]
    run_once = once.run_once

    async def disturbed(call: RequestContext, run: Callable[[], Awaitable[Any]]) -> Any:
        outcome = await run_once(call, run)
        if call.posted:
            runs[0] += 1
            if runs[0] < 3:
                raise TransientError("a deadlock")
        return outcome

    monkeypatch.setattr(once, "run_once", disturbed)
    return runs


async def test_what_is_said_is_said_once(
    database: Database,
    as_user: Callable[[Any], Client],
    n_runs: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with database.unit() as uow:
        ann = await make_user(uow.session, name="ann")
    client, identify, identified = as_user(ann), auth.identify, []

    async def counted(*about: Any, **options: Any) -> Any:
        if current_request().method == "POST":
            identified.append(about)
        return await identify(*about, **options)

    monkeypatch.setattr(auth, "identify", counted)
    # The same token for both: no page in between shows the first message.
    token = {"X-CSRFToken": await client.csrf()}
    answer = await client.post("/account/ann/resetapikey", csrf=False, headers=token)

    assert (answer.status, n_runs, len(identified)) == (302, [3], 1)
    n_runs[0] = 0
    await client.post("/account/ann/resetapikey", csrf=False, headers=token)
    assert n_runs == [3]
    assert (await client.get("/about")).text.count(SAID) == 2
