"""What an account has done."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import BigInteger, Date, bindparam, column, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.constants import constant
from db.models import RankedUser, UserScore
from db.queries.accounts.ranks import N_RANKED, RANK


@dataclass(frozen=True, slots=True)
class Achievement:
    """An account's answers, and where that puts it."""

    score: int
    rank: int | None
    """None for accounts without answers, and for those that asked for their data not to be processed."""
    n_ranked: int
    """How many accounts have answered anything, and so have a rank."""


@dataclass(frozen=True, slots=True)
class DayCount:
    """The answers of one day (UTC)."""

    day: date
    n: int


_ACHIEVEMENT = select(
    func.coalesce(
        select(UserScore.n_runs).where(UserScore.user_id == bindparam("user")).scalar_subquery(), constant(0)
    ),
    select(RANK).where(RankedUser.user_id == bindparam("user"), RankedUser.score > constant(0)).scalar_subquery(),
    N_RANKED,
)

_CALENDAR = text(r"""
SELECT day, n_runs FROM user_day
WHERE user_id = :user AND day > (now() AT TIME ZONE 'UTC')\:\:date - CAST(:days AS int) AND n_runs > 0 ORDER BY day
""").columns(column("day", Date), column("n_runs", BigInteger))


async def achievement(session: AsyncSession, user_id: int) -> Achievement:
    """The account's score and rank."""
    score, rank, n_ranked = (await session.execute(_ACHIEVEMENT, {"user": user_id})).one()
    return Achievement(score=score, rank=rank, n_ranked=n_ranked)


async def scores(session: AsyncSession, user_ids: list[int]) -> dict[int, int]:
    """The number of answers of each of these accounts."""
    found = text("SELECT user_id, n_runs FROM user_score WHERE user_id = ANY (:ids)").columns(
        column("user_id", BigInteger), column("n_runs", BigInteger)
    )
    counted = {row.user_id: row.n_runs for row in await session.execute(found, {"ids": user_ids})}
    return {number: counted.get(number, 0) for number in user_ids}


async def calendar(session: AsyncSession, user_id: int, *, days: int = 365) -> list[DayCount]:
    """The account's answers of the last days, by day; days without any are left out."""
    return [DayCount(*row) for row in await session.execute(_CALENDAR, {"user": user_id, "days": days})]
