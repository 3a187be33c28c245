"""What happened last on the site, read off the rows themselves: nothing is written for it, and nothing gone is told.

Each kind is taken from the newest rows of its table, and what repeats is told once: a thousand tasks imported are one
event, a volunteer's evening in one project is one. Only public projects and accounts that may be shown are in it.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, DateTime, Text, column, text
from sqlalchemy.ext.asyncio import AsyncSession

NEWEST_ROWS = 300
"""How many of the newest rows of each table are looked at."""


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One event: `kind` is User, Project, Task, TaskCompleted, UserContribution or Blog; who, and in which project."""

    kind: str
    at: datetime
    user_id: int | None
    project_id: int | None


_FEED = text("""
WITH runs AS (
  SELECT user_id, project_id, finish_time FROM task_run ORDER BY id DESC LIMIT :rows
), results AS (
  SELECT project_id, created FROM result ORDER BY id DESC LIMIT :rows
), tasks AS (
  SELECT project_id, created FROM task ORDER BY id DESC LIMIT :rows
), events AS (
  (SELECT 'User' AS kind, created AS at, id AS user_id, NULL::bigint AS project_id
   FROM users ORDER BY created DESC, id DESC LIMIT :rows)
  UNION ALL
  (SELECT 'Project', created, NULL, id FROM project ORDER BY id DESC LIMIT :rows)
  UNION ALL
  (SELECT 'Blog', created, NULL, project_id FROM blogpost WHERE published ORDER BY id DESC LIMIT :rows)
  UNION ALL
  SELECT 'Task', max(created), NULL, project_id FROM tasks GROUP BY project_id
  UNION ALL
  SELECT 'TaskCompleted', max(created), NULL, project_id FROM results GROUP BY project_id
  UNION ALL
  SELECT 'UserContribution', max(finish_time), user_id, project_id FROM runs
  WHERE user_id IS NOT NULL GROUP BY user_id, project_id
)
SELECT e.kind, e.at, e.user_id, e.project_id
-- In their order, so that people and projects are looked at until enough is found.
FROM (SELECT * FROM events ORDER BY at DESC, kind, user_id, project_id) e
LEFT JOIN users u ON u.id = e.user_id LEFT JOIN project p ON p.id = e.project_id
WHERE (e.user_id IS NULL OR NOT u.restrict)
  AND (e.project_id IS NULL OR p.is_open)
ORDER BY e.at DESC, e.kind, e.user_id, e.project_id LIMIT :shown
""").columns(
    column("kind", Text),
    column("at", DateTime(timezone=True)),
    column("user_id", BigInteger),
    column("project_id", BigInteger),
)


async def newest(session: AsyncSession, limit: int = 100) -> list[FeedItem]:
    """What happened last, the newest first."""
    rows = await session.execute(_FEED, {"rows": NEWEST_ROWS, "shown": limit})
    return [FeedItem(*row) for row in rows]
