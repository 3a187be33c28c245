"""Quart's sessions in signed cookies, each read once: to check a signature is dearer than all else of a session."""

from typing import Any

from itsdangerous import BadSignature, URLSafeTimedSerializer
from quart import Quart, Response
from quart.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from quart.wrappers.base import BaseRequestWebsocket
from werkzeug.wrappers import Response as WerkzeugResponse

from webapp.http.security.signed import SignedCookies


class Sessions(SecureCookieSessionInterface):
    """The sessions of one app."""

    _signer: URLSafeTimedSerializer | None = None
    _cookies: SignedCookies | None = None

    def get_signing_serializer(self, app: Quart) -> URLSafeTimedSerializer | None:
        """The app's signer, made at its first request."""
        if self._signer is None:
            self._signer = super().get_signing_serializer(app)
        return self._signer

    async def save_session(
        self, app: Quart, session: SessionMixin, response: Response | WerkzeugResponse | None
    ) -> None:
        """Nothing, for a session that is empty and that nobody looked at: most requests are scripts'."""
        if session or session.modified or session.accessed:
            await super().save_session(app, session, response)

    async def open_session(self, app: Quart, request: BaseRequestWebsocket) -> SecureCookieSession:
        """The session of the request's cookie, or an empty one."""
        cookie = request.cookies.get(self.get_cookie_name(app)) if "Cookie" in request.headers else None
        try:
            return self.session_class(None if cookie is None else self._signed(app).read(cookie))
        except BadSignature:
            return self.session_class()

    def _signed(self, app: Quart) -> SignedCookies:
        if self._cookies is None:
            signer = self.get_signing_serializer(app)
            assert signer is not None
            self._cookies = SignedCookies(signer, int(app.permanent_session_lifetime.total_seconds()), _is_flat)
        return self._cookies


def _is_flat(session: dict[str, Any]) -> bool:
    """Whether a copy of the session shares nothing with it that a request could change."""
    return not any(isinstance(value, dict | list | set) for value in session.values())
