"""What must hold in the database whatever has happened: every count equals what it counts."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_PER_PROJECT = {
    "slots count the counted runs, all runs and the held assignments": """
SELECT s.task_id, s.n_counted, s.n_runs, s.n_leased FROM task_slots s
WHERE s.project_id = :project AND (s.n_counted, s.n_runs, s.n_leased) IS DISTINCT FROM (
  (SELECT count(*) FROM task_run r WHERE r.task_id = s.task_id AND r.counted),
  (SELECT count(*) FROM task_run r WHERE r.task_id = s.task_id),
  (SELECT count(*) FROM assignment a WHERE a.task_id = s.task_id AND a.state IN ('leased', 'reserved')))""",
    "where breadth comes first, it is the number of runs; elsewhere no more than that": """
SELECT s.task_id, s.breadth, s.n_runs FROM task_slots s JOIN project p ON p.id = s.project_id
WHERE s.project_id = :project
  AND (s.breadth > s.n_runs OR (p.info ->> 'sched' = 'breadth_first' AND s.breadth <> s.n_runs))""",
    "no slot is held beyond the redundancy, and answers are counted beyond it only where it was lowered": """
SELECT task_id, n_counted, n_leased, n_answers, ceiling FROM task_slots
WHERE project_id = :project AND (n_leased > greatest(0, n_answers - n_counted) OR n_counted > ceiling)""",
    "a task is completed exactly when it has its counted answers": """
SELECT t.id, t.state, s.completed, s.n_counted FROM task t JOIN task_slots s ON s.task_id = t.id
WHERE t.project_id = :project
  AND ((t.state = 'completed') <> (s.n_counted >= t.n_answers) OR s.completed <> (t.state = 'completed'))""",
    "slots have the redundancy, priority and day of their task": """
SELECT t.id FROM task t LEFT JOIN task_slots s ON s.task_id = t.id AND s.project_id = t.project_id
WHERE t.project_id = :project AND (s.task_id IS NULL
  OR (s.n_answers, s.priority_0, s.created) IS DISTINCT FROM (t.n_answers, t.priority_0, t.created))""",
    "there are no slots without their task": """
SELECT s.task_id FROM task_slots s LEFT JOIN task t ON t.id = s.task_id AND t.project_id = s.project_id
WHERE s.project_id = :project AND t.id IS NULL""",
    "every run has its assignment, answered in the same way, and the other way round": """
SELECT coalesce(r.task_id, a.task_id), coalesce(r.contributor, a.contributor), r.counted, a.state
FROM (SELECT * FROM task_run WHERE project_id = :project) r
FULL JOIN (SELECT * FROM assignment WHERE project_id = :project AND state IN ('counted', 'surplus')) a
  ON a.task_id = r.task_id AND a.contributor = r.contributor
WHERE r.counted IS DISTINCT FROM (a.state = 'counted') OR r.id IS NULL OR a.task_id IS NULL""",
    "a run was handed out before it was saved": """
SELECT id, created, finish_time FROM task_run WHERE project_id = :project AND created > finish_time""",
    "completed tasks have one current result, of all their runs; a reopened one has at most that of before": """
SELECT t.id, t.state, count(f.id) FROM task t
LEFT JOIN result f ON f.task_id = t.id AND f.last_version
WHERE t.project_id = :project GROUP BY t.id
HAVING count(f.id) > 1 OR (t.state = 'completed' AND (count(f.id) = 0 OR bool_or(f.task_run_ids IS DISTINCT FROM
  (SELECT array_agg(r.id ORDER BY r.id) FROM task_run r WHERE r.task_id = t.id))))""",
    "the project's counters": """
SELECT * FROM (SELECT sum(n_tasks), sum(n_slots), sum(n_completed_tasks), sum(n_task_runs), sum(n_counted),
  sum(n_results), sum(n_volunteers), sum(n_anonymous) FROM project_counter WHERE project_id = :project) kept
EXCEPT SELECT (SELECT count(*) FROM task WHERE project_id = :project),
  (SELECT coalesce(sum(n_answers), 0) FROM task WHERE project_id = :project),
  (SELECT count(*) FROM task WHERE project_id = :project AND state = 'completed'),
  (SELECT count(*) FROM task_run WHERE project_id = :project),
  (SELECT count(*) FROM task_run WHERE project_id = :project AND counted),
  (SELECT count(*) FROM result WHERE project_id = :project AND info IS NOT NULL),
  (SELECT count(DISTINCT contributor) FROM task_run WHERE project_id = :project AND external_uid IS NULL),
  (SELECT count(DISTINCT contributor) FROM task_run WHERE project_id = :project AND user_ip IS NOT NULL)""",
    # It stays when an answer is deleted; an answer is as old as the end of its transaction, activity as its beginning.
    "the project's last activity is not before its last answer": """
SELECT max(last_activity) FROM project_counter WHERE project_id = :project
HAVING max(last_activity)
  < (SELECT max(finish_time) FROM task_run WHERE project_id = :project) - interval '5 s'""",
    "each contributor's progress counts their runs": """
SELECT contributor, p.n_runs, r.n_runs FROM (SELECT * FROM contributor_progress WHERE project_id = :project) p
FULL JOIN (SELECT contributor, max(user_id) AS user_id, count(*) AS n_runs FROM task_run WHERE project_id = :project
           GROUP BY contributor) r USING (contributor)
WHERE p.n_runs IS DISTINCT FROM r.n_runs OR p.user_id IS DISTINCT FROM r.user_id""",
}
_EVERYWHERE = {
    "each account's score counts its runs": """
SELECT u.id, s.n_runs FROM users u LEFT JOIN user_score s ON s.user_id = u.id
WHERE s.n_runs IS DISTINCT FROM (SELECT count(*) FROM task_run r WHERE r.user_id = u.id)""",
}


@dataclass(frozen=True, slots=True)
class Breach:
    """An invariant that does not hold, and the first rows that break it."""

    rule: str
    rows: list[tuple[object, ...]]


async def breaches(session: AsyncSession, project_id: int) -> list[Breach]:
    """Every invariant that does not hold for this project, or for the accounts."""
    found = []
    for rule, statement in (_PER_PROJECT | _EVERYWHERE).items():
        values = {"project": project_id} if rule in _PER_PROJECT else {}
        rows = (await session.execute(text(statement), values)).fetchmany(5)
        if rows:
            found.append(Breach(rule, [tuple(row) for row in rows]))
    return found
