"""The log of changes and the calls of the webhook (docs/contract/pages.md 4.2, docs/contract/jobs.md 6,
docs/contract/gaps.md 3.10 and 3.11)."""

from typing import Any

import orjson
import pytest
from sqlalchemy import select, text

from db.models import Project, User, Webhook
from db.session import Database
from tests.support.client import Client
from tests.webapp.views.project.conftest import As
from webapp.integrations.outbound import Outbound, OutboundError
from webapp.services.projects import webhooks

CALLS = "/project/stars/webhook"


class FakeOutbound(Outbound):
    """Answers every call alike, and remembers it."""

    def __init__(self, answer: tuple[int, str] | None) -> None:
        super().__init__()
        self.answer = answer
        self.calls: list[tuple[str, Any]] = []

    async def post_json(self, url: str, body: bytes, headers: dict[str, str], *, most: int = 65536) -> tuple[int, str]:
        self.calls.append((url, orjson.loads(body)))
        if self.answer is None:
            raise OutboundError
        return self.answer


@pytest.fixture
async def pro_owner(database: Database, owner: User) -> User:
    async with database.unit() as uow:
        owner.pro = True
        return await uow.session.merge(owner)


@pytest.fixture
async def calls(database: Database, project: Project) -> list[Webhook]:
    """Two calls of the project's webhook: a delivered one, and one that failed."""
    async with database.unit() as uow:
        project.webhook = "https://example.org/hook?key=1"
        await uow.session.merge(project)
        rows = [
            Webhook(project_id=project.id, payload={"task_id": 7}, response="thanks", response_status_code=200),
            Webhook(project_id=project.id, payload={"task_id": 8}, response="Connection Error"),
        ]
        uow.session.add_all(rows)
        await uow.session.flush()
        return rows


async def queued(database: Database) -> list[int]:
    """The calls that the worker is to make again."""
    async with database.unit(read_only=True) as uow:
        query = text("SELECT args FROM procrastinate_jobs WHERE task_name = 'redeliver_webhook' ORDER BY id")
        return [args["webhook_id"] for args in (await uow.session.execute(query)).scalars()]


async def test_owners_read_what_was_changed(as_user: As, pro_owner: User, project: Project) -> None:
    ada = as_user(pro_owner)
    await ada.post("/project/stars/tasks/scheduler", {"sched": "locked"}, json=True)
    await ada.post("/project/stars/resetsecretkey", json=True)
    answer = await ada.get("/project/stars/auditlog", json=True)
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "sched" in answer.text and "locked" in answer.text and "(secret)" in answer.text
    assert project.secret_key not in answer.text


async def test_the_log_goes_on_by_pages(as_user: As, admin: User, project: Project) -> None:
    root = as_user(admin)
    assert [(await root.get(f"/project/stars/auditlog?page={n}")).status for n in ("1", "0", "x", "9" * 30)] == [
        200,
        404,
        404,
        404,
    ]


@pytest.mark.parametrize(("page", "for_owner"), [("auditlog", 200), ("webhook", 403)])
async def test_the_calls_are_for_owners_with_the_feature_and_the_record_for_all_owners(
    as_user: As, client: Client, owner: User, admin: User, stranger: User, project: Project, page: str, for_owner: int
) -> None:
    path = f"/project/stars/{page}"
    statuses = [(await who.get(path)).status for who in (client, as_user(stranger), as_user(owner), as_user(admin))]
    assert statuses == [302, 403, for_owner, 200]


async def test_the_calls_are_listed_with_their_answers(as_user: As, pro_owner: User, calls: list[Webhook]) -> None:
    page = (await as_user(pro_owner).get(CALLS)).text
    assert "#7" in page and "thanks" in page and "Connection Error" in page and "no answer" in page


async def test_following_a_link_calls_nobody(
    as_user: As, database: Database, pro_owner: User, calls: list[Webhook]
) -> None:
    assert (await as_user(pro_owner).get(CALLS + "?all=1")).status == 200
    assert await queued(database) == []


async def test_failed_calls_and_all_calls_are_made_again(
    as_user: As, database: Database, pro_owner: User, calls: list[Webhook]
) -> None:
    ada, (delivered, failed) = as_user(pro_owner), calls
    assert (await ada.post(CALLS, {"failed": "1"})).location == CALLS
    assert await queued(database) == [failed.id]
    await ada.post(CALLS, {"all": "1"})
    assert await queued(database) == [failed.id, delivered.id, failed.id]


async def test_one_call_is_made_again(as_user: As, database: Database, pro_owner: User, calls: list[Webhook]) -> None:
    ada, (delivered, _failed) = as_user(pro_owner), calls
    body = (await ada.post(f"{CALLS}/{delivered.id}", json=True)).json
    assert (body["id"], body["payload"], body["response_status_code"]) == (delivered.id, {"task_id": 7}, 200)
    assert (await ada.post(f"{CALLS}/{delivered.id}")).location == CALLS
    assert (await ada.post(f"{CALLS}/9999")).status == 404
    assert await queued(database) == [delivered.id, delivered.id]


async def test_the_calls_of_others_are_out_of_reach(
    as_user: As, database: Database, owner: User, stranger: User, calls: list[Webhook], draft: Project
) -> None:
    async with database.unit() as uow:
        stranger.pro = True
        await uow.session.merge(stranger)
    for who in (owner, stranger):
        assert (await as_user(who).post(f"{CALLS}/{calls[0].id}")).status == 403
    async with database.unit() as uow:
        owner.pro = True
        await uow.session.merge(owner)
    assert (await as_user(owner).post(f"/project/birds/webhook/{calls[0].id}")).status == 404
    assert await queued(database) == []


async def test_a_call_made_again_says_so_and_keeps_the_new_answer(database: Database, calls: list[Webhook]) -> None:
    outbound = FakeOutbound((200, "th\x00anks"))
    await webhooks.redeliver(database, outbound, calls[1].id)
    assert outbound.calls == [("https://example.org/hook?key=1&rerun=True", {"task_id": 8})]
    async with database.unit(read_only=True) as uow:
        row = (await uow.session.scalars(select(Webhook).where(Webhook.id == calls[1].id))).one()
    assert (row.response, row.response_status_code) == ("thanks", 200)
    assert row.updated > row.created


async def test_a_call_that_fails_again_is_recorded(database: Database, calls: list[Webhook]) -> None:
    await webhooks.redeliver(database, FakeOutbound(None), calls[0].id)
    async with database.unit(read_only=True) as uow:
        row = await uow.session.get_one(Webhook, calls[0].id)
    assert (row.response, row.response_status_code) == ("Connection Error", None)
