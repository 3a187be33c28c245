"""The series of projects' plots, from the figures (docs/contract/model.md 10)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, Float, Integer, Text, column, text
from sqlalchemy.ext.asyncio import AsyncSession

DAYS = 15
TOP = 5
KINDS = (("Anon + Auth", "n_runs"), ("Anonymous", "n_anonymous"), ("Authenticated", "n_users"))
"""How clients label answers of all, of anonymous volunteers and of accounts."""
_COUNTS = [column(name, BigInteger) for name in ("n_runs", "n_anonymous", "n_users")]

_BY_DAY = text("""
SELECT project_id, day, n_runs, n_anonymous, n_users, n_completed FROM project_day
WHERE project_id = ANY (:projects) AND day >= :first
""").columns(column("project_id", BigInteger), column("day", Date), *_COUNTS, column("n_completed", BigInteger))

_COMPLETED_BEFORE = text("""
SELECT project_id, CAST(sum(n_completed) AS bigint) AS n_completed FROM project_day
WHERE project_id = ANY (:projects) AND day < :first AND n_completed <> 0 GROUP BY project_id
""").columns(column("project_id", BigInteger), column("n_completed", BigInteger))

_BY_HOUR = text("""
SELECT project_id, hour, n_runs, n_anonymous, n_users, seconds FROM project_hour WHERE project_id = ANY (:projects)
""").columns(column("project_id", BigInteger), column("hour", Integer), *_COUNTS, column("seconds", Float))

_TOP_USERS = text("""
SELECT t.project_id, u.id, u.name, u.fullname, u.restrict, t.n_runs
FROM unnest(CAST(:projects AS bigint[])) p, LATERAL (
  SELECT project_id, CAST(key AS bigint) AS user_id, n_runs FROM project_contributor
  WHERE project_id = p AND kind = 'user' AND n_runs > 0 ORDER BY n_runs DESC, key LIMIT :top
) t JOIN users u ON u.id = t.user_id ORDER BY t.n_runs DESC, u.id
""").columns(
    column("project_id", BigInteger),
    column("id", BigInteger),
    column("name", Text),
    column("fullname", Text),
    column("restrict", Boolean),
    column("n_runs", BigInteger),
)

_TOP_ADDRESSES = text("""
SELECT t.project_id, t.key AS ip, t.n_runs
FROM unnest(CAST(:projects AS bigint[])) p, LATERAL (
  SELECT project_id, key, n_runs FROM project_contributor
  WHERE project_id = p AND kind = 'address' AND n_runs > 0 ORDER BY n_runs DESC, key LIMIT :top
) t ORDER BY t.n_runs DESC, t.key
""").columns(column("project_id", BigInteger), column("ip", Text), column("n_runs", BigInteger))

_PEOPLE = text("""
SELECT p AS project_id, coalesce(f.n_users, 0) AS users,
       CAST((SELECT sum(n_anonymous) FROM project_counter c WHERE c.project_id = p) AS bigint) AS anonymous
FROM unnest(CAST(:projects AS bigint[])) p LEFT JOIN project_people f ON f.project_id = p
""").columns(*(column(name, BigInteger) for name in ("project_id", "users", "anonymous")))


@dataclass(frozen=True, slots=True)
class Series:
    """What a project's plots show."""

    info: dict[str, Any]
    """`dates_stats`, `hours_stats` and `users_stats`, as clients know them."""
    average_seconds: float
    """How long an answer takes, from handing out to saving."""


async def series_of(session: AsyncSession, project_ids: list[int]) -> dict[int, Series]:
    """The series of each of these projects, by its id."""
    today = datetime.now(UTC).date()
    days = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    asked = {"projects": project_ids}
    by_day = _grouped(await session.execute(_BY_DAY, asked | {"first": days[0]}))
    before = _grouped(await session.execute(_COMPLETED_BEFORE, asked | {"first": days[0]}))
    by_hour = _grouped(await session.execute(_BY_HOUR, asked))
    users = _grouped(await session.execute(_TOP_USERS, asked | {"top": TOP}))
    addresses = _grouped(await session.execute(_TOP_ADDRESSES, asked | {"top": TOP}))
    people = _grouped(await session.execute(_PEOPLE, asked))

    def series(number: int) -> Series:
        hours = by_hour.get(number, [])
        n_before = sum(row.n_completed for row in before.get(number, []))
        info = {
            "dates_stats": _dates(days, by_day.get(number, []), n_before),
            "hours_stats": _hours(hours),
            "users_stats": _users(people[number][0], hours, users.get(number, []), addresses.get(number, [])),
        }
        n_runs = sum(row.n_runs for row in hours)
        return Series(info, sum(row.seconds for row in hours) / n_runs if n_runs else 0.0)

    return {number: series(number) for number in project_ids}


def _grouped(rows: Iterable[Any]) -> dict[int, list[Any]]:
    """The rows of each project, in their order."""
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.project_id, []).append(row)
    return found


def _milliseconds(day: date) -> int:
    return (day.toordinal() - 719163) * 86_400_000


def _dates(days: list[date], rows: list[Any], n_before: int) -> list[dict[str, Any]]:
    """Four series over the last two weeks, as [milliseconds since 1970, number]."""
    by_day = {row.day: row for row in rows}
    series: list[dict[str, Any]] = [
        {"label": kind, "values": [[_milliseconds(day), getattr(by_day.get(day), name, 0)] for day in days]}
        for kind, name in KINDS
    ]
    done, values = n_before, []
    for day in days:
        done += by_day[day].n_completed if day in by_day else 0
        values.append([_milliseconds(day), done])
    return [*series, {"label": "Completed Tasks", "disabled": "True", "values": values}]


def _hours(rows: list[Any]) -> list[dict[str, Any]]:
    """Three series over the hours of the day, as [hour, number, number * 5 / greatest]."""
    by_hour = {row.hour: row for row in rows}
    series: list[dict[str, Any]] = []
    for kind, name in KINDS:
        counts = [getattr(by_hour.get(hour), name, 0) for hour in range(24)]
        most = max(counts)
        values = [[hour, n, n * 5 / most if most else 0] for hour, n in enumerate(counts)]
        series.append({"label": kind, "max": most, "values": values})
    # Clients plot the two parts, and hide their sum.
    series[0]["disabled"] = "True"
    return series


def _users(people: Any, hours: list[Any], users: list[Any], addresses: list[Any]) -> dict[str, Any]:
    """Who answered: accounts and anonymous volunteers, and the most active of each."""
    return {
        "users": {
            "label": "User Statistics",
            "values": [
                {"label": "Anonymous", "value": [0, people.anonymous or 0]},
                {"label": "Authenticated", "value": [0, people.users]},
            ],
        },
        "anon": {
            "label": "Anonymous Users",
            "values": [{"label": one.ip, "value": [one.n_runs]} for one in addresses],
            "top5": [{"ip": one.ip, "tasks": one.n_runs} for one in addresses],
            "locs": [],
        },
        "auth": {
            "label": "Authenticated Users",
            "values": [{"label": one.id, "value": [one.n_runs]} for one in users],
            "top5": [
                {"name": one.name, "fullname": one.fullname, "tasks": one.n_runs, "restrict": one.restrict}
                for one in users
            ],
        },
        "n_anon": sum(row.n_anonymous for row in hours),
        "n_auth": sum(row.n_users for row in hours),
    }
