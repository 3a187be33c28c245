"""What lets somebody in, and what ends it: sign-in cookies, API keys and the tokens of presenters' frames.

One rule: whenever an account changes hands, or may have (a new password, a restriction), all of its credentials end
but the one by which the change was made. Signing out ends one session, with the frame tokens that it was issued.
"""

from hashlib import sha256
from uuid import uuid4

from db.models import User
from db.queries.accounts import revocation, sessions
from db.session import AsyncSession, Database


def fingerprint(credential: str) -> str:
    """What a credential is known by where it must not be kept itself."""
    return sha256(credential.encode()).hexdigest()[:32]


async def end_session(session: AsyncSession, credential: str) -> None:
    """The session whose cookie has this fingerprint is over, wherever a copy of the cookie may be."""
    await revocation.revoke_credential(session, credential)
    await sessions.remove_credential(session, credential)


async def end_sessions(session: AsyncSession, user: User) -> None:
    """Every session of the account is over, and every frame token issued to one or to its API key. Whoever goes on
    has to be signed in anew."""
    user.session_epoch += 1
    await session.flush()
    await revocation.revoke_account(session, user.id, user.session_epoch)
    await sessions.remove_all(session, user.id)


async def end_account(session: AsyncSession, user_id: int) -> None:
    """The account goes: no frame token outlives it."""
    await revocation.revoke_account(session, user_id, revocation.LATEST_EPOCH)


async def replace_api_key(session: AsyncSession, user: User) -> None:
    """A new API key. The old one is worth nothing from now on, nor are frame tokens that were issued to it."""
    if user.api_key is not None:
        await revocation.revoke_credential(session, fingerprint(user.api_key))
    user.api_key = str(uuid4())
    await session.flush()


async def forget_old(database: Database, *, days: int) -> None:
    """Forget what was revoked so long ago that it has run out by itself."""
    async with database.unit() as uow:
        await revocation.forget_older(uow.session, days=days)
        await sessions.forget_older(uow.session, days=days)
