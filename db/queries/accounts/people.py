"""Everybody who has answered anything and may be shown, from the figures: however many they are, a page costs the same.

They come by their ids, the newest account first.
"""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.index_order import one_of
from db.models import RankedUser, User
from db.paging import Part
from db.queries.accounts.ranks import N_RANKED


async def page_of_people(session: AsyncSession, part: Part) -> list[User]:
    """This part of the list."""
    # By what one index alone is sorted: no plan asks all accounts whether they have answered.
    newest = -RankedUser.user_id
    ids = select(RankedUser.user_id).where(RankedUser.score > 0).limit(part.limit).offset(part.offset)
    if part.beyond is not None:
        ids = ids.where(newest < -part.beyond if part.backwards else newest > -part.beyond)
    ids = ids.order_by(newest.desc() if part.backwards else newest)
    return list((await session.scalars(select(User).where(one_of(User.id, ids)).order_by(User.id.desc()))).all())


async def scores_of(session: AsyncSession, user_ids: list[int]) -> dict[int, int]:
    """How many answers each of these accounts has given, by its id."""
    scores = select(RankedUser.user_id, RankedUser.score).where(RankedUser.user_id.in_(user_ids))
    return {number: score or 0 for number, score in await session.execute(scores)}


async def count_people(session: AsyncSession) -> int:
    """How long the list is."""
    return (await session.execute(select(N_RANKED))).scalar_one()
