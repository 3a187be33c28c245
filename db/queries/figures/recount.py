"""The figures held to the rows that they count, all of them, in one statement each."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

SHOWN = 20
"""So many differences of each figure are told."""
_ONE_MOMENT = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")

# What the figures count at this moment: rows that they have seen, and those that have changed since, as they were.
_COUNTED = """
counted AS (
  SELECT one.*, (finish_time AT TIME ZONE 'UTC')::date AS day FROM (
    SELECT 1 AS n, r.project_id, r.contributor, r.user_id, r.user_ip, r.created, r.finish_time
    FROM task_run r JOIN figure_state s ON s.source = 'task_run'
    WHERE r.id <= s.watermark AND NOT s.missing + s.missing_before @> r.id
    UNION ALL
    SELECT -c.sign, c.project_id, c.contributor, c.user_id, c.user_ip, c.created, c.finish_time
    FROM run_change c JOIN figure_state s ON s.source = 'task_run'
    WHERE c.run_id <= s.watermark AND NOT s.missing + s.missing_before @> c.run_id
  ) one
), completed AS (
  SELECT one.*, (created AT TIME ZONE 'UTC')::date AS day FROM (
    SELECT 1 AS n, r.project_id, r.created
    FROM result r JOIN figure_state s ON s.source = 'result'
    WHERE r.last_version AND r.id <= s.watermark AND NOT s.missing + s.missing_before @> r.id
    UNION ALL
    SELECT -c.sign, c.project_id, c.created
    FROM result_change c JOIN figure_state s ON s.source = 'result'
    WHERE c.result_id <= s.watermark AND NOT s.missing + s.missing_before @> c.result_id
  ) one
), present_project AS (
  SELECT id AS project_id FROM project
)
"""
_WINDOW = "(now() AT TIME ZONE 'UTC')::date - 35"
"""Volunteers are known by day since then."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A table of figures: its keys, the values that it counts, and the statement that counts them of the rows."""

    table: str
    keys: tuple[str, ...]
    values: tuple[str, ...]
    truth: str
    where: str = "true"
    """Which of its rows are compared."""


_ACTIVE = f"""
SELECT project_id, day, count(*) AS n_active, count(*) FILTER (WHERE is_new) AS n_new FROM (
  SELECT c.project_id, c.contributor, c.day, bool_or((p.first_at AT TIME ZONE 'UTC')::date = c.day) AS is_new
  FROM counted c JOIN present_project USING (project_id)
  LEFT JOIN contributor_progress p ON p.project_id = c.project_id AND p.contributor = c.contributor
  WHERE c.day >= {_WINDOW} GROUP BY c.project_id, c.contributor, c.day HAVING sum(c.n) > 0
) one GROUP BY project_id, day
"""
_SCORES = """
SELECT u.id AS user_id, coalesce(sum(c.n), 0) AS score FROM users u LEFT JOIN counted c ON c.user_id = u.id
WHERE NOT u.restrict GROUP BY u.id
"""
_HOURS = """
SELECT s.kind, s.subject_id, sum(c.n) AS n_runs
FROM counted c CROSS JOIN LATERAL (VALUES ('user', c.user_id), ('project', c.project_id)) s (kind, subject_id)
WHERE s.subject_id IS NOT NULL AND c.finish_time >= (SELECT min(hour) FROM activity_hour) GROUP BY 1, 2
"""
TOTALS = ("n_tasks", "n_slots", "n_completed_tasks", "n_task_runs", "n_counted", "n_results", "n_anonymous")
_SUMS = ", ".join(f"sum({name}) AS {name}" for name in TOTALS)
# What is being answered is a moment behind its counters.
_AT_REST = """NOT EXISTS (SELECT 1 FROM project_change c WHERE c.project_id = {id})
AND NOT EXISTS (SELECT 1 FROM project_counter c WHERE c.project_id = {id} AND c.last_activity > now() - interval '60 s')
"""
_PROJECT_TOTALS = (
    f"SELECT project_id, {_SUMS} FROM project_counter k WHERE {_AT_REST.format(id='k.project_id')} GROUP BY 1"
)
_SITE_TOTALS = f"""
SELECT 1 AS id, (SELECT count(*) FROM ranked_user) AS n_users, count(*) FILTER (WHERE published) AS n_published,
       count(*) FILTER (WHERE NOT published) AS n_drafts, count(*) FILTER (WHERE published AND featured) AS n_featured,
       count(*) FILTER (WHERE is_listed) AS n_listed,
       count(*) FILTER (WHERE is_listed AND featured) AS n_listed_featured,
       {_SUMS}
FROM project_total
"""
_ORDER = """number, hashtext(words) AS words, category_id, published::int AS published, featured::int AS featured,
is_listed::int AS is_listed"""

FIGURES = (
    Figure("site_day", ("day",), ("n_runs",), "SELECT day, sum(n) AS n_runs FROM counted GROUP BY day"),
    Figure("recent_activity", ("kind", "subject_id"), ("n_runs",), _HOURS),
    Figure(
        "project_day",
        ("project_id", "day"),
        ("n_runs", "n_anonymous", "n_users"),
        """SELECT project_id, day, sum(n) AS n_runs, sum(n * (user_ip IS NOT NULL)::int) AS n_anonymous,
                  sum(n * (user_id IS NOT NULL)::int) AS n_users
           FROM counted JOIN present_project USING (project_id) GROUP BY project_id, day""",
    ),
    Figure("project_day", ("project_id", "day"), ("n_active", "n_new"), _ACTIVE, f"day >= {_WINDOW}"),
    Figure(
        "project_day",
        ("project_id", "day"),
        ("n_completed",),
        """SELECT project_id, day, sum(n) AS n_completed
           FROM completed JOIN present_project USING (project_id) GROUP BY project_id, day""",
    ),
    Figure(
        "project_hour",
        ("project_id", "hour"),
        ("n_runs", "n_anonymous", "n_users", "seconds"),
        """SELECT project_id, extract(hour FROM finish_time AT TIME ZONE 'UTC')::smallint AS hour, sum(n) AS n_runs,
                  sum(n * (user_ip IS NOT NULL)::int) AS n_anonymous, sum(n * (user_id IS NOT NULL)::int) AS n_users,
                  sum(n * extract(epoch FROM finish_time - created)) AS seconds
           FROM counted JOIN present_project USING (project_id) GROUP BY 1, 2""",
    ),
    Figure(
        "project_contributor",
        ("project_id", "kind", "key"),
        ("n_runs",),
        """SELECT c.project_id, s.kind, s.key, sum(c.n) AS n_runs FROM counted c JOIN present_project USING (project_id)
           CROSS JOIN LATERAL (VALUES ('user', c.user_id::text), ('address', c.user_ip)) s (kind, key)
           WHERE s.key IS NOT NULL GROUP BY 1, 2, 3""",
    ),
    Figure(
        "user_day",
        ("user_id", "day"),
        ("n_runs",),
        """SELECT c.user_id, c.day, sum(c.n) AS n_runs FROM counted c JOIN users u ON u.id = c.user_id
           GROUP BY c.user_id, c.day""",
    ),
    Figure("ranked_user", ("user_id",), ("score",), _SCORES),
    Figure(
        "score_count",
        ("score",),
        ("n_accounts",),
        f"SELECT score, count(*) AS n_accounts FROM ({_SCORES}) one GROUP BY score",
    ),
    Figure(
        "project_people",
        ("project_id",),
        ("n_users",),
        """SELECT project_id, count(*) AS n_users FROM (
             SELECT c.project_id, c.user_id FROM counted c JOIN present_project USING (project_id)
             WHERE c.user_id IS NOT NULL GROUP BY 1, 2 HAVING sum(c.n) > 0
           ) one GROUP BY project_id""",
    ),
    Figure("project_total", ("project_id",), TOTALS, _PROJECT_TOTALS, _AT_REST.format(id="project_total.project_id")),
    Figure(
        "(SELECT project_id, is_listed::int, rank FROM project_total) project_total",
        ("project_id",),
        ("is_listed", "rank"),
        f"""SELECT p.id AS project_id, l.is_listed::int AS is_listed, l.rank
            FROM project p CROSS JOIN LATERAL workbee_listing(p.id) l WHERE {_AT_REST.format(id="p.id")}""",
        f"{_AT_REST.format(id='project_total.project_id')}",
    ),
    Figure(
        f"(SELECT project_id, orderby, {_ORDER} FROM project_order) project_order",
        ("project_id", "orderby"),
        ("number", "words", "category_id", "published", "featured", "is_listed"),
        f"""SELECT project_total.project_id, o.orderby, {_ORDER}
            FROM project_total CROSS JOIN LATERAL workbee_project_orders(project_total.project_id) o
            WHERE {_AT_REST.format(id="project_total.project_id")}""",
        f"{_AT_REST.format(id='project_order.project_id')}",
    ),
    Figure(
        "category_total",
        ("category_id",),
        ("n_published", "n_listed"),
        """SELECT category_id, count(*) FILTER (WHERE published) AS n_published,
                  count(*) FILTER (WHERE is_listed) AS n_listed FROM project_total GROUP BY category_id""",
    ),
    Figure(
        "site_total",
        ("id",),
        ("n_users", "n_published", "n_drafts", "n_featured", "n_listed", "n_listed_featured", *TOTALS),
        _SITE_TOTALS,
    ),
    Figure(
        "score_block",
        ("score", "block"),
        ("n_accounts",),
        f"SELECT score, user_id / 4096 AS block, count(*) AS n_accounts FROM ({_SCORES}) one GROUP BY 1, 2",
    ),
)


@dataclass(frozen=True, slots=True)
class Difference:
    """A row of a figure that is not what the rows say."""

    table: str
    key: dict[str, Any]
    kept: tuple[float, ...]
    counted: tuple[float, ...]


async def differences(session: AsyncSession) -> list[Difference]:
    """Where the figures and the rows differ, at one moment and whatever is being written; it takes as long as reading
    every run. To be called first in its unit of work."""
    await session.execute(_ONE_MOMENT)
    found = []
    for figure in FIGURES:
        for row in await session.execute(text(_comparison(figure))):
            n_keys, n_values = len(figure.keys), len(figure.values)
            key = dict(zip(figure.keys, row[:n_keys], strict=True))
            kept, counted = row[n_keys : n_keys + n_values], row[n_keys + n_values :]
            found.append(Difference(figure.table, key, tuple(map(float, kept)), tuple(map(float, counted))))
    return found


def _comparison(figure: Figure) -> str:
    keys, values = ", ".join(figure.keys), ", ".join(figure.values)
    # Seconds are sums of fractions, to which their sequence makes a difference.
    kept = ", ".join(f"round(coalesce(k.{value}, 0)::numeric, 2)" for value in figure.values)
    counted = ", ".join(f"round(coalesce(c.{value}, 0)::numeric, 2)" for value in figure.values)
    statement = f"""
        WITH {_COUNTED}
        SELECT {keys}, {kept}, {counted}
        FROM (SELECT {keys}, {values} FROM {figure.table} WHERE {figure.where}) k FULL JOIN ({figure.truth}) c
        USING ({keys}) WHERE ({kept}) IS DISTINCT FROM ({counted}) ORDER BY {keys} LIMIT {SHOWN}"""
    return statement.replace("::", "\\:\\:")
