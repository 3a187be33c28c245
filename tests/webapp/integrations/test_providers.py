"""Sign-in by the services that have ways of their own, against local servers that answer as they document it."""

import asyncio
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Callable
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.support.listening import listening
from webapp.config import load_settings
from webapp.integrations.providers import ProviderIdentity, ProviderRefused, ProviderUnavailable, providers_of
from webapp.integrations.providers.oauth import OpenIdConnect
from webapp.integrations.providers.presets import Facebook, GitHub, Twitter

BACK = "http://bees.example/account/signin/service/callback"
FORM = "application/x-www-form-urlencoded"


class StandIn:
    """Answers by path, and keeps what it was asked: (path with query, headers, body)."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, str, bytes]] = {}
        self.asked: list[tuple[str, dict[str, str], dict[str, str]]] = []
        self.address = ""

    def tell(self, path: str, body: Any, status: int = 200, kind: str = "application/json") -> None:
        self.answers[path] = (status, kind, body.encode() if isinstance(body, str) else orjson.dumps(body))

    def requests(self, path: str) -> list[tuple[str, dict[str, str], dict[str, str]]]:
        return [one for one in self.asked if urlsplit(one[0]).path == path]

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = (await reader.readexactly(int(headers.get("content-length", 0)))).decode()
        target = first.split()[1]
        self.asked.append((target, headers, dict(parse_qsl(body))))
        status, kind, content = self.answers.get(urlsplit(target).path, (404, "text/plain", b""))
        writer.write(
            f"HTTP/1.1 {status} .\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n".encode()
            + b"Connection: close\r\n\r\n"
            + content
        )
        await writer.drain()


@pytest.fixture
async def service() -> AsyncIterator[StandIn]:
    stand_in = StandIn()
    async with listening(stand_in.answer) as port:
        stand_in.address = f"http://127.0.0.1:{port}"
        yield stand_in


def sent(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))


def challenge(verifier: str) -> str:
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


async def by_oauth2(provider: GitHub | Facebook, service: StandIn, token_path: str) -> ProviderIdentity:
    address, kept = await provider.begin(BACK)
    asked = sent(address)
    assert address.startswith(service.address)
    assert asked["code_challenge"] == challenge(kept["verifier"]) and asked["code_challenge_method"] == "S256"
    assert (asked["state"], asked["redirect_uri"], asked["client_id"]) == (kept["state"], BACK, "id")
    with pytest.raises(ProviderRefused):
        await provider.finish(BACK, {"state": "another", "code": "c"}, kept)
    with pytest.raises(ProviderRefused):
        await provider.finish(BACK, {"state": kept["state"]}, kept)
    assert service.requests(token_path) == []
    known = await provider.finish(BACK, {"state": kept["state"], "code": "the-code"}, kept)
    [(_, _, form)] = service.requests(token_path)
    expected = {"code": "the-code", "client_id": "id", "client_secret": "secret", "code_verifier": kept["verifier"]}
    assert expected.items() <= form.items()
    return known


@pytest.mark.parametrize("verified", [True, False])
async def test_github(service: StandIn, verified: bool) -> None:
    service.tell("/login/oauth/access_token", {"access_token": "gho_x", "token_type": "bearer", "scope": "user:email"})
    service.tell("/user", {"id": 583231, "login": "octo", "name": None, "email": "shown@example.com"})
    addresses = [
        {"email": "old@example.com", "primary": False, "verified": True},
        {"email": "octo@example.com", "primary": True, "verified": verified},
    ]
    service.tell("/user/emails", addresses)
    provider = GitHub("id", "secret", site=service.address, api=service.address)

    known = await by_oauth2(provider, service, "/login/oauth/access_token")

    assert known == ProviderIdentity("github", "583231", "octo", "octo", "octo@example.com", verified)
    assert service.requests("/user")[0][1]["authorization"] == "Bearer gho_x"


async def test_facebook_s_addresses_are_not_proven(service: StandIn) -> None:
    service.tell("/v23.0/oauth/access_token", {"access_token": "EAAx", "token_type": "bearer", "expires_in": 5183944})
    service.tell("/v23.0/me", {"id": "1012", "name": "Ann Bee", "email": "ann@example.com"})
    provider = Facebook("id", "secret", site=service.address, api=service.address)

    known = await by_oauth2(provider, service, "/v23.0/oauth/access_token")

    assert known == ProviderIdentity(
        "facebook", "1012", "Ann Bee", "", "ann@example.com", False, {"oauth_token": "EAAx"}
    )


async def test_x(service: StandIn) -> None:
    begun = "oauth_token=request&oauth_token_secret=hidden&oauth_callback_confirmed=true"
    service.tell("/oauth/request_token", begun, kind=FORM)
    service.tell("/oauth/access_token", "oauth_token=7-abc&oauth_token_secret=s&user_id=7&screen_name=ann", kind=FORM)
    person = {"id": "7", "name": "Ann Bee", "username": "ann", "confirmed_email": "ann@example.com"}
    service.tell("/2/users/me", {"data": person})
    provider = Twitter("key", "secret", api=service.address)

    address, kept = await provider.begin(BACK)
    assert sent(address)["oauth_token"] == "request"
    assert "oauth_callback" in service.asked[0][1]["authorization"]
    for answer in (
        {"oauth_token": "request", "oauth_verifier": "v"},
        {"oauth_token": "another", "oauth_verifier": "v", "state": kept["state"]},
        {"denied": "request", "state": kept["state"]},
    ):
        with pytest.raises(ProviderRefused):
            await provider.finish(BACK, answer, kept)
    assert service.requests("/oauth/access_token") == []
    answer = {"oauth_token": "request", "oauth_verifier": "v", "state": kept["state"]}
    known = await provider.finish(BACK, answer, kept)

    tokens = {"oauth_token": "7-abc", "oauth_token_secret": "s"}
    assert known == ProviderIdentity("twitter", "7", "Ann Bee", "ann", "ann@example.com", True, tokens)
    assert 'oauth_token="7-abc"' in service.requests("/2/users/me")[0][1]["authorization"]


@pytest.mark.parametrize(("status", "kind"), [(500, "application/json"), (200, "text/html")])
async def test_a_service_that_is_out_of_order(service: StandIn, status: int, kind: str) -> None:
    provider = GitHub("id", "secret", site=service.address, api=service.address)
    _, kept = await provider.begin(BACK)
    answer = {"state": kept["state"], "code": "c"}
    service.tell("/login/oauth/access_token", "<h1>Sorry</h1>", status, kind)
    with pytest.raises((ProviderUnavailable, ProviderRefused)):
        await provider.finish(BACK, answer, kept)
    service.tell("/login/oauth/access_token", {"access_token": "x", "token_type": "bearer"})
    service.tell("/user", [1, 2])
    with pytest.raises(ProviderUnavailable):
        await provider.finish(BACK, answer, kept)


class Issuer:
    """What ORCID and Google send, and what others could send in their place."""

    def __init__(self, service: StandIn) -> None:
        self.key, self.service = RSAKey.generate_key(2048, {"kid": "1"}), service
        address = service.address
        self.document = {
            "issuer": address,
            "authorization_endpoint": f"{address}/authorize",
            "token_endpoint": f"{address}/token",
            "jwks_uri": f"{address}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }
        service.tell("/.well-known/openid-configuration", self.document)
        service.tell("/keys", {"keys": [self.key.as_dict(private=False)]})

    def tell(self, nonce: str, *, header: dict[str, Any] | None = None, key: Any = None, **changed: Any) -> None:
        now = int(time.time())
        claims: dict[str, Any] = {"iss": self.service.address, "aud": "APP-1", "sub": "0000-0002", "nonce": nonce}
        claims |= {"iat": now, "exp": now + 600, "given_name": "Ann", "family_name": "Bee"} | changed
        kept = {name: value for name, value in claims.items() if value is not None}
        token = jwt.encode({"alg": "RS256", "kid": "1"} | (header or {}), kept, key or self.key)
        self.service.tell("/token", {"access_token": "at", "token_type": "bearer", "id_token": token})


async def by_openid(service: StandIn, prepare: Callable[[Issuer, str], None]) -> ProviderIdentity:
    issuer = Issuer(service)
    provider = OpenIdConnect("orcid", "ORCID", "APP-1", "secret", issuer=service.address, scope="openid")
    _, kept = await provider.begin(BACK)
    prepare(issuer, kept["nonce"])
    return await provider.finish(BACK, {"state": kept["state"], "code": "c"}, kept)


async def test_orcid_which_gives_no_address(service: StandIn) -> None:
    known = await by_openid(service, lambda issuer, nonce: issuer.tell(nonce))
    assert known == ProviderIdentity("orcid", "0000-0002", "Ann Bee")


@pytest.mark.parametrize("claim", [True, "true", False, None, 1, "yes"])
async def test_only_an_address_that_is_said_to_be_verified_is(service: StandIn, claim: Any) -> None:
    mail = "ann@example.com"
    known = await by_openid(service, lambda issuer, nonce: issuer.tell(nonce, email=mail, email_verified=claim))
    assert known.email_verified is (claim is True or claim == "true")


FORGERIES: dict[str, Callable[[Issuer, str], None]] = {
    "another's nonce": lambda issuer, nonce: issuer.tell("another"),
    "no nonce": lambda issuer, nonce: issuer.tell(None),  # type: ignore[arg-type]
    "for another site": lambda issuer, nonce: issuer.tell(nonce, aud="APP-2"),
    "for others too": lambda issuer, nonce: issuer.tell(nonce, aud=["APP-1", "APP-2"], azp="APP-2"),
    "by another issuer": lambda issuer, nonce: issuer.tell(nonce, iss="https://evil.example"),
    "of yesterday": lambda issuer, nonce: issuer.tell(nonce, exp=int(time.time()) - 86400),
    "without a subject": lambda issuer, nonce: issuer.tell(nonce, sub=None),
    "signed by a stranger": lambda issuer, nonce: issuer.tell(nonce, key=RSAKey.generate_key(2048, {"kid": "1"})),
}


@pytest.mark.parametrize("forged", FORGERIES)
async def test_a_token_that_proves_nothing(service: StandIn, forged: str) -> None:
    with pytest.raises(ProviderRefused):
        await by_openid(service, FORGERIES[forged])


async def test_a_token_that_nobody_signed(service: StandIn) -> None:
    def unsigned(issuer: Issuer, nonce: str) -> None:
        issuer.tell(nonce)
        token = orjson.loads(issuer.service.answers["/token"][2])
        head = urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
        token["id_token"] = f"{head}.{token['id_token'].split('.')[1]}."
        issuer.service.tell("/token", token)

    with pytest.raises(ProviderRefused):
        await by_openid(service, unsigned)


async def test_a_document_of_another_issuer(service: StandIn) -> None:
    issuer = Issuer(service)
    service.tell("/.well-known/openid-configuration", issuer.document | {"issuer": "https://evil.example"})
    with pytest.raises(ProviderUnavailable):
        await OpenIdConnect("a", "A", "APP-1", "", issuer=service.address).begin(BACK)


def test_services_are_those_that_the_settings_have_a_key_for() -> None:
    settings = load_settings(
        secret_key="0123456789-abcdefghijklmnopqrstuvwxyz",
        google_client_id="a",
        google_client_secret="b",
        twitter_consumer_key="c",
        twitter_consumer_secret="d",
        oidc_providers='[{"name": "uni", "issuer": "https://login.uni.example", "client_id": "x"}]',
    )
    assert {name: one.label for name, one in providers_of(settings).items()} == {
        "uni": "uni",
        "google": "Google",
        "twitter": "X (Twitter)",
    }
