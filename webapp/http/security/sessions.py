"""Quart's sessions in signed cookies, with one signer for all requests: making it is dearer than using it."""

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

    async def open_session(self, app: Quart, request: BaseRequestWebsocket) -> SecureCookieSession | None:
        """The session of the request's cookie, or an empty one."""
        cookie = request.cookies.get(self.get_cookie_name(app)) if "Cookie" in request.headers else None
        if cookie is None:
            return self.session_class()
        if self._cookies is None:
            signer = self.get_signing_serializer(app)
            assert signer is not None
            self._cookies = SignedCookies(signer, int(app.permanent_session_lifetime.total_seconds()), _is_flat)
        try:
            return self.session_class(self._cookies.read(cookie))
        except BadSignature:
            return self.session_class()

    async def save_session(
        self, app: Quart, session: SessionMixin, response: Response | WerkzeugResponse | None
    ) -> None:
        """Nothing, for a session that is empty and that nobody looked at: most requests are scripts'."""
        if session or session.modified or session.accessed:
            await super().save_session(app, session, response)


def _is_flat(session: dict[str, Any]) -> bool:
    """Whether a copy of the session shares nothing with it that a request could change."""
    return not any(isinstance(value, dict | list | set) for value in session.values())
