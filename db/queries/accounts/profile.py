"""What an account has done."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import BigInteger, Date, column, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.queries.accounts import leaderboard


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


_SCORE = text("""
SELECT coalesce((SELECT n_runs FROM user_score WHERE user_id = :user), 0) AS score,
       (SELECT count(*) FROM user_score s JOIN users u ON u.id = s.user_id
        WHERE s.n_runs > 0 AND NOT u.restrict) AS n_ranked
""").columns(column("score", BigInteger), column("n_ranked", BigInteger))

_CALENDAR = text("""
SELECT CAST(finish_time AT TIME ZONE 'UTC' AS date) AS day, count(*) AS n
FROM task_run WHERE user_id = :user AND finish_time > now() - make_interval(days => :days)
GROUP BY 1 ORDER BY 1
""").columns(column("day", Date), column("n", BigInteger))


async def achievement(session: AsyncSession, user_id: int) -> Achievement:
    """The account's score and rank."""
    row = (await session.execute(_SCORE, {"user": user_id})).one()
    rank = await leaderboard.rank_of(session, user_id) if row.score else None
    return Achievement(score=row.score, rank=rank, n_ranked=row.n_ranked)


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
