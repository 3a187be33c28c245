"""Every account, some at a time."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import User

CHUNK = 1000


async def accounts_after(session: AsyncSession, last_id: int) -> list[User]:
    """The next accounts after this id, without those that asked for their data not to be processed; none at the end."""
    found = select(User).where(User.id > last_id, User.restrict.is_(False)).order_by(User.id).limit(CHUNK)
    return list((await session.scalars(found)).all())
