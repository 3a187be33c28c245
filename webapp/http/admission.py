"""Projects behind a password: who has given it is in a signed cookie (docs/contract/model.md 8,
docs/contract/gaps.md 3.8)."""

from hashlib import sha256
from typing import Protocol
from urllib.parse import quote

from itsdangerous import BadSignature, URLSafeTimedSerializer

from webapp.config import Settings
from webapp.http.call import Call

COOKIE_S = 1800
"""How long a given password is remembered, in seconds."""


class Guarded(Protocol):
    """What of a project its password is known by."""

    @property
    def id(self) -> int: ...
    @property
    def short_name(self) -> str: ...
    @property
    def info(self) -> dict[str, object]: ...


def _cookie_name(project: Guarded) -> str:
    return quote(project.short_name, safe="") + "pswd"


def _signer(settings: Settings) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.key("project password"), salt="project password")


def _grant(call: Call, project: Guarded) -> list[object]:
    """What the cookie vouches for: this account or anonymous browser, this project, this very password.

    It does not name the contributor: an anonymous one becomes a volunteer of their own on the way in, and is the same
    person behind the same cookie.
    """
    password = sha256(str(project.info.get("passwd_hash")).encode()).hexdigest()[:16]
    return [project.id, call.actor.user_id, password]


def has_password(call: Call, project: Guarded) -> bool:
    """Whether the caller has given the project's present password within the last half hour."""
    cookie = call.cookie(_cookie_name(project))
    if not cookie:
        return False
    try:
        return bool(_signer(call.settings).loads(cookie, max_age=COOKIE_S) == _grant(call, project))
    except BadSignature:
        return False


def remember_password(call: Call, project: Guarded) -> None:
    """The caller has just given the right password: let them in for half an hour."""
    value = str(_signer(call.settings).dumps(_grant(call, project)))
    call.set_cookie(_cookie_name(project), value, max_age=COOKIE_S)
