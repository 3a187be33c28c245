"""The services that are known by name, and those of the settings."""

from collections.abc import Iterator, Mapping
from secrets import token_urlsafe
from typing import Any

from webapp.config import Settings
from webapp.integrations.providers.base import (
    Kept,
    Provider,
    ProviderIdentity,
    asking,
    check_state,
    client_options,
    json_object,
    text_of,
)
from webapp.integrations.providers.clients import AsyncOAuth1Client
from webapp.integrations.providers.oauth import OAuth2, OpenIdConnect
from webapp.service_config import PROVIDER_KEYS

GOOGLE = "https://accounts.google.com"
ORCID = "https://orcid.org"


class GitHub(OAuth2):
    """GitHub: of its addresses the main one counts, where it is verified."""

    scope = "read:user user:email"

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        *,
        site: str = "https://github.com",
        api: str = "https://api.github.com",
    ) -> None:
        super().__init__("github", "GitHub", client_id, client_secret)
        self.authorize_url = f"{site}/login/oauth/authorize"
        self.token_url = f"{site}/login/oauth/access_token"
        self._api = api

    async def _person(self, client: Any, token: dict[str, Any]) -> dict[str, Any]:
        user = json_object(await client.get(f"{self._api}/user"))
        answer = await client.get(f"{self._api}/user/emails")
        addresses = answer.json() if answer.is_success else []
        main: dict[str, Any] = next((one for one in addresses if one["primary"]), {})
        return {
            "subject": user["id"],
            "name": user.get("name") or user["login"],
            "username": user["login"],
            "email": main.get("email"),
            "email_verified": main.get("verified"),
        }


class Facebook(OAuth2):
    """Facebook, which does not say whether an address is verified: it is not taken for so."""

    scope = "public_profile email"

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        *,
        site: str = "https://www.facebook.com",
        api: str = "https://graph.facebook.com",
    ) -> None:
        super().__init__("facebook", "Facebook", client_id, client_secret, keeps_token=True)
        self.authorize_url = f"{site}/v23.0/dialog/oauth"
        self.token_url = f"{api}/v23.0/oauth/access_token"
        self._me = f"{api}/v23.0/me"

    async def _person(self, client: Any, token: dict[str, Any]) -> dict[str, Any]:
        me = json_object(await client.get(self._me, params={"fields": "id,name,email"}))
        return {"subject": me["id"], "name": me.get("name"), "email": me.get("email"), "email_verified": False}


class Twitter:
    """X, formerly Twitter: OAuth 1.0a, whose tokens are those that PYBOSSA's clients know."""

    name, label = "twitter", "X (Twitter)"

    def __init__(self, key: str, secret: str, *, api: str = "https://api.x.com") -> None:
        self._key, self._secret, self._api = key, secret, api

    def _client(self, **options: Any) -> Any:
        return AsyncOAuth1Client(self._key, self._secret, **options, **client_options())

    async def begin(self, redirect_uri: str) -> tuple[str, Kept]:
        """As Provider.begin. OAuth 1 has no state: it is part of the address to come back to."""
        state = token_urlsafe(24)
        async with asking(self.name), self._client(redirect_uri=f"{redirect_uri}?state={state}") as client:
            token = await client.fetch_request_token(f"{self._api}/oauth/request_token")
            address = client.create_authorization_url(f"{self._api}/oauth/authenticate", token["oauth_token"])
            kept = {name: str(token[name]) for name in ("oauth_token", "oauth_token_secret")}
            return address, kept | {"state": state}

    async def finish(self, redirect_uri: str, answer: Mapping[str, str], kept: Kept) -> ProviderIdentity:
        """As Provider.finish."""
        begun = {"oauth_token": kept["oauth_token"], "state": kept["state"]}
        check_state(answer, kept)
        check_state({"state": answer.get("oauth_token", "")}, {"state": begun["oauth_token"]})
        options = {"token": kept["oauth_token"], "token_secret": kept["oauth_token_secret"]}
        async with asking(self.name), self._client(**options) as client:
            verifier = answer.get("oauth_verifier", "")
            token = await client.fetch_access_token(f"{self._api}/oauth/access_token", verifier)
            fields = {"user.fields": "confirmed_email"}
            me = json_object(await client.get(f"{self._api}/2/users/me", params=fields))["data"]
            return ProviderIdentity(
                provider=self.name,
                subject=text_of(me["id"]),
                name=text_of(me.get("name")),
                username=text_of(me.get("username")),
                email=text_of(me.get("confirmed_email")),
                email_verified=bool(me.get("confirmed_email")),
                tokens={name: str(token[name]) for name in ("oauth_token", "oauth_token_secret")},
            )


def providers_of(settings: Settings) -> dict[str, Provider]:
    """Those that the settings have a key for, by name, as they are shown; none where there is a directory."""
    if settings.ldap_host:
        return {}
    return {one.name: one for one in _all(settings)}


def _all(settings: Settings) -> Iterator[Provider]:
    for one in settings.oidc_providers:
        yield OpenIdConnect(
            one.name, one.label or one.name, one.client_id, one.client_secret, issuer=one.issuer, scope=one.scope
        )
    for name, pair in PROVIDER_KEYS.items():
        key, secret = (getattr(settings, setting) for setting in pair)
        if key and secret:
            yield _preset(name, key, secret)


def _preset(name: str, key: str, secret: str) -> Provider:
    match name:
        case "google":
            return OpenIdConnect(name, "Google", key, secret, issuer=GOOGLE, keeps_token=True)
        case "orcid":
            return OpenIdConnect(name, "ORCID", key, secret, issuer=ORCID, scope="openid")
        case "facebook":
            return Facebook(key, secret)
        case "twitter":
            return Twitter(key, secret)
        case _:
            return GitHub(key, secret)
