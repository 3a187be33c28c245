"""What providers have in common: the two steps of a sign-in, what can go wrong, and a bounded HTTP client."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Any, Protocol

import httpx
from authlib.common.errors import AuthlibBaseError
from joserfc.errors import JoseError

from webapp.errors import BadRequest, WorkbeeError
from webapp.i18n import gettext as _

log = logging.getLogger(__name__)
TIMEOUT_S = 5.0
"""How long a provider may be silent."""
WHOLE_S = 15.0
"""How long one step may take: some requests, one after another."""
UNUSABLE = (
    httpx.HTTPError,
    httpx.InvalidURL,
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    RecursionError,
)
"""What comes of a provider that is away, or that sends what it is not documented to send."""
LARGEST_ANSWER = 512 * 1024
LONGEST_NAME = 200

Kept = dict[str, str]
"""What has to be remembered, in the browser of whoever signs in, between the two steps."""


class ProviderRefused(BadRequest):
    """The provider, or a check of ours, does not let this sign-in go on."""

    message = "That sign-in did not work: begin again."


class ProviderUnavailable(WorkbeeError):
    """The provider could not be asked."""

    status = 502
    message = "That service does not answer: try again later, or sign in another way."


@dataclass(frozen=True, slots=True)
class ProviderIdentity:
    """Somebody, as a provider knows them."""

    provider: str
    subject: str
    """What they are known by for good."""
    name: str = ""
    username: str = ""
    email: str = ""
    email_verified: bool = False
    """Whether the provider says that the address is theirs; otherwise it proves nothing."""
    tokens: dict[str, str] = field(default_factory=dict, repr=False)
    """What `/api/token` shows to their owner."""

    @property
    def identity(self) -> str:
        return f"{self.provider}:{self.subject}"

    @property
    def label(self) -> str:
        """What they are called there."""
        return (self.email or self.username or self.name or self.subject)[:LONGEST_NAME]


class Provider(Protocol):
    """A service by which people sign in. Both steps raise ProviderUnavailable."""

    name: str
    label: str

    async def begin(self, redirect_uri: str) -> tuple[str, Kept]:
        """The address to send the browser to, and what to remember until it comes back; `state` is part of that."""
        ...

    async def finish(self, redirect_uri: str, answer: Mapping[str, str], kept: Kept) -> ProviderIdentity:
        """Who came back, with these query parameters. Raises ProviderRefused."""
        ...


def check_state(answer: Mapping[str, str], kept: Kept) -> None:
    """Return if this is the answer to what was begun in this browser. Raises ProviderRefused also of what the provider
    says that it refuses."""
    if not kept.get("state") or not compare_digest(answer.get("state", "").encode(), kept["state"].encode()):
        raise ProviderRefused
    if answer.get("error") or answer.get("denied"):
        raise ProviderRefused(_("The service did not sign you in: you may have cancelled it."))


class BoundedTransport(httpx.AsyncBaseTransport):
    """HTTP whose answers have a greatest size, before and after unpacking: none is compressed."""

    def __init__(self) -> None:
        self._inner = httpx.AsyncHTTPTransport(trust_env=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises what httpx raises, DecodingError of an answer that is compressed or too large."""
        request.headers["Accept-Encoding"] = "identity"
        answer = await self._inner.handle_async_request(request)
        content = bytearray()
        try:
            if answer.headers.get("Content-Encoding", "identity") != "identity":
                raise httpx.DecodingError("compressed, which was not asked for", request=request)
            async for piece in answer.aiter_raw():
                content += piece
                if len(content) > LARGEST_ANSWER:
                    raise httpx.DecodingError("too large", request=request)
        finally:
            await answer.aclose()
        return httpx.Response(answer.status_code, headers=answer.headers, content=bytes(content), request=request)

    async def aclose(self) -> None:
        await self._inner.aclose()


def client_options() -> dict[str, Any]:
    """For each client of a provider."""
    return {
        "transport": BoundedTransport(),
        "timeout": TIMEOUT_S,
        "trust_env": False,
        "follow_redirects": False,
        "headers": {"User-Agent": "Workbee", "Accept": "application/json"},
    }


@asynccontextmanager
async def asking(provider: str) -> AsyncIterator[None]:
    """One step with a provider. Raises ProviderRefused where it refuses or what it says proves nothing, and
    ProviderUnavailable where it cannot be asked."""
    try:
        async with asyncio.timeout(WHOLE_S):
            yield
    except (AuthlibBaseError, JoseError) as error:
        log.warning("sign-in by %s was refused (%s)", provider, _told(error))
        raise ProviderRefused from error
    except UNUSABLE as error:
        log.warning("sign-in by %s does not work (%s)", provider, _told(error))
        raise ProviderUnavailable from error


def _told(error: Exception) -> str:
    """What went wrong, in a line without secrets: Authlib's and the libraries' own words."""
    return f"{type(error).__name__}: {str(error)[:200]}".replace("\n", " ")


def json_object(answer: httpx.Response) -> dict[str, Any]:
    """The answer's JSON object. Raises ValueError and TypeError for what is none, and HTTPStatusError for one that is
    no success."""
    answer.raise_for_status()
    document = answer.json()
    if not isinstance(document, dict):
        raise TypeError("no object")
    return document


def text_of(value: object) -> str:
    """A text as it is, a number as text, "" for anything else."""
    if isinstance(value, str):
        return value.replace("\x00", "").strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
