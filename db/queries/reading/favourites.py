"""Tasks that accounts have marked: each mark is one statement, so that no two people undo each other's."""

from sqlalchemy import BigInteger, bindparam, column, text
from sqlalchemy.ext.asyncio import AsyncSession

_MARK = text("""
UPDATE task SET fav_user_ids = array_append(coalesce(fav_user_ids, '{}'), :user)
WHERE id = :task AND NOT coalesce(fav_user_ids, '{}') @> ARRAY[:user]
""").bindparams(bindparam("user", type_=BigInteger))

_UNMARK = (
    text("""
UPDATE task SET fav_user_ids = array_remove(fav_user_ids, :user)
WHERE id = :task AND fav_user_ids @> ARRAY[:user] RETURNING id
""")
    .bindparams(bindparam("user", type_=BigInteger))
    .columns(column("id", BigInteger))
)


async def mark(session: AsyncSession, task_id: int, user_id: int) -> None:
    """Make it a favourite of this account; it may be one already."""
    await session.execute(_MARK, {"task": task_id, "user": user_id})


async def unmark(session: AsyncSession, task_id: int, user_id: int) -> bool:
    """Make it none; False if it was none."""
    found = await session.execute(_UNMARK, {"task": task_id, "user": user_id})
    return found.scalar_one_or_none() is not None
