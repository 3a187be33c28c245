"""Everybody who has answered anything and may be shown, from the figures: however many they are, a page costs the same.

They come by their ids, the newest account first.
"""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.index_order import one_of
from db.models import RankedUser, User
from db.paging import Part
from db.queries.accounts.ranks import N_RANKED


async def page_of_people(session: AsyncSession, part: Part) -> list[tuple[User, int]]:
    """This part of the list, each with how many answers they have given."""
    # By what one index alone is sorted: no plan asks all accounts whether they have answered.
    newest = -RankedUser.user_id
    ids = select(RankedUser.user_id).where(RankedUser.score > 0).limit(part.limit).offset(part.offset)
    if part.beyond is not None:
        ids = ids.where(newest < -part.beyond if part.backwards else newest > -part.beyond)
    ids = ids.order_by(newest.desc() if part.backwards else newest)
    shown = select(User, RankedUser.score).join(RankedUser, RankedUser.user_id == User.id)
    rows = await session.execute(shown.where(one_of(User.id, ids)).order_by(User.id.desc()))
    return [(user, score or 0) for user, score in rows]


async def count_people(session: AsyncSession) -> int:
    """How long the list is."""
    return (await session.execute(select(N_RANKED))).scalar_one()
