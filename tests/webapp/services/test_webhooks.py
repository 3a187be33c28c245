"""Webhooks: what is sent, and what is kept of the answer (docs/contract/jobs.md 6)."""

import asyncio
from collections.abc import AsyncIterator
from ipaddress import ip_network

import orjson
import pytest
from sqlalchemy import select

from db.models import Project, Webhook
from db.session import Database
from tests.factories import make_project, make_user
from tests.support.listening import listening
from webapp.integrations.outbound import Outbound
from webapp.services.projects import webhooks

FIRED_AT = "2026-11-24 12:00:00"


class Listener:
    """A project's own server."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, bytes]] = []
        self.url = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.split("content-length: ")[1].split("\r\n")[0])
        self.requests.append((head, await reader.readexactly(length)))
        writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 6\r\nConnection: close\r\n\r\nthanks")
        await writer.drain()
        writer.close()


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    listens = Listener()
    async with listening(listens.answer) as port:
        listens.url = f"http://127.0.0.1:{port}/done"
        yield listens


async def project_with(database: Database, webhook: str | None) -> Project:
    async with database.unit() as uow:
        return await make_project(uow.session, await make_user(uow.session), webhook=webhook)


async def delivered(database: Database, project: Project, *, inside: bool) -> list[Webhook]:
    outbound = Outbound([ip_network("127.0.0.0/8")] if inside else [])
    await webhooks.deliver(database, outbound, project.id, 7, 9, FIRED_AT)
    await outbound.close()
    async with database.unit(read_only=True) as uow:
        return list((await uow.session.scalars(select(Webhook))).all())


async def test_the_project_s_server_is_told_and_its_answer_kept(database: Database, listener: Listener) -> None:
    project = await project_with(database, listener.url)
    (row,) = await delivered(database, project, inside=True)
    ((head, body),) = listener.requests
    assert "content-type: application/json" in head and "accept: text/plain" in head
    assert orjson.loads(body) == row.payload
    assert row.payload == {
        "event": "task_completed",
        "project_short_name": project.short_name,
        "project_id": project.id,
        "task_id": 7,
        "result_id": 9,
        "fired_at": FIRED_AT,
    }
    assert (row.response_status_code, row.response) == (202, "thanks")


async def test_a_server_that_is_away_is_on_record(database: Database) -> None:
    project = await project_with(database, "http://127.0.0.1:9/done")
    (row,) = await delivered(database, project, inside=True)
    assert (row.response_status_code, row.response) == (None, "Connection Error")


async def test_addresses_inside_are_not_called(database: Database, listener: Listener) -> None:
    project = await project_with(database, listener.url)
    (row,) = await delivered(database, project, inside=False)
    assert (listener.requests, row.response) == ([], "Connection Error")


async def test_a_webhook_that_was_taken_away_is_not_called(database: Database) -> None:
    assert await delivered(database, await project_with(database, None), inside=True) == []
