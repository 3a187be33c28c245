"""How many answers a task wants, changed while people are at work (docs/architecture.md 6;
docs/contract/schedulers.md 8).

Raised: surplus answers that are there already are counted, so that nobody's work is asked for twice; a completed task
that still wants more is open again, its result standing until the next. Lowered: leases beyond it become
offers, the newest first, and a task with enough counted answers completes with its result, as if the last answer had
just come.
"""

from typing import Any

from sqlalchemy import BigInteger, column, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import MAY_TAKE_LONG

_WHICH = "project_id = :project AND (CAST(:task AS bigint) IS NULL OR {id} = :task)"
_SLOTS, _TASKS = _WHICH.format(id="task_id"), _WHICH.format(id="id")

_LOCK = text(f"SELECT 1 FROM task_slots WHERE {_SLOTS} ORDER BY task_id FOR UPDATE")

# Before the ceiling is lowered, the slots that will not fit below it are given back.
_OFFER_BEYOND = text("""
WITH beyond AS (
  SELECT a.task_id, a.contributor FROM (
    SELECT a.task_id, a.contributor, row_number() OVER (PARTITION BY a.task_id ORDER BY a.requested_at) AS place,
           greatest(0, CAST(:n AS int) - s.n_counted) AS room
    FROM assignment a JOIN task_slots s ON s.task_id = a.task_id
    WHERE a.state IN ('leased', 'reserved') AND a.project_id = :project
      AND (CAST(:task AS bigint) IS NULL OR a.task_id = :task)
  ) a WHERE place > room
), offered AS (
  UPDATE assignment a SET state = 'offered', deadline = NULL FROM beyond b
  WHERE a.task_id = b.task_id AND a.contributor = b.contributor RETURNING a.task_id
)
UPDATE task_slots s SET n_leased = s.n_leased - freed.n
FROM (SELECT task_id, count(*)::int AS n FROM offered GROUP BY task_id) freed WHERE s.task_id = freed.task_id
""")

_WANT = text(f"UPDATE task SET n_answers = :n WHERE {_TASKS} AND n_answers <> :n")

# The oldest surplus answers fill what is wanted now and in nobody's hands.
_COUNT_SURPLUS = text("""
WITH fitting AS (
  SELECT r.id, r.task_id, r.contributor FROM (
    SELECT r.id, r.task_id, r.contributor, row_number() OVER (PARTITION BY r.task_id ORDER BY r.id) AS place,
           s.n_answers - s.n_counted - s.n_leased AS room
    FROM task_run r JOIN task_slots s ON s.task_id = r.task_id
    WHERE r.project_id = :project AND NOT r.counted AND s.project_id = :project AND s.is_open
      AND (CAST(:task AS bigint) IS NULL OR r.task_id = :task)
  ) r WHERE place <= room
), counted AS (
  UPDATE task_run r SET counted = true FROM fitting f WHERE r.id = f.id
), answered AS (
  UPDATE assignment a SET state = 'counted' FROM fitting f
  WHERE a.task_id = f.task_id AND a.contributor = f.contributor
), slots AS (
  UPDATE task_slots s SET n_counted = s.n_counted + more.n
  FROM (SELECT task_id, count(*)::int AS n FROM fitting GROUP BY task_id) more WHERE s.task_id = more.task_id
)
UPDATE project_counter c SET n_counted = c.n_counted + more.n
FROM (SELECT count(*) AS n FROM fitting) more WHERE c.project_id = :project AND c.shard = 0 AND more.n > 0
""")

_SETTLE = text(f"""
WITH wanted AS (
  SELECT task_id, CASE WHEN n_counted >= n_answers THEN 'completed' ELSE 'ongoing' END AS state
  FROM task_slots WHERE {_SLOTS}
), changed AS (
  UPDATE task t SET state = w.state FROM wanted w WHERE t.id = w.task_id AND t.state <> w.state
  RETURNING t.id, t.state
), counted AS (
  UPDATE project_counter c SET n_completed_tasks = c.n_completed_tasks + n.more
  FROM (SELECT sum(CASE WHEN state = 'completed' THEN 1 ELSE -1 END) AS more FROM changed) n
  WHERE c.project_id = :project AND c.shard = 0 AND n.more <> 0
)
SELECT id FROM changed WHERE state = 'completed'
""").columns(column("id", BigInteger))

_RESULTS = text("""
WITH superseded AS (
  UPDATE result SET last_version = false WHERE task_id = ANY (:ids) AND last_version RETURNING id
)
INSERT INTO result (project_id, task_id, task_run_ids, last_version)
SELECT :project, r.task_id, array_agg(r.id ORDER BY r.id), true
FROM task_run r, (SELECT count(*) FROM superseded) before WHERE r.task_id = ANY (:ids) GROUP BY r.task_id
RETURNING id, task_id
""").columns(column("id", BigInteger), column("task_id", BigInteger))


async def _set(session: AsyncSession, values: dict[str, Any]) -> list[tuple[int, int]]:
    for step in (_LOCK, _OFFER_BEYOND, _WANT, _COUNT_SURPLUS):
        await session.execute(step, values)
    completed = list((await session.execute(_SETTLE, values)).scalars())
    if not completed:
        return []
    rows = await session.execute(_RESULTS, {"project": values["project"], "ids": completed})
    return [(row.task_id, row.id) for row in rows]


async def set_for_project(session: AsyncSession, project_id: int, n_answers: int) -> list[tuple[int, int]]:
    """All tasks of the project want `n_answers`; (task, result) of those that completed by it."""
    await session.execute(MAY_TAKE_LONG)
    return await _set(session, {"project": project_id, "task": None, "n": n_answers})


async def set_for_task(session: AsyncSession, project_id: int, task_id: int, n_answers: int) -> list[tuple[int, int]]:
    """This task wants `n_answers`; (task, result) if it completed by it."""
    return await _set(session, {"project": project_id, "task": task_id, "n": n_answers})
