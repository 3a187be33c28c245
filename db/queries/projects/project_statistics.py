"""What a job reckons for one project: counts, average time, and the series of its plots (docs/contract/model.md 10)."""

from typing import Any

from sqlalchemy import BigInteger, Date, Float, Integer, Text, column, text
from sqlalchemy.ext.asyncio import AsyncSession

from db import json

DAYS = 15
TOP = 5
PAUSES = 100
"""A project's statistics look at all of its answers: they may take a hundredth of the database's time, no more."""
MODERATE_S = 3.0
"""What takes less than this may be made again each time that the job comes, every five minutes."""
KINDS = ("Anon + Auth", "Anonymous", "Authenticated")

# Answers carry the time at which their transaction began, and removed ones leave none: their number tells both.
_CHANGED = text("""
SELECT s.project_id FROM project_stats s
JOIN LATERAL (SELECT max(last_activity) AS last_activity, sum(n_task_runs) AS n_task_runs
              FROM project_counter WHERE project_id = s.project_id) c ON true
WHERE s.refreshed_at IS NULL OR (
  (c.last_activity > s.refreshed_at OR c.n_task_runs <> s.n_task_runs)
  AND (s.refresh_seconds < :moderate OR s.refreshed_at + :pauses * s.refresh_seconds * interval '1 second' <= now()))
ORDER BY s.refreshed_at NULLS FIRST LIMIT :limit
""").columns(column("project_id", BigInteger))

_BY_DAY = text("""
SELECT CAST(finish_time AT TIME ZONE 'UTC' AS date) AS day, count(*) AS n, count(user_ip) AS anonymous, count(user_id)
AS users FROM task_run WHERE project_id = :project AND finish_time >= date_trunc('day', now()) - make_interval(days =>
:days) GROUP BY 1 ORDER BY 1
""").columns(column("day", Date), *(column(name, BigInteger) for name in ("n", "anonymous", "users")))

_BY_HOUR = text("""
SELECT CAST(extract(hour FROM finish_time AT TIME ZONE 'UTC') AS int) AS hour, count(*) AS n, count(user_ip) AS
anonymous,
       count(user_id) AS users
FROM task_run WHERE project_id = :project GROUP BY 1 ORDER BY 1
""").columns(column("hour", Integer), *(column(name, BigInteger) for name in ("n", "anonymous", "users")))

_COMPLETED_BY_DAY = text("""
SELECT CAST(created AT TIME ZONE 'UTC' AS date) AS day, count(*) AS n FROM result
WHERE project_id = :project AND last_version GROUP BY 1 ORDER BY 1
""").columns(column("day", Date), column("n", BigInteger))

_TOP_USERS = text("""
SELECT u.id, u.name, u.fullname, u.restrict, p.n_runs FROM contributor_progress p JOIN users u ON u.id = p.user_id
WHERE p.project_id = :project ORDER BY p.n_runs DESC, u.id LIMIT :top
""")

_TOP_ANONYMOUS = text("""
SELECT user_ip AS ip, count(*) AS tasks FROM task_run WHERE project_id = :project AND user_ip IS NOT NULL
GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT :top
""").columns(column("ip", Text), column("tasks", BigInteger))

_PEOPLE = text("""
SELECT count(*) FILTER (WHERE user_id IS NOT NULL) AS users, count(*) FILTER (WHERE user_id IS NULL) AS anonymous,
       CAST(coalesce(sum(n_runs) FILTER (WHERE user_id IS NOT NULL), 0) AS bigint) AS user_runs,
       CAST(coalesce(sum(n_runs) FILTER (WHERE user_id IS NULL), 0) AS bigint) AS anonymous_runs
FROM contributor_progress WHERE project_id = :project
""").columns(*(column(name, BigInteger) for name in ("users", "anonymous", "user_runs", "anonymous_runs")))

_AVERAGE = text("""
SELECT coalesce(avg(extract(epoch FROM finish_time - created)), 0) AS seconds FROM task_run WHERE project_id = :project
""").columns(column("seconds", Float))

_STORE = text("""
UPDATE project_stats s SET
  n_tasks = c.n_tasks, n_task_runs = c.n_task_runs, n_results = c.n_results, n_volunteers = c.n_volunteers,
  n_completed_tasks = c.n_completed_tasks, last_activity = c.last_activity,
  overall_progress = CASE WHEN c.n_tasks > 0 THEN c.n_completed_tasks * 100 / c.n_tasks ELSE 0 END,
  n_blogposts = (SELECT count(*) FROM blogpost WHERE project_id = :project),
  average_time = :average, info = CAST(CAST(:info AS text) AS jsonb), refreshed_at = now(),
  refresh_seconds = extract(epoch FROM clock_timestamp() - now())
FROM (SELECT sum(n_tasks) AS n_tasks, sum(n_task_runs) AS n_task_runs, sum(n_results) AS n_results,
             sum(n_volunteers) AS n_volunteers, sum(n_completed_tasks) AS n_completed_tasks,
             max(last_activity) AS last_activity
      FROM project_counter WHERE project_id = :project) c
WHERE s.project_id = :project
""")

_FORGET = text("""
DELETE FROM assignment a USING result r
WHERE a.state = 'offered' AND r.task_id = a.task_id AND r.last_version AND r.created < now() - make_interval(weeks =>
:weeks)
""")


async def changed_projects(session: AsyncSession, *, limit: int) -> list[int]:
    """Projects with answers since their statistics were made, or without any; the longest waiting first. One whose
    statistics take long is left in peace for `PAUSES` times as long."""
    return list((await session.execute(_CHANGED, {"limit": limit, "pauses": PAUSES, "moderate": MODERATE_S})).scalars())


async def refresh(session: AsyncSession, project_id: int) -> None:
    """Reckon the project's statistics anew, and keep them, and how long that has taken: since the transaction began."""
    info, average = await compute(session, project_id)
    values = {"project": project_id, "average": average, "info": json.dumps(info).decode()}
    await session.execute(_STORE, values)


async def compute(session: AsyncSession, project_id: int) -> tuple[dict[str, Any], float]:
    """The series of the project's plots, as of now, and the average seconds that an answer takes."""
    info = {
        "dates_stats": await _dates(session, project_id),
        "hours_stats": await _hours(session, project_id),
        "users_stats": await _users(session, project_id),
    }
    return info, float((await session.execute(_AVERAGE, {"project": project_id})).scalar_one())


def _milliseconds(day: Any) -> int:
    return int(day.toordinal() - 719163) * 86_400_000


async def _dates(session: AsyncSession, project_id: int) -> list[dict[str, Any]]:
    """Four series over the last two weeks, as [milliseconds since 1970, number]."""
    rows = {row.day: row for row in await session.execute(_BY_DAY, {"project": project_id, "days": DAYS - 1})}
    completed = {row.day: row.n for row in await session.execute(_COMPLETED_BY_DAY, {"project": project_id})}
    today = (await session.execute(text("SELECT CAST(now() AT TIME ZONE 'UTC' AS date)"))).scalar_one()
    days = [today.fromordinal(today.toordinal() - back) for back in range(DAYS - 1, -1, -1)]
    names = ("n", "anonymous", "users")
    series: list[dict[str, Any]] = [
        {"label": kind, "values": [[_milliseconds(day), getattr(rows.get(day), name, 0)] for day in days]}
        for kind, name in zip(KINDS, names, strict=True)
    ]
    done = [[_milliseconds(day), sum(n for when, n in completed.items() if when <= day)] for day in days]
    return [*series, {"label": "Completed Tasks", "disabled": "True", "values": done}]


async def _hours(session: AsyncSession, project_id: int) -> list[dict[str, Any]]:
    """Three series over the hours of the day, as [hour, number, number * 5 / greatest]."""
    rows = {row.hour: row for row in await session.execute(_BY_HOUR, {"project": project_id})}
    series: list[dict[str, Any]] = []
    for kind, name in zip(KINDS, ("n", "anonymous", "users"), strict=True):
        counts = [getattr(rows.get(hour), name, 0) for hour in range(24)]
        most = max(counts)
        values = [[hour, n, n * 5 / most if most else 0] for hour, n in enumerate(counts)]
        series.append({"label": kind, "max": most, "values": values})
    # Clients plot the two parts, and hide their sum.
    series[0]["disabled"] = "True"
    return series


async def _users(session: AsyncSession, project_id: int) -> dict[str, Any]:
    """Who answered: accounts against anonymous volunteers, and the most active of each."""
    people = (await session.execute(_PEOPLE, {"project": project_id})).one()
    top = (await session.execute(_TOP_USERS, {"project": project_id, "top": TOP})).all()
    anonymous = (await session.execute(_TOP_ANONYMOUS, {"project": project_id, "top": TOP})).all()
    top_users = [
        {"name": one.name, "fullname": one.fullname, "tasks": one.n_runs, "restrict": one.restrict} for one in top
    ]
    return {
        "users": {
            "label": "User Statistics",
            "values": [
                {"label": "Anonymous", "value": [0, people.anonymous]},
                {"label": "Authenticated", "value": [0, people.users]},
            ],
        },
        "anon": {
            "label": "Anonymous Users",
            "values": [{"label": one.ip, "value": [one.tasks]} for one in anonymous],
            "top5": [{"ip": one.ip, "tasks": one.tasks} for one in anonymous],
            "locs": [],
        },
        "auth": {
            "label": "Authenticated Users",
            "values": [{"label": one.id, "value": [one.n_runs]} for one in top],
            "top5": top_users,
        },
        "n_anon": people.anonymous_runs,
        "n_auth": people.user_runs,
    }


async def forget_old_assignments(session: AsyncSession, *, weeks: int) -> int:
    """Remove permission to answer tasks that were completed longer ago than that; how many rows."""
    return int(getattr(await session.execute(_FORGET, {"weeks": weeks}), "rowcount", 0))
