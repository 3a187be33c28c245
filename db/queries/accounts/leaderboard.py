"""Who has done most: by answers given, or by a number that a front-end keeps in the accounts' `info`.

Accounts that asked for their data not to be processed have no rank. Ties are broken by age. The board of answers is
read from the figures (`db.queries.accounts.ranks`), and costs the same however many accounts there are; that of a
number in `info` looks at every account.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, Subquery, and_, case, cast, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import RankedUser, User
from db.queries.accounts.ranks import RANK

WHOLE_NUMBER = "^-?[0-9]{1,18}$"
_SHOWN = (User.id, User.name, User.fullname, User.created, User.locale, User.info)
_PLACE = tuple_(-RankedUser.score, RankedUser.user_id)


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


async def top(session: AsyncSession, limit: int, *, info_key: str | None = None) -> list[Ranked]:
    """The first of the board."""
    if info_key is not None:
        return await _between(session, 1, limit, info_key)
    rows = await session.execute(_by_place().limit(limit))
    return [Ranked(place, *row) for place, row in enumerate(rows, 1)]


async def around(session: AsyncSession, user_id: int, window: int, *, info_key: str | None = None) -> list[Ranked]:
    """The account and its neighbours, `window` on each side; none if it has no rank."""
    if info_key is not None:
        rank = await rank_of(session, user_id, info_key=info_key)
        return [] if rank is None else await _between(session, rank - window, rank + window, info_key)
    mine = _by_place().add_columns(RANK).where(RankedUser.user_id == user_id)
    row = (await session.execute(mine)).one_or_none()
    if row is None:
        return []
    *own, rank = row
    ahead: Sequence[Any] = ()
    behind: Sequence[Any] = ()
    if window:
        place = tuple_(-row.score, row.id)
        behind = (await session.execute(_by_place().where(place < _PLACE).limit(window))).all()
        ahead = (await session.execute(_by_place(backwards=True).where(place > _PLACE).limit(window))).all()
    return [Ranked(number, *one) for number, one in enumerate([*reversed(ahead), own, *behind], rank - len(ahead))]


def _by_place(*, backwards: bool = False) -> Select[*tuple[Any, ...]]:
    """The board of answers, from the first, or towards it."""
    order = (-RankedUser.score, RankedUser.user_id)
    return (
        select(RankedUser.score, *_SHOWN)
        .join(User, User.id == RankedUser.user_id)
        .where(RankedUser.score.is_not(None))
        .order_by(*(key.desc() for key in order) if backwards else order)
    )


async def rank_of(session: AsyncSession, user_id: int, *, info_key: str | None = None) -> int | None:
    """The account's place on the board; None if it has none."""
    if info_key is None:
        ranked = select(RANK).where(RankedUser.user_id == user_id, RankedUser.score.is_not(None))
        return (await session.scalars(ranked)).one_or_none()
    score = _score(info_key)
    ranked = select(score).where(User.restrict.is_(False))
    mine = (await session.scalars(ranked.where(User.id == user_id))).one_or_none()
    if mine is None:
        return None
    before = or_(score > mine, and_(score == mine, User.id < user_id))
    ahead = select(func.count()).select_from(ranked.where(before).subquery())
    return (await session.scalars(ahead)).one() + 1


def _score(info_key: str) -> ColumnElement[int]:
    given = User.info[info_key].astext
    return case((given.regexp_match(WHOLE_NUMBER), cast(given, BigInteger)), else_=0)


def _board(info_key: str) -> Subquery:
    score = _score(info_key)
    rank = func.row_number().over(order_by=(score.desc(), User.id))
    return select(rank.label("rank"), score.label("score"), *_SHOWN).where(User.restrict.is_(False)).subquery("board")


async def _between(session: AsyncSession, first: int, last: int, info_key: str) -> list[Ranked]:
    board = _board(info_key)
    # Both bounds on one side each: PostgreSQL stops numbering at the upper one.
    statement = select(board).where(board.c.rank >= first, board.c.rank <= last).order_by(board.c.rank)
    return [Ranked(*row) for row in (await session.execute(statement)).all()]
