"""Quart's sessions in signed cookies, with one signer for all requests: making it is dearer than using it."""

from itsdangerous import URLSafeTimedSerializer
from quart import Quart, Response
from quart.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from quart.wrappers.base import BaseRequestWebsocket
from werkzeug.wrappers import Response as WerkzeugResponse


class Sessions(SecureCookieSessionInterface):
    """The sessions of one app."""

    _signer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Quart) -> URLSafeTimedSerializer | None:
        """The app's signer, made at its first request."""
        if self._signer is None:
            self._signer = super().get_signing_serializer(app)
        return self._signer

    async def open_session(self, app: Quart, request: BaseRequestWebsocket) -> SecureCookieSession | None:
        """The session of the request's cookie, or an empty one."""
        if "Cookie" not in request.headers:
            return self.session_class()
        return await super().open_session(app, request)

    async def save_session(
        self, app: Quart, session: SessionMixin, response: Response | WerkzeugResponse | None
    ) -> None:
        """Nothing, for a session that is empty and that nobody looked at: most requests are scripts'."""
        if session or session.modified or session.accessed:
            await super().save_session(app, session, response)
