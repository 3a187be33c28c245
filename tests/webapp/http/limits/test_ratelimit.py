"""Rate limits: exact under concurrency, told by headers, and no obstacle when Redis is away
(docs/contract/api.md 1.9)."""

import asyncio
import socket
from collections import Counter

import pytest
from quart import Quart

from db.models import Project
from db.session import Database
from tests.factories import make_project, make_tasks, make_user
from tests.support.client import Client
from tests.support.services import TestServices
from webapp.app import create_app
from webapp.config import Settings
from webapp.services.contributing.frame_token import FrameGrant, issue_frame_token


@pytest.fixture
async def project(database: Database) -> Project:
    async with database.unit() as uow:
        made = await make_project(uow.session, await make_user(uow.session))
        await make_tasks(uow.session, made, 2)
        return made


def limited(settings: Settings, **limits: int) -> Quart:
    return create_app(settings.model_copy(update=limits))


async def test_of_many_at_once_exactly_the_allowed_number_passes(settings: Settings, project: Project) -> None:
    app = limited(settings, api_rate_limit=3)
    async with app.test_app():
        client = Client(app)
        answers = await asyncio.gather(*(client.api("GET", "/api/category") for _ in range(50)))
    assert Counter(answer.status for answer in answers) == {200: 3, 429: 47}
    refused = next(answer for answer in answers if answer.status == 429)
    assert refused.headers["X-RateLimit-Remaining"] == "0" and int(refused.headers["Retry-After"]) > 0


async def test_resources_are_counted_apart_and_their_verbs_together(settings: Settings, project: Project) -> None:
    app = limited(settings, api_rate_limit=2)
    async with app.test_app():
        client = Client(app)
        await client.api("GET", "/api/category")
        await client.api("GET", "/api/category/1")
        assert (await client.api("POST", "/api/category", {})).status == 429
        assert (await client.api("GET", "/api/project")).status == 200


async def test_what_a_presenter_uses_up_is_its_own_projects(settings: Settings, project: Project) -> None:
    app = limited(settings, api_rate_limit=3)
    key = settings.key("frame")

    def bearer(project_id: int) -> dict[str, str]:
        token = issue_frame_token(FrameGrant(project_id, "anon:somebody"), key)
        return {"Authorization": f"Bearer {token}"}

    async with app.test_app():
        client = Client(app)
        for path in (f"/api/project/{project.id}/newtask", "/api/task"):
            greedy = [(await client.api("GET", path, headers=bearer(project.id))).status for _ in range(4)]
            assert greedy == [200, 200, 200, 429]
        assert (await client.api("GET", "/api/task", headers=bearer(project.id + 1))).status == 200
        assert (await client.api("GET", "/api/task")).status == 200
        assert (await client.api("GET", f"/api/project/{project.id}/newtask")).status == 200


async def test_pages_have_a_wider_allowance_of_their_own(settings: Settings, project: Project) -> None:
    app = limited(settings, page_rate_limit=2)
    async with app.test_app():
        client = Client(app)
        statuses = [(await client.get("/about", json=True)).status for _ in range(3)]
        assert statuses == [200, 200, 429]
        assert (await client.api("GET", "/api/category")).status == 200


async def test_with_redis_away_contributing_goes_on(
    services: TestServices, settings: Settings, project: Project
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    app = limited(settings.model_copy(update={"redis_url": f"redis://127.0.0.1:{port}/0"}), api_rate_limit=1)
    async with app.test_app():
        client = Client(app)
        task = (await client.api("GET", f"/api/project/{project.id}/newtask")).json
        sent = {"project_id": project.id, "task_id": task["id"], "info": 1}
        stored = await client.api("POST", "/api/taskrun", sent)
        assert stored.status == 200 and "X-RateLimit-Limit" not in stored.headers
        assert (await client.get("/about")).status == 200
