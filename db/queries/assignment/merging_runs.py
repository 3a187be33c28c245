"""What somebody did before they had an account becomes the account's (docs/architecture.md 6: who is a contributor).

A task that the account was given itself stays with the browser that was given it too: nobody answers a task twice.
"""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import MAY_TAKE_LONG

# Assignments first, and in a statement of their own: a submission of the same browser that is under way has its
# assignment locked, so that this waits for it, and the next statement sees its run.
_ASSIGNMENTS = text("""
UPDATE assignment a SET contributor = :key
WHERE a.contributor = :volunteer
  AND NOT EXISTS (SELECT 1 FROM assignment o WHERE o.task_id = a.task_id AND o.contributor = :key)
  AND NOT (a.state = 'leased' AND EXISTS (SELECT 1 FROM assignment o WHERE o.project_id = a.project_id
                                        AND o.contributor = :key AND o.state = 'leased'))
RETURNING a.task_id, a.project_id
""")

# The runs follow their assignments, and are found by them: no index has all runs of one contributor.
_RUNS = text("""
UPDATE task_run r SET contributor = :key, user_id = :user, user_ip = NULL
FROM unnest(CAST(:tasks AS bigint[])) task WHERE r.task_id = task AND r.contributor = :volunteer
RETURNING r.id
""")

# Counted anew from the runs: both keys may have helped the same project.
_PROGRESS = text("""
WITH old AS (
  DELETE FROM contributor_progress WHERE project_id = ANY (:projects) AND contributor IN (:volunteer, :key)
  RETURNING project_id, contributor
), fresh AS (
  SELECT r.project_id, r.contributor, max(r.user_id) AS user_id, count(*) AS n, min(r.finish_time) AS first_at,
         max(r.finish_time) AS last_at
  FROM assignment a JOIN task_run r ON r.task_id = a.task_id AND r.contributor = a.contributor
  WHERE a.contributor IN (:volunteer, :key) AND a.project_id IN (SELECT project_id FROM old)
  GROUP BY r.project_id, r.contributor
), change AS (
  SELECT project_id, sum(volunteers) AS volunteers, sum(anonymous) AS anonymous
  FROM (SELECT project_id, 1 AS volunteers, CAST(contributor = :volunteer AS int) AS anonymous FROM fresh
        UNION ALL SELECT project_id, -1, -CAST(contributor = :volunteer AS int) FROM old) changed
  GROUP BY project_id
), counted AS (
  UPDATE project_counter c SET n_volunteers = c.n_volunteers + n.volunteers, n_anonymous = c.n_anonymous + n.anonymous
  FROM change n WHERE c.project_id = n.project_id AND c.shard = 0
)
SELECT project_id, contributor, user_id, n, first_at, last_at FROM fresh
""")

_PROGRESS_ROW = text("""
INSERT INTO contributor_progress (project_id, contributor, user_id, n_runs, first_at, last_at)
VALUES (:project_id, :contributor, :user_id, :n, :first_at, :last_at)
""")

_SCORE = text("UPDATE user_score SET n_runs = n_runs + :more WHERE user_id = :user")


async def merge_runs(session: AsyncSession, volunteer: str, user_id: int) -> int:
    """Give the runs and assignments of contributor `volunteer` to the account; how many runs there were."""
    await session.execute(MAY_TAKE_LONG)
    both = {"volunteer": volunteer, "key": f"user:{user_id}"}
    moved = (await session.execute(_ASSIGNMENTS, both)).all()
    if not moved:
        return 0
    tasks, projects = [task for task, _ in moved], list({project for _, project in moved})
    runs = (await session.execute(_RUNS, both | {"user": user_id, "tasks": tasks})).all()
    progress = (await session.execute(_PROGRESS, both | {"projects": projects})).mappings().all()
    if progress:
        await session.execute(_PROGRESS_ROW, [dict(row) for row in progress])
    await session.execute(_SCORE, {"user": user_id, "more": len(runs)})
    return len(runs)
