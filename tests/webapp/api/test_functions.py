"""The small ones: the welcome, single sign-on at Disqus, addresses that are none (02-api sections 1.1 and 5)."""

from base64 import b64decode
from collections.abc import AsyncIterator
from hashlib import sha1
from hmac import new as new_hmac

import orjson
import pytest
from quart import Quart

from db.models import User
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
