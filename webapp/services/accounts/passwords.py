"""Passwords: Argon2id for new ones; the original's hashes are accepted and replaced at sign-in
(docs/contract/model.md 8)."""

import asyncio
import hmac
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from werkzeug.security import check_password_hash

from webapp.config import Settings

ARGON2_MARK = "$argon2"
OLD_ITERATIONS = 1000
"""Of hashes from the time when their number was not written down."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a password is right, and its hash anew where the stored one is of an older kind."""

    right: bool
    new_hash: str | None = None


class Passwords:
    """Hashes and verifies, each in a thread: it takes a tenth of a second on purpose."""

    def __init__(self, settings: Settings) -> None:
        self._hasher = PasswordHasher(
            time_cost=settings.argon2_time_cost,
            memory_cost=settings.argon2_memory_kib,
            parallelism=settings.argon2_parallelism,
        )

    async def hash(self, password: str) -> str:
        return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, stored: str | None, password: str) -> Verdict:
        """Compare with the stored hash. Without one it takes as long, so that time does not tell who has an account."""
        return await asyncio.to_thread(self._verify, stored, password)

    def _verify(self, stored: str | None, password: str) -> Verdict:
        if stored is None:
            self._hasher.hash(password)
            return Verdict(False)
        if not stored.startswith(ARGON2_MARK):
            right = _verify_old(stored, password)
            return Verdict(right, self._hasher.hash(password) if right else None)
        try:
            self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return Verdict(False)
        outdated = self._hasher.check_needs_rehash(stored)
        return Verdict(True, self._hasher.hash(password) if outdated else None)


def _verify_old(stored: str, password: str) -> bool:
    """The hashes of PYBOSSA: `pbkdf2:sha256:150000$salt$hex`, which werkzeug knows, and elders that it no longer
    does."""
    method, _, rest = stored.partition("$")
    salt, _, digest = rest.partition("$")
    if method == "sha1" and salt:
        return hmac.compare_digest(hmac.new(salt.encode(), password.encode(), "sha1").hexdigest(), digest)
    if method.startswith("pbkdf2:") and method.count(":") == 1:
        stored = f"{method}:{OLD_ITERATIONS}${rest}"
    try:
        return check_password_hash(stored, password)
    except ValueError:
        return False
