"""Which credentials have ended before their time."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from db.executors import Executor

LATEST_EPOCH = 2**31 - 1
"""Of an account that has gone: every credential of it was issued before."""

# An hour is longer than a frame's token lives, whatever the clocks say.
_RECENT = "SELECT credential, user_id, session_epoch FROM revocation WHERE created > now() - interval '1 hour'"
_CREDENTIAL = text("INSERT INTO revocation (credential) VALUES (:credential)")
_ACCOUNT = text("INSERT INTO revocation (user_id, session_epoch) VALUES (:user_id, :session_epoch)")
_OLD = text("DELETE FROM revocation WHERE created < now() - make_interval(days => :days)")


@dataclass(frozen=True, slots=True)
class Revoked:
    """What was revoked lately."""

    credentials: frozenset[str]
    epochs: Mapping[int, int]
    """By account: credentials of an earlier epoch are refused."""

    def includes(self, credential: str, user_id: int | None, session_epoch: int | None) -> bool:
        """Whether this credential, of this account at that epoch, is among them."""
        if credential in self.credentials:
            return True
        ended = None if user_id is None else self.epochs.get(user_id)
        return ended is not None and (session_epoch is None or session_epoch < ended)


async def recent(executor: Executor) -> Revoked:
    """What was revoked within the last hour."""
    rows = await executor.fetch(_RECENT)
    epochs: dict[int, int] = {}
    for _, user_id, epoch in rows:
        if user_id is not None:
            epochs[user_id] = max(epoch, epochs.get(user_id, 0))
    return Revoked(frozenset(row[0] for row in rows if row[0] is not None), epochs)


async def revoke_credential(session: AsyncSession, credential: str) -> None:
    """Refuse the credential of this fingerprint from now on."""
    await session.execute(_CREDENTIAL, {"credential": credential})


async def revoke_account(session: AsyncSession, user_id: int, session_epoch: int) -> None:
    """Refuse everything of the account that was issued before this epoch."""
    await session.execute(_ACCOUNT, {"user_id": user_id, "session_epoch": session_epoch})


async def forget_older(session: AsyncSession, *, days: int) -> None:
    """Forget what was revoked more than so many days ago."""
    await session.execute(_OLD, {"days": days})
