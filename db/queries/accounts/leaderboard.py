"""Who has done most: by answers given, or by a number that a front-end keeps in the accounts' `info`.

Accounts that asked for their data not to be processed have no rank. Ties are broken by age.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Subquery, and_, case, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import User, UserScore

WHOLE_NUMBER = "^-?[0-9]{1,18}$"


@dataclass(frozen=True, slots=True)
class Ranked:
    """An account on a board. `info` is the whole of it: what is shown is decided in `webapp.viewmodels.public`."""

    rank: int
    score: int
    id: int
    name: str
    fullname: str
    created: datetime
    locale: str
    info: dict[str, Any]


def _score(info_key: str | None) -> ColumnElement[int]:
    if info_key is None:
        return UserScore.n_runs.expression
    given = User.info[info_key].astext
    return case((given.regexp_match(WHOLE_NUMBER), cast(given, BigInteger)), else_=0)


def _board(info_key: str | None) -> Subquery:
    score = _score(info_key)
    rank = func.row_number().over(order_by=(score.desc(), UserScore.user_id))
    return (
        select(
            rank.label("rank"),
            score.label("score"),
            User.id,
            User.name,
            User.fullname,
            User.created,
            User.locale,
            User.info,
        )
        .join(UserScore, UserScore.user_id == User.id)
        .where(User.restrict.is_(False))
        .subquery("board")
    )


async def top(session: AsyncSession, limit: int, *, info_key: str | None = None) -> list[Ranked]:
    """The first of the board."""
    return await _between(session, 1, limit, info_key)


async def around(session: AsyncSession, user_id: int, window: int, *, info_key: str | None = None) -> list[Ranked]:
    """The account and its neighbours, `window` on each side; none if it has no rank."""
    rank = await rank_of(session, user_id, info_key=info_key)
    return await _between(session, rank - window, rank + window, info_key) if rank is not None else []


async def standing(session: AsyncSession, user_id: int) -> Ranked | None:
    """The account with its rank by answers; None if it has none."""
    found = await around(session, user_id, 0)
    return found[0] if found else None


async def rank_of(session: AsyncSession, user_id: int, *, info_key: str | None = None) -> int | None:
    """The account's place on the board; None if it has none."""
    score = _score(info_key)
    ranked = (
        select(score).select_from(User).join(UserScore, UserScore.user_id == User.id).where(User.restrict.is_(False))
    )
    mine = (await session.scalars(ranked.where(User.id == user_id))).one_or_none()
    if mine is None:
        return None
    before = or_(score > mine, and_(score == mine, UserScore.user_id < user_id))
    ahead = select(func.count()).select_from(ranked.where(before).subquery())
    return (await session.scalars(ahead)).one() + 1


async def _between(session: AsyncSession, first: int, last: int, info_key: str | None) -> list[Ranked]:
    board = _board(info_key)
    # Both bounds on one side each: PostgreSQL stops numbering at the upper one.
    statement = select(board).where(board.c.rank >= first, board.c.rank <= last).order_by(board.c.rank)
    return [Ranked(*row) for row in (await session.execute(statement)).all()]
