"""Ranks of accounts by their answers, from the figures: however many accounts there are, they cost the same."""

from sqlalchemy import BigInteger, ColumnElement, cast, func, select
from sqlalchemy.orm import aliased

from db.constants import constant
from db.models import RankedUser, ScoreBlock, ScoreCount

BLOCK = 4096
"""Ids of a `ScoreBlock`."""

_SAME = aliased(RankedUser, name="same_score")
_block = RankedUser.user_id // constant(BLOCK)


def _sum(*conditions: ColumnElement[bool], of: type[ScoreCount] | type[ScoreBlock]) -> ColumnElement[int]:
    counted = select(func.coalesce(func.sum(of.n_accounts), constant(0))).where(*conditions).correlate(RankedUser)
    return cast(counted.scalar_subquery(), BigInteger)


RANK: ColumnElement[int] = (
    constant(1)
    + _sum(ScoreCount.score > RankedUser.score, of=ScoreCount)
    + _sum(ScoreBlock.score == RankedUser.score, ScoreBlock.block < _block, of=ScoreBlock)
    + select(func.count())
    .select_from(_SAME)
    .where(
        -_SAME.score == -RankedUser.score,
        _SAME.score.is_not(None),
        _SAME.user_id >= _block * constant(BLOCK),
        _SAME.user_id < RankedUser.user_id,
    )
    .correlate(RankedUser)
    .scalar_subquery()
)
"""The place of a `RankedUser` that has a score: behind those with a higher one, and those of the same who were here
before. To be selected from `RankedUser`."""

N_RANKED: ColumnElement[int] = cast(
    select(func.coalesce(func.sum(ScoreCount.n_accounts), constant(0)))
    .where(ScoreCount.score > constant(0))
    .scalar_subquery(),
    BigInteger,
)
"""How many accounts have answered anything, and so have a rank."""
