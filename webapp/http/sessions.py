"""Quart's sessions in signed cookies, with one signer for all requests: making it is dearer than using it."""

from itsdangerous import URLSafeTimedSerializer
from quart import Quart
from quart.sessions import SecureCookieSessionInterface


class Sessions(SecureCookieSessionInterface):
    """The sessions of one app."""

    _signer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Quart) -> URLSafeTimedSerializer | None:
        """The app's signer, made at its first request."""
        if self._signer is None:
            self._signer = super().get_signing_serializer(app)
        return self._signer
