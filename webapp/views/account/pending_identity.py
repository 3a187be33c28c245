"""Who has come back from another service, between that and being somebody here.

What is begun in a browser is kept by that browser alone, encrypted: another's state, code or identity is of no use in
it. Only what the service has said gets from the first cookie into the second.
"""

from dataclasses import asdict, dataclass
from typing import Any

from webapp.http.page import RequestContext
from webapp.http.security import sealed
from webapp.integrations.directory import PROVIDER
from webapp.integrations.providers import ProviderIdentity, ProviderRefused
from webapp.services.accounts.registration import LINK_S

HANDSHAKE, HANDSHAKE_S = "handshake", 900
"""The cookie of a sign-in that was begun, and how long it may take, in seconds."""
ARRIVAL = "arrival"
"""The cookie of somebody whom a service has told of, good for as long as a link by mail."""


@dataclass(frozen=True, slots=True)
class PendingIdentity:
    """Somebody whom a service has told of."""

    known: ProviderIdentity
    target: str
    """Where they wanted to go."""
    invitation: str
    user_id: int | None
    """The account that was signed in when they set out: what they want is to link it."""


def begin_handshake(ctx: RequestContext, provider: str, kept: dict[str, str], target: str, invitation: str) -> None:
    """Remember what the browser is sent away with."""
    value = {
        "provider": provider,
        "kept": kept,
        "target": target,
        "invitation": invitation,
        "user_id": ctx.actor.user_id,
    }
    if not sealed.give(ctx, HANDSHAKE, value, max_age=HANDSHAKE_S):
        raise ProviderRefused


def take_handshake(ctx: RequestContext, provider: str) -> dict[str, Any] | None:
    """What this browser was sent to the provider with, once: it is forgotten with this answer."""
    found = sealed.read(ctx, HANDSHAKE, max_age=HANDSHAKE_S)
    sealed.take_back(ctx, HANDSHAKE)
    return found if found is not None and found["provider"] == provider else None


def keep(ctx: RequestContext, known: ProviderIdentity, begun: dict[str, Any]) -> None:
    """Remember whom the provider has told of."""
    value = {"known": asdict(known)} | {name: begun[name] for name in ("target", "invitation", "user_id")}
    if sealed.give(ctx, ARRIVAL, value, max_age=LINK_S):
        return
    value["known"] = value["known"] | {"tokens": {}}
    if not sealed.give(ctx, ARRIVAL, value, max_age=LINK_S):
        raise ProviderRefused


def find(ctx: RequestContext) -> PendingIdentity | None:
    """Whom a provider has told this browser of, if they have not become anybody here yet."""
    found = sealed.read(ctx, ARRIVAL, max_age=LINK_S)
    if found is None:
        return None
    provider = found["known"]["provider"]
    is_directory = provider == PROVIDER and ctx.app_services.directory is not None
    if not is_directory and provider not in ctx.app_services.providers:
        return None
    return PendingIdentity(ProviderIdentity(**found["known"]), found["target"], found["invitation"], found["user_id"])


def find_identity(ctx: RequestContext) -> ProviderIdentity | None:
    """As `find`, the person alone."""
    found = find(ctx)
    return found.known if found is not None else None


def forget(ctx: RequestContext) -> None:
    """They have become somebody, or do not want to."""
    sealed.take_back(ctx, ARRIVAL)
