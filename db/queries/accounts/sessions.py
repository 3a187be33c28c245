"""The browsers in which an account is signed in, as its person is shown them."""

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import AccountSession

_FRESH = text("""
SELECT EXISTS (
  SELECT FROM account_session WHERE credential = :credential AND proven > now() - make_interval(mins => :minutes)
)
""")
_OLD = text("DELETE FROM account_session WHERE created < now() - make_interval(days => :days)")


def begin(
    session: AsyncSession, user_id: int, credential: str, *, browser: str, system: str, is_proven: bool = True
) -> None:
    """Write down, when the unit of work ends, that the account is signed in there from now on. `is_proven`: its person
    has just shown who they are."""
    proven = func.now() if is_proven else None
    session.add(AccountSession(user_id=user_id, credential=credential, browser=browser, system=system, proven=proven))


async def latest(session: AsyncSession, user_id: int, *, limit: int) -> list[AccountSession]:
    """The account's sessions, the latest first."""
    found = select(AccountSession).where(AccountSession.user_id == user_id).order_by(AccountSession.id.desc())
    return list((await session.scalars(found.limit(limit))).all())


async def find(session: AsyncSession, credential: str) -> AccountSession | None:
    """The session whose cookie has this fingerprint, if it was written down."""
    return (await session.scalars(select(AccountSession).where(AccountSession.credential == credential))).one_or_none()


async def is_fresh(session: AsyncSession, credential: str, *, minutes: int) -> bool:
    """Whether the person of this session has shown who they are within so many minutes."""
    return bool((await session.execute(_FRESH, {"credential": credential, "minutes": minutes})).scalar_one())


async def prove(session: AsyncSession, user_id: int, credential: str, *, browser: str, system: str) -> None:
    """The person of this session has just shown who they are. One of before there were these rows gets its own."""
    values = {"user_id": user_id, "credential": credential, "browser": browser, "system": system}
    added = insert(AccountSession).values(**values, proven=func.now())
    await session.execute(
        added.on_conflict_do_update(index_elements=[AccountSession.credential], set_={"proven": func.now()})
    )


async def remove(session: AsyncSession, user_id: int, session_id: int) -> str | None:
    """Forget this session of the account; its credential's fingerprint, or None if there is no such session."""
    gone = delete(AccountSession).where(AccountSession.id == session_id, AccountSession.user_id == user_id)
    return (await session.scalars(gone.returning(AccountSession.credential))).one_or_none()


async def remove_credential(session: AsyncSession, credential: str) -> None:
    """Forget the session whose cookie has this fingerprint."""
    await session.execute(delete(AccountSession).where(AccountSession.credential == credential))


async def remove_all(session: AsyncSession, user_id: int) -> None:
    """Forget every session of the account."""
    await session.execute(delete(AccountSession).where(AccountSession.user_id == user_id))


async def forget_older(session: AsyncSession, *, days: int) -> None:
    """Forget those that began more than so many days ago: their cookies have run out."""
    await session.execute(_OLD, {"days": days})
