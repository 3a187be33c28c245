"""Sign-in by OAuth 2.0 with PKCE, and by OpenID Connect on top of it."""

from collections.abc import Mapping
from secrets import token_urlsafe
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import httpx
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from webapp.integrations.providers.base import (
    Kept,
    ProviderIdentity,
    ProviderRefused,
    asking,
    check_state,
    client_options,
    json_object,
    text_of,
)
from webapp.integrations.providers.clients import AsyncOAuth2Client

SIGNATURES = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""By a key of the provider's own: not by what both know, and never none."""
LEEWAY_S = 60
LONGEST_SUBJECT = 255
TOLD_S = 600
"""How long what a provider says of itself is believed, in seconds."""


class OAuth2:
    """The authorization code flow. `tokens` says whether the access token is kept, for `/api/token`."""

    authorize_url: str
    token_url: str
    scope: str
    token_auth = "client_secret_post"

    def __init__(self, name: str, label: str, client_id: str, client_secret: str, *, keeps_token: bool = False) -> None:
        self.name, self.label = name, label
        self._id, self._secret = client_id, client_secret
        self._keeps_token = keeps_token

    def _client(self, redirect_uri: str) -> Any:
        return AsyncOAuth2Client(
            client_id=self._id,
            client_secret=self._secret or None,
            token_endpoint_auth_method=self.token_auth if self._secret else "none",
            scope=self.scope,
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            **client_options(),
        )

    async def begin(self, redirect_uri: str) -> tuple[str, Kept]:
        """As Provider.begin."""
        async with asking(self.name), self._client(redirect_uri) as client:
            return self._authorization(client, self.authorize_url)

    def _authorization(self, client: Any, url: str, **more: str) -> tuple[str, Kept]:
        kept = {"state": token_urlsafe(24), "verifier": token_urlsafe(48)} | more
        address, _state = client.create_authorization_url(
            url, state=kept["state"], code_verifier=kept["verifier"], **more
        )
        return address, kept

    async def _exchange(self, client: Any, url: str, answer: Mapping[str, str], kept: Kept) -> dict[str, Any]:
        if not answer.get("code"):
            raise ProviderRefused
        token: dict[str, Any] = await client.fetch_token(
            url, grant_type="authorization_code", code=answer["code"], code_verifier=kept["verifier"]
        )
        return token

    async def finish(self, redirect_uri: str, answer: Mapping[str, str], kept: Kept) -> ProviderIdentity:
        """As Provider.finish."""
        check_state(answer, kept)
        async with asking(self.name), self._client(redirect_uri) as client:
            token = await self._exchange(client, self.token_url, answer, kept)
            found = await self._person(client, token)
            return self._known(found, token)

    def _known(self, found: dict[str, Any], token: dict[str, Any]) -> ProviderIdentity:
        subject = text_of(found.get("subject"))
        if not 0 < len(subject) <= LONGEST_SUBJECT:
            raise ValueError("nobody")
        return ProviderIdentity(
            provider=self.name,
            subject=subject,
            name=text_of(found.get("name")),
            username=text_of(found.get("username")),
            email=text_of(found.get("email")),
            email_verified=found.get("email_verified") is True or found.get("email_verified") == "true",
            tokens={"oauth_token": str(token["access_token"])} if self._keeps_token else {},
        )

    async def _person(self, client: Any, token: dict[str, Any]) -> dict[str, Any]:
        """`subject`, `name`, `username`, `email` and `email_verified` of whom the token is of."""
        raise NotImplementedError


class OpenIdConnect(OAuth2):
    """A provider found by its issuer's address."""

    def __init__(
        self,
        name: str,
        label: str,
        client_id: str,
        client_secret: str,
        *,
        issuer: str,
        scope: str = "openid profile email",
        keeps_token: bool = False,
    ) -> None:
        super().__init__(name, label, client_id, client_secret, keeps_token=keeps_token)
        self.scope = scope
        self._issuer = issuer
        self._told: tuple[float, dict[str, Any]] | None = None

    async def _metadata(self, client: Any) -> dict[str, Any]:
        """What the provider says of itself. Raises ValueError for what says that it is another's."""
        if self._told is None or monotonic() - self._told[0] > TOLD_S:
            self._told = monotonic(), await self._read_metadata(client)
        document = self._told[1]
        methods = document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if self._secret:
            is_basic = "client_secret_basic" in methods
            client.token_endpoint_auth_method = "client_secret_basic" if is_basic else "client_secret_post"
        return document

    async def _read_metadata(self, client: Any) -> dict[str, Any]:
        address = self._issuer.rstrip("/") + "/.well-known/openid-configuration"
        document = json_object(await client.request("GET", address, withhold_token=True))
        if str(document["issuer"]).rstrip("/") != self._issuer.rstrip("/"):
            raise ValueError("another issuer")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if urlsplit(str(document[name])).scheme not in ("https", urlsplit(self._issuer).scheme):
                raise ValueError(f"no address: {name}")
        return document

    async def begin(self, redirect_uri: str) -> tuple[str, Kept]:
        """As Provider.begin."""
        async with asking(self.name), self._client(redirect_uri) as client:
            document = await self._metadata(client)
            return self._authorization(client, document["authorization_endpoint"], nonce=token_urlsafe(24))

    async def finish(self, redirect_uri: str, answer: Mapping[str, str], kept: Kept) -> ProviderIdentity:
        """As Provider.finish. The token names who it is for, by whom, and the nonce that was sent along."""
        check_state(answer, kept)
        async with asking(self.name), self._client(redirect_uri) as client:
            document = await self._metadata(client)
            if answer.get("iss", document["issuer"]) != document["issuer"]:
                raise ProviderRefused
            token = await self._exchange(client, document["token_endpoint"], answer, kept)
            claims = await self._claims(client, document, token, kept["nonce"])
            if not claims.get("email") or not claims.get("name"):
                claims = await self._user_info(client, document, claims) | claims
            return self._known(_person_of(claims), token)

    async def _claims(self, client: Any, document: dict[str, Any], token: dict[str, Any], nonce: str) -> dict[str, Any]:
        published: Any = json_object(await client.request("GET", document["jwks_uri"], withhold_token=True))
        keys = KeySet.import_key_set(published)
        registry = JWSRegistry(algorithms=list(SIGNATURES), strict_check_header=False)
        decoded = jwt.decode(token["id_token"], key=keys, registry=registry)
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            {
                "iss": {"essential": True, "value": document["issuer"]},
                "aud": {"essential": True, "value": self._id},
                "nonce": {"essential": True, "value": nonce},
            },
            {"nonce": nonce, "client_id": self._id, "access_token": token.get("access_token")},
        )
        claims.validate(leeway=LEEWAY_S)
        return dict(claims)

    async def _user_info(self, client: Any, document: dict[str, Any], claims: dict[str, Any]) -> dict[str, Any]:
        """What its further address says of the same person; of another it says nothing here."""
        if not (address := document.get("userinfo_endpoint")):
            return {}
        try:
            found = json_object(await client.get(address))
        except httpx.HTTPError:
            return {}
        return found if found.get("sub") == claims["sub"] else {}


def _person_of(claims: dict[str, Any]) -> dict[str, Any]:
    parts = (text_of(claims.get(name)) for name in ("given_name", "family_name"))
    return {
        "subject": claims["sub"],
        "name": claims.get("name") or " ".join(part for part in parts if part),
        "username": claims.get("preferred_username"),
        "email": claims.get("email"),
        "email_verified": claims.get("email_verified"),
    }
