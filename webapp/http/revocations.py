"""What was revoked lately, as this process knows it: read once a second at the most, however many ask.

Tokens of presenters' frames come with every draw and answer and live for a quarter of an hour. To look each of them up
would cost a round trip a request; the few that have ended before their time are the same for all.
"""

import asyncio
from time import monotonic

from db.direct import Caller
from db.queries import revocation
from db.queries.revocation import Revoked

LIFETIME_S = 1.0


class RecentRevocations:
    """The revocations of the last hour, a second old at the most."""

    def __init__(self) -> None:
        self._known: Revoked | None = None
        self._read_at = 0.0
        self._reading = asyncio.Lock()

    async def get(self, caller: Caller) -> Revoked:
        """They, as read within the last second or as they are read now."""
        if (known := self._fresh()) is not None:
            return known
        async with self._reading:
            # Many may have waited here for the one who read them.
            if (known := self._fresh()) is not None:
                return known
            begun = monotonic()
            self._known = await revocation.recent(caller)
            self._read_at = begun
            return self._known

    def forget(self) -> None:
        """Something was revoked here: it holds at once in this process."""
        self._known = None

    def _fresh(self) -> Revoked | None:
        return self._known if monotonic() - self._read_at < LIFETIME_S else None
