"""Who is asking: a cookie, an API key, a presenter frame's token, or nobody with an address.

Sign-in through quart-auth: the cookie names the account, carries a stamp of its password, so that a changed password
ends every other session (docs/contract/gaps.md 3.24), and a number of its own, so that signing out ends this one. An
API key comes raw in `Authorization`, or as `?api_key=` (docs/contract/pages.md 1.4).
"""

from dataclasses import replace
from functools import lru_cache
from hmac import compare_digest
from hmac import new as new_hmac
from secrets import token_urlsafe
from typing import Protocol

from itsdangerous import BadSignature, URLSafeSerializer
from quart import Quart, Response, current_app, g
from quart_auth import Action as CookieAction
from quart_auth import AuthUser, QuartAuth, current_user, login_user, logout_user

from db.queries.accounts import identity, revocation
from webapp.actor import Actor
from webapp.config import Settings
from webapp.errors import Unauthorized
from webapp.http.app_services import AppServices
from webapp.http.application import Request, current_request
from webapp.http.security import last_use
from webapp.http.security.address import peer_address
from webapp.http.security.cookies import cookie_name, read_cookie
from webapp.http.security.signed import SignedCookies
from webapp.services.accounts.credentials import fingerprint
from webapp.services.contributing.frame_token import FrameGrant, read_frame_token

SIGN_IN_COOKIE = "remember_token"
VOLUNTEER_COOKIE = "volunteer"
VOLUNTEER_COOKIE_S = 365 * 24 * 3600
LONGEST_VOLUNTEER_TOKEN = 200
"""Of ours none is as long."""


class SignIn(QuartAuth):
    """quart-auth, which knows a cookie again."""

    _cookies: SignedCookies | None = None

    def load_token(self, token: str, app: Quart | None = None) -> str | None:
        """The account and stamp that the cookie names, or None if it is not ours or too old."""
        if self._cookies is None:
            secret = (app or current_app).secret_key
            assert secret is not None
            assert self.salt is not None
            assert self.duration is not None
            self._cookies = SignedCookies(self.serializer_class(secret, self.salt), self.duration)
        try:
            return str(self._cookies.read(token))
        except BadSignature:
            return None

    async def after_request(self, response: Response) -> Response:
        """Set the cookie where it has changed; a caller whom nobody asked about has none to change."""
        user: AuthUser | None = g.get(self.attribute_name)
        return response if user is None or user.action is CookieAction.PASS else await super().after_request(response)


def init_app(app: Quart, settings: Settings) -> None:
    """Install quart-auth on the app."""
    SignIn(
        app,
        cookie_name=cookie_name(settings, SIGN_IN_COOKIE),
        cookie_secure=settings.cookies_secure,
        duration=settings.session_days * 24 * 3600,
        salt="workbee sign-in",
        singleton=True,
    )


class Account(Protocol):
    """What of an account its sign-in is made from."""

    @property
    def id(self) -> int: ...
    @property
    def passwd_hash(self) -> str | None: ...
    @property
    def session_epoch(self) -> int: ...


def _stamp(account: Account, settings: Settings) -> str:
    """Changes with the password and with the account's epoch, and ends every sign-in made before."""
    secret = f"{account.session_epoch}:{account.passwd_hash or ''}"
    return new_hmac(settings.key("session"), secret.encode(), "sha256").hexdigest()[:20]


def sign_in_id(account: Account, settings: Settings) -> str:
    """What the cookie of a new session of this account says."""
    return f"{account.id}.{_stamp(account, settings)}.{token_urlsafe(9)}"


def sign_in(account: Account, settings: Settings) -> str:
    """Have the answer set the cookie that signs this account in; the cookie's fingerprint."""
    auth_id = sign_in_id(account, settings)
    login_user(AuthUser(auth_id), remember=True)
    return fingerprint(auth_id)


def sign_out() -> None:
    """Have the answer remove the cookie; what it says is revoked by whoever calls this."""
    logout_user()


def session_credential() -> str | None:
    """The fingerprint of the sign-in cookie that came with this request, if it is one of ours."""
    auth_id = current_user.auth_id
    return fingerprint(auth_id) if auth_id else None


def _device_signer(settings: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(settings.key("known device"), salt="known device")


def device_token(account: Account, settings: Settings) -> str:
    """What tells this browser later as one that the account was signed in from. It lets nobody in."""
    return str(_device_signer(settings).dumps([account.id, token_urlsafe(9)]))


def read_device_token(token: str, settings: Settings) -> tuple[int, str] | None:
    """The account and the browser's number; None if it is not one of ours."""
    try:
        user_id, device = _device_signer(settings).loads(token)
    except BadSignature:
        return None
    return int(user_id), str(device)


def anonymous_address(request: Request, app_services: AppServices) -> str:
    """The anonymised address of the peer (docs/contract/model.md 7)."""
    return app_services.addresses.anonymise(peer_address(request, app_services.settings.trusted_proxies))


def _volunteer_signer(key: bytes) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt="volunteer")


def volunteer_token(volunteer: str, settings: Settings) -> str:
    """What the cookie says that tells anonymous volunteers of one address apart."""
    return str(_volunteer_signer(settings.key("volunteer")).dumps(volunteer))


@lru_cache(maxsize=4096)
def _volunteer_of(token: str, key: bytes) -> str | None:
    """The volunteer of this token, which never runs out; None if it is not one of ours."""
    try:
        return str(_volunteer_signer(key).loads(token))
    except BadSignature:
        return None


def _anonymous(request: Request, app_services: AppServices, ip: str) -> Actor:
    """Nobody signed in: told apart by the signed cookie of a page, otherwise by the address."""
    token = read_cookie(app_services.settings, request, VOLUNTEER_COOKIE) or ""
    known = (
        _volunteer_of(token, app_services.settings.key("volunteer"))
        if 0 < len(token) <= LONGEST_VOLUNTEER_TOKEN
        else None
    )
    return Actor(contributor=f"ip:{ip}" if known is None else f"anon:{known}", ip=ip)


def _actor_of(row: identity.Identity, credential: str, *, ip: str, by_key: bool) -> Actor:
    return Actor(
        user_id=row.id,
        name=row.name,
        fullname=row.fullname,
        email_addr=row.email_addr,
        locale=row.locale,
        avatar_url=row.avatar_url,
        admin=row.admin,
        pro=row.pro,
        contributor=f"user:{row.id}",
        ip=ip,
        by_key=by_key,
        credential=credential,
        session_epoch=row.session_epoch,
    )


def sent_key(request: Request) -> str | None:
    """The API key of the request; the header, where there is one, is the only one looked at."""
    header = request.headers.get("Authorization")
    if header is not None:
        return None if header[:7].lower() == "bearer " else header.strip() or None
    key = request.args.get("api_key")
    # No key holds the one character that the database cannot be asked for: it is unknown, as any other wrong one.
    return None if not key or "\x00" in key else key


def sent_bearer(request: Request) -> str | None:
    """The token of `Authorization: Bearer …`."""
    header = request.headers.get("Authorization", "")
    return header[7:].strip() if header[:7].lower() == "bearer " else None


def frame_grant(request: Request, app_services: AppServices) -> FrameGrant | None:
    """What a presenter's frame may do in its volunteer's name, if the request carries its token."""
    token = sent_bearer(request)
    return read_frame_token(token, app_services.settings.key("frame")) if token else None


async def identify(app_services: AppServices, request: Request, *, cached: bool = False) -> Actor:
    """The actor of this request; `cached` may answer from the last second (the hot path, docs/architecture.md 3)."""
    ip = anonymous_address(request, app_services)
    grant = frame_grant(request, app_services)
    if grant is not None:
        revoked = await app_services.revocations.get(
            "recent", lambda: revocation.recent(app_services.database.autocommit)
        )
        if revoked.includes(grant.credential, grant.user_id, grant.session_epoch):
            raise CredentialEnded
        # The frame's bearer acts for one contributor in one project; nothing else of that account is lent to it.
        return Actor(
            contributor=grant.contributor,
            frame_project_id=grant.project_id,
            frame_user_id=grant.user_id,
            ip=grant.ip or ip,
            credential=grant.credential,
        )
    actor = None
    if key := sent_key(request):
        actor = await _by_key(app_services, key, ip, cached)
    if actor is None and (auth_id := current_user.auth_id):
        actor = await _by_cookie(app_services, auth_id, ip, cached)
    return actor or _anonymous(request, app_services, ip)


def nobody(request: Request, app_services: AppServices) -> Actor:
    """Somebody of whom nothing but the address is known."""
    ip = anonymous_address(request, app_services)
    return Actor(contributor=f"ip:{ip}", ip=ip)


def assign_volunteer_id(request: Request, actor: Actor) -> Actor:
    """An anonymous caller whom nothing but an address tells from others becomes a volunteer of their own.

    From this request on, whose answer sets the cookie: what is lent to them now must be theirs when they come back.
    """
    if not actor.is_anonymous or not (actor.contributor or "").startswith("ip:"):
        return actor
    request.new_volunteer = request.new_volunteer or token_urlsafe(12)
    return replace(actor, contributor=f"anon:{request.new_volunteer}")


async def _by_key(app_services: AppServices, key: str, ip: str, cached: bool) -> Actor | None:
    known = app_services.identities.find("key:" + key) if cached else None
    if known is not None:
        return known
    row = await identity.by_api_key(app_services.database.autocommit, key)
    if row is None:
        return None
    actor = _actor_of(row, fingerprint(key), ip=ip, by_key=True)
    app_services.identities.put("key:" + key, actor)
    return actor


async def _by_cookie(app_services: AppServices, auth_id: str, ip: str, cached: bool) -> Actor | None:
    known = app_services.identities.find("cookie:" + auth_id) if cached else None
    if known is not None:
        return known
    # Cookies of before sessions had numbers end with the stamp.
    user_id, stamp, *_number = (*auth_id.split("."), "")
    credential = fingerprint(auth_id)
    row = (
        await identity.by_sign_in(app_services.database.autocommit, int(user_id), credential)
        if user_id.isdigit()
        else None
    )
    if row is None or not compare_digest(stamp, _stamp(row, app_services.settings)):
        return None
    await last_use.note(app_services, credential)
    actor = _actor_of(row, credential, ip=ip, by_key=False)
    app_services.identities.put("cookie:" + auth_id, actor)
    return actor


class CredentialEnded(Unauthorized):
    """The frame's token was issued to a session or key that is over: a volunteer's answer must not become nobody's."""

    kind = "Unauthorized"
    message = "This token has ended. Reload the page."


class SignInFirst(Unauthorized):
    """The page is for signed-in people: the caller is sent to sign in and then back (docs/contract/pages.md 1.4)."""


def current_actor() -> Actor | None:
    """The actor of this request once it is known, for the answer to an error."""
    return current_request().actor
