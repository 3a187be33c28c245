"""Plain data of accounts, from what the database found."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from db.queries.profile import Achievement, DayCount
from webapp.viewmodels.public.user import Standing

WEEKS = 26


def standing_of(found: Achievement) -> Standing:
    """Where somebody stands, as profiles show it."""
    return Standing(n_answers=found.score, rank=found.rank, total=found.n_ranked)


def calendar_cells(days: Sequence[DayCount], today: date | None = None) -> list[dict[str, Any]]:
    """Every day of the last half year, Monday first, with its number of answers and a strength from 0 to 4."""
    end = today or datetime.now(UTC).date()
    start = end - timedelta(days=end.weekday() + 7 * (WEEKS - 1))
    counts = {one.day: one.n for one in days}
    most = max(counts.values(), default=0)
    cells = []
    for offset in range((end - start).days + 1):
        day = start + timedelta(days=offset)
        count = counts.get(day, 0)
        strength = 1 + min(3, 4 * (count - 1) // most) if count else 0
        cells.append({"day": day, "count": count, "strength": strength})
    return cells
