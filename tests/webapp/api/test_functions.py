"""The small ones: the welcome, single sign-on at Disqus, addresses that are none (docs/contract/api.md 1.1 and 5)."""

from base64 import b64decode
from collections.abc import AsyncIterator, Callable
from hashlib import sha1
from hmac import new as new_hmac

import orjson
import pytest
from quart import Quart

from db.models import Project, Task, User
from db.session import Database
from tests.factories import make_user
from tests.support.client import Client
from webapp.app import create_app
from webapp.config import Settings


async def test_welcome(client: Client) -> None:
    assert (await client.get("/api/")).text == "The Workbee API"


async def test_nothing_there(client: Client) -> None:
    answer = await client.api("GET", "/api/nosuch")
    assert (answer.status, answer.json["exception_cls"], answer.json["action"]) == (404, "NotFound", "GET")


async def test_disqus_without_keys(client: Client) -> None:
    answer = await client.api("GET", "/api/disqus/sso")
    assert answer.json == {
        "action": "GET",
        "status": "failed",
        "status_code": 405,
        "target": "DISQUS_SSO",
        "exception_cls": "MethodNotAllowed",
        "exception_msg": "Disqus keys are missing",
    }


@pytest.fixture
async def with_disqus(settings: Settings, clean: None) -> AsyncIterator[Quart]:
    keys = {"disqus_public_key": "public", "disqus_secret_key": "secret"}
    created = create_app(settings.model_copy(update=keys))
    async with created.test_app():
        yield created


async def test_disqus_learns_who_reads(with_disqus: Quart, owner: User) -> None:
    for client, payload in (
        (Client(with_disqus), {}),
        (
            Client(with_disqus, key=owner.api_key),
            {"id": owner.id, "username": owner.name, "email": owner.email_addr},
        ),
    ):
        answer = (await client.api("GET", "/api/disqus/sso")).json
        message, signature, timestamp = answer["remote_auth_s3"].split(" ")
        assert answer["api_key"] == "public" and orjson.loads(b64decode(message)) == payload
        assert signature == new_hmac(b"secret", f"{message} {timestamp}".encode(), sha1).hexdigest()


async def test_tokens_of_whoever_signs_in_with_a_password(client: Client, as_owner: Client) -> None:
    assert (await as_owner.api("GET", "/api/token")).json == {}
    answer = await as_owner.api("GET", "/api/token/twitter")
    assert (answer.status, answer.json["target"]) == (404, "token")
    for path in ("/api/token", "/api/token/twitter"):
        answer = await client.api("GET", path)
        assert (answer.status, answer.json["target"], answer.json["action"]) == (401, "token", "GET")
        assert (await as_owner.api("POST", path, {})).status == 405


async def test_tokens_of_other_services_are_their_owner_s_alone(
    as_admin: Client, with_key: Callable[[User], Client], database: Database
) -> None:
    token = {"oauth_token": "a", "oauth_token_secret": "b"}
    async with database.unit() as uow:
        user = await make_user(uow.session, info={"twitter_token": token, "extra": 1})

    mine = with_key(user)

    assert (await mine.api("GET", "/api/token")).json == {"twitter_token": token}
    assert (await mine.api("GET", "/api/token/twitter")).json == token
    assert (await mine.api("GET", "/api/token/google")).status == 404
    assert (await as_admin.api("GET", "/api/token")).json == {}
    for one in (mine, as_admin):
        assert "oauth_token" not in (await one.api("GET", f"/api/user/{user.id}")).text


async def test_the_address_of_newtask_that_old_documents_name(
    as_stranger: Client, project: Project, tasks: list[Task]
) -> None:
    usual = (await as_stranger.api("GET", f"/api/project/{project.id}/newtask")).json
    assert (await as_stranger.api("GET", f"/api/{project.id}/newtask")).json == usual
    answer = await as_stranger.api("GET", "/api/bees/newtask")
    assert (answer.status, answer.json["target"]) == (415, "project")
