"""The token by which a presenter's frame calls the API: good for one contributor in one project, for 15 to 16
minutes.

Signed with our own key and for an audience of its own, so that a token signed with a project's secret is never taken
for it (docs/architecture.md 7). It names the credential that it was issued to, and ends with it.
"""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from time import time

import jwt

ALGORITHM = "HS256"
AUDIENCE = "workbee-frame"
TICKET_AUDIENCE = "workbee-frame-document"
LIFETIME = timedelta(minutes=15)
STEP = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class FrameGrant:
    """In whose name the frame may draw, read tasks, answer and ask for progress, and in which project."""

    project_id: int
    contributor: str
    user_id: int | None = None
    ip: str | None = None
    credential: str = ""
    """The fingerprint of the credential that it was issued to."""
    session_epoch: int | None = None


def issue_frame_token(grant: FrameGrant, key: bytes, now: datetime | None = None) -> str:
    """A token for this grant, good for `LIFETIME` at least: those of a minute are one and the same, and signed once."""
    return _signed(AUDIENCE, grant, key, _end(now))


def read_frame_token(token: str, key: bytes) -> FrameGrant | None:
    """The grant of this token; None if it is not one of ours, or its time is over."""
    try:
        grant, ends = _verified(token, key)
    except jwt.InvalidTokenError:
        return None
    return grant if time() < ends else None


@dataclass(frozen=True, slots=True)
class FrameTicket:
    """Leave to load the documents of one project's frames from a host that knows nobody: given to whoever may see
    them, for as long as a token lives."""

    project_id: int
    locale: str
    theme: str
    fresh: bool
    """Whether the document has to be as it is now: its reader has just changed something."""


def issue_frame_ticket(ticket: FrameTicket, key: bytes, now: datetime | None = None) -> str:
    """The ticket as text, for the address of a frame, good for as long as a token."""
    return _signed(TICKET_AUDIENCE, ticket, key, _end(now))


def _end(now: datetime | None) -> datetime:
    return (now or datetime.now(UTC)).replace(second=0, microsecond=0) + STEP + LIFETIME


@lru_cache(maxsize=4096)
def _signed(audience: str, given: FrameGrant | FrameTicket, key: bytes, ends: datetime) -> str:
    return jwt.encode({"aud": audience, "exp": ends, **asdict(given)}, key, algorithm=ALGORITHM)


def read_frame_ticket(text: str, key: bytes) -> FrameTicket | None:
    """What this ticket says; None if it is not one of ours, or its time is over."""
    try:
        claims = jwt.decode(
            text,
            key,
            algorithms=[ALGORITHM],
            audience=TICKET_AUDIENCE,
            options={"require": ["exp", "aud", "project_id"]},
        )
    except jwt.InvalidTokenError:
        return None
    return FrameTicket(claims["project_id"], claims["locale"], claims["theme"], claims["fresh"])


@lru_cache(maxsize=4096)
def _verified(token: str, key: bytes) -> tuple[FrameGrant, float]:
    """The grant of this token and its end, in seconds since the epoch: one volunteer sends the same token with every
    request. Raises InvalidTokenError, which is not remembered."""
    claims = jwt.decode(
        token,
        key,
        algorithms=[ALGORITHM],
        audience=AUDIENCE,
        options={"require": ["exp", "aud", "project_id", "contributor"]},
    )
    grant = FrameGrant(
        claims["project_id"],
        claims["contributor"],
        claims.get("user_id"),
        claims.get("ip"),
        claims.get("credential") or "",
        claims.get("session_epoch"),
    )
    return grant, float(claims["exp"])
