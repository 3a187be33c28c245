"""What somebody did before they had an account becomes the account's (design page, section 6: who is a contributor)."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# A task that the account has answered itself stays with the browser that answered it too: nobody answers a task twice.
_RUNS = text("""
UPDATE task_run r SET contributor = :key, user_id = :user, user_ip = NULL
WHERE r.contributor = :volunteer
  AND NOT EXISTS (SELECT 1 FROM task_run o WHERE o.task_id = r.task_id AND o.contributor = :key)
""")

_ASSIGNMENTS = text("""
UPDATE assignment a SET contributor = :key
WHERE a.contributor = :volunteer
  AND NOT EXISTS (SELECT 1 FROM assignment o WHERE o.task_id = a.task_id AND o.contributor = :key)
  AND NOT (a.state = 'held' AND EXISTS (SELECT 1 FROM assignment o WHERE o.project_id = a.project_id
                                        AND o.contributor = :key AND o.state = 'held'))
""")

# Counted anew from the runs: both keys may have helped the same project.
_PROGRESS = text("""
WITH projects AS (
  SELECT project_id FROM contributor_progress WHERE contributor IN (:volunteer, :key)
), old AS (
  DELETE FROM contributor_progress WHERE contributor IN (:volunteer, :key) RETURNING project_id, contributor
), fresh AS (
  SELECT r.project_id, r.contributor, max(r.user_id) AS user_id, count(*) AS n, min(r.finish_time) AS first_at,
         max(r.finish_time) AS last_at
  FROM task_run r WHERE r.contributor IN (:volunteer, :key) AND r.project_id IN (SELECT project_id FROM projects)
  GROUP BY r.project_id, r.contributor
), per_project AS (
  SELECT p.project_id,
    (SELECT count(*) FROM fresh f WHERE f.project_id = p.project_id)
      - (SELECT count(*) FROM old o WHERE o.project_id = p.project_id) AS volunteers,
    (SELECT count(*) FROM fresh f WHERE f.project_id = p.project_id AND f.contributor = :volunteer)
      - (SELECT count(*) FROM old o WHERE o.project_id = p.project_id AND o.contributor = :volunteer) AS anonymous
  FROM (SELECT DISTINCT project_id FROM projects) p
), counted AS (
  UPDATE project_counter c SET n_volunteers = c.n_volunteers + p.volunteers, n_anonymous = c.n_anonymous + p.anonymous
  FROM per_project p WHERE c.project_id = p.project_id AND c.shard = 0
)
SELECT project_id, contributor, user_id, n, first_at, last_at FROM fresh
""")

_PROGRESS_ROW = text("""
INSERT INTO contributor_progress (project_id, contributor, user_id, n_runs, first_at, last_at)
VALUES (:project_id, :contributor, :user_id, :n, :first_at, :last_at)
""")

_SCORE = text("""
UPDATE user_score SET n_runs = (SELECT count(*) FROM task_run WHERE user_id = :user) WHERE user_id = :user
""")


async def adopt(session: AsyncSession, volunteer: str, user_id: int) -> int:
    """Give the runs and assignments of contributor `volunteer` to the account; how many runs there were."""
    values = {"volunteer": volunteer, "user": user_id, "key": f"user:{user_id}"}
    runs = await session.execute(_RUNS, values)
    await session.execute(_ASSIGNMENTS, {key: values[key] for key in ("volunteer", "key")})
    rows = (await session.execute(_PROGRESS, {key: values[key] for key in ("volunteer", "key")})).all()
    for row in rows:
        await session.execute(_PROGRESS_ROW, dict(row._mapping))
    await session.execute(_SCORE, {"user": user_id})
    return int(getattr(runs, "rowcount", 0))
