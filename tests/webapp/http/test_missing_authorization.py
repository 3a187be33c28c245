"""A view that forgets to ask whether its caller may is a failure."""

from collections.abc import Callable

import pytest

from db.models import User
from db.session import Database
from tests.factories import make_project, make_user
from tests.support.client import Client
from webapp.views.project import context


async def test_a_view_without_a_check_tells_nothing(
    database: Database, as_user: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database.unit() as uow:
        owner = await make_user(uow.session)
        await make_project(uow.session, owner, short_name="birds", info={"task_presenter": "of the owner"})
    monkeypatch.setattr(context, "require", lambda *_: None)

    answer = await as_user(owner).get("/project/birds/tasks/taskpresentereditor")

    assert answer.status == 500 and "of the owner" not in answer.text
