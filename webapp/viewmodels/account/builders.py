"""Plain data of accounts, from what the database found."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from db.queries.accounts.profile import Achievement, DayCount
from webapp.i18n import format_number, ngettext, short_month
from webapp.i18n import gettext as _
from webapp.viewmodels.public.user import Standing

WEEKS = 26
DAYS_OF_WEEK = 7
ANSWERS = (1, 10, 100, 1000, 10_000, 100_000)
PROJECTS = (1, 3, 10, 30, 100)
DAYS = (3, 10, 30, 100, 300)
"""Days of the last year."""
BEST = 10


def standing_of(found: Achievement) -> Standing:
    """Where somebody stands, as profiles show it."""
    return Standing(n_answers=found.score, rank=found.rank, total=found.n_ranked)


def calendar_cells(days: Sequence[DayCount], today: date | None = None) -> list[dict[str, Any]]:
    """Every day of the last half year, Monday first, with its number of answers and a strength from 0 to 4.

    The Monday of the first week of a month carries the month's name.
    """
    end = today or datetime.now(UTC).date()
    start = end - timedelta(days=end.weekday() + 7 * (WEEKS - 1))
    counts = {one.day: one.n for one in days}
    most = max(counts.values(), default=0)
    cells = []
    for offset in range((end - start).days + 1):
        day = start + timedelta(days=offset)
        count = counts.get(day, 0)
        strength = 1 + min(3, 4 * (count - 1) // most) if count else 0
        month = short_month(day) if day.weekday() == 0 and day.day <= DAYS_OF_WEEK else None
        cells.append({"day": day, "count": count, "strength": strength, "month": month})
    return cells


def badges(standing: Standing, days: Sequence[DayCount], n_helped: int, n_created: int) -> list[dict[str, str]]:
    """What somebody has to be proud of, the greatest of each kind."""
    earned = (
        _highest(standing.n_answers, ANSWERS, "success", "answers"),
        _highest(n_helped, PROJECTS, "heart", "helped"),
        _highest(len(days), DAYS, "clock", "days"),
        _highest(n_created, PROJECTS, "megaphone", "created"),
        {"icon": "trophy", "label": _("Among the best ten")} if standing.rank and standing.rank <= BEST else None,
    )
    return [badge for badge in earned if badge is not None]


def _highest(number: int, steps: Sequence[int], icon: str, kind: str) -> dict[str, str] | None:
    """The badge for the highest of the steps that the number has reached."""
    reached = max((step for step in steps if step <= number), default=None)
    if reached is None:
        return None
    shown = format_number(reached)
    labels = {
        "answers": ngettext("First answer", "%(shown)s answers", reached, shown=shown),
        "helped": ngettext("Helped a project", "Helped %(shown)s projects", reached, shown=shown),
        "days": ngettext("Here on a day", "Here on %(shown)s days", reached, shown=shown),
        "created": ngettext("Published a project", "Published %(shown)s projects", reached, shown=shown),
    }
    return {"icon": icon, "label": labels[kind]}
