"""Quart's sessions in signed cookies, each read once: to check a signature is dearer than all else of a session."""

from typing import Any

from itsdangerous import BadSignature
from quart import Quart
from quart.sessions import SecureCookieSession, SecureCookieSessionInterface
from quart.wrappers.base import BaseRequestWebsocket

from webapp.http.security.signed import SignedCookies


class Sessions(SecureCookieSessionInterface):
    """The sessions of one app."""

    _cookies: SignedCookies | None = None

    async def open_session(self, app: Quart, request: BaseRequestWebsocket) -> SecureCookieSession:
        """The session of the request's cookie, or an empty one."""
        cookie = request.cookies.get(self.get_cookie_name(app))
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
