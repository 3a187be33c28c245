"""Projects that not everybody sees: who has given the password, or come by a draft's link, is in a signed cookie
(docs/contract/model.md 8, docs/contract/gaps.md 3.8)."""

from hashlib import sha256
from typing import Protocol
from urllib.parse import quote

from itsdangerous import BadSignature, URLSafeTimedSerializer

from webapp.config import Settings
from webapp.http.request_context import RequestContext

COOKIE_S = 1800
"""How long a given password is remembered, in seconds."""
TRYOUT_S = 24 * 3600
"""How long a browser that came by a draft's link may try it, in seconds."""


class Guarded(Protocol):
    """What of a project it is known by who is let in."""

    @property
    def id(self) -> int: ...
    @property
    def short_name(self) -> str: ...
    @property
    def info(self) -> dict[str, object]: ...
    @property
    def published(self) -> bool: ...
    @property
    def tryout_key(self) -> str | None: ...


def _cookie_name(project: Guarded) -> str:
    return quote(project.short_name, safe="") + "pswd"


def _signer(settings: Settings) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.key("project password"), salt="project password")


def _grant(ctx: RequestContext, project: Guarded) -> list[object]:
    """What the cookie vouches for: this account or anonymous browser, this project, this very password.

    It does not name the contributor: an anonymous one becomes a volunteer of their own on the way in, and is the same
    person behind the same cookie.
    """
    password = sha256(str(project.info.get("passwd_hash")).encode()).hexdigest()[:16]
    return [project.id, ctx.actor.user_id, password]


def is_admitted(ctx: RequestContext, project: Guarded) -> bool:
    """Whether the caller has given the project's password, or may try it as a draft."""
    return bool(project.info.get("passwd_hash") and has_password(ctx, project)) or may_try(ctx, project)


def has_password(ctx: RequestContext, project: Guarded) -> bool:
    """Whether the caller has given the project's present password within the last half hour."""
    cookie = ctx.cookie(_cookie_name(project))
    if not cookie:
        return False
    try:
        return bool(_signer(ctx.settings).loads(cookie, max_age=COOKIE_S) == _grant(ctx, project))
    except BadSignature:
        return False


def remember_password(ctx: RequestContext, project: Guarded) -> None:
    """The caller has just given the right password: let them in for half an hour."""
    value = str(_signer(ctx.settings).dumps(_grant(ctx, project)))
    ctx.set_cookie(_cookie_name(project), value, max_age=COOKIE_S)


def may_try(ctx: RequestContext, project: Guarded) -> bool:
    """Whether the project is a draft, and this browser has come by its present link within the last day."""
    if project.published or project.tryout_key is None or not (cookie := ctx.cookie(_tryout_cookie(project))):
        return False
    try:
        known: object = _tryout_signer(ctx.settings).loads(cookie, max_age=TRYOUT_S)
    except BadSignature:
        return False
    return known == _tryout_grant(project)


def let_try(ctx: RequestContext, project: Guarded) -> None:
    """This browser has come by the draft's link: let it in for a day."""
    value = str(_tryout_signer(ctx.settings).dumps(_tryout_grant(project)))
    ctx.set_cookie(_tryout_cookie(project), value, max_age=TRYOUT_S)


def _tryout_cookie(project: Guarded) -> str:
    return quote(project.short_name, safe="") + "tryout"


def _tryout_signer(settings: Settings) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.key("project tryout"), salt="project tryout")


def _tryout_grant(project: Guarded) -> list[object]:
    return [project.id, sha256(str(project.tryout_key).encode()).hexdigest()[:16]]
