"""Projects with volunteers and their answers, written straight into the database of a running site.

Nothing is left out that the site itself would have written: slots, assignments, runs, results, progress and counters
are all there (a test holds them to the invariants), only in bulk. The connection is a superuser's, so that triggers
need not be run row by row.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

PATIENCE = 7200
MANY = 500_000
"""From so many tasks on indexes are made after the rows."""
TABLES = ("task", "task_slots", "assignment", "task_run", "result")

Database = asyncpg.Connection


@dataclass(frozen=True, slots=True)
class Filling:
    """What a project is filled with."""

    name: str
    n_tasks: int
    scheduler: str = "default"
    complete: float = 0.0
    """Which part of the tasks, from the first on, has all its answers (one each)."""
    answered: tuple[int, ...] = ()
    """Groups of volunteers, by how many tasks each of them has answered: the first ones, which are still open."""
    redundancy: int | None = None
    """How many answers open tasks want; by default 30 more than those groups have given."""
    group_size: int = 16
    run_info: str = "jsonb_build_object('answer', n % 7)"
    """The `info` of each run of the complete tasks, in SQL: `n` is the task's number from 0 on."""

    @property
    def n_complete(self) -> int:
        return round(self.n_tasks * self.complete)

    @property
    def n_open_wanted(self) -> int:
        """The redundancy of open tasks: more than those groups have given, so that the tasks stay open."""
        return self.redundancy or 30 + self.group_size * len(self.answered)


@dataclass(frozen=True, slots=True)
class Filled:
    """A project that is there, and the API keys of its groups of volunteers by what each has answered."""

    project: int
    groups: dict[int, list[str]]


_EARLIER = """
SELECT u.api_key FROM users u WHERE u.name LIKE $1 ORDER BY u.id"""

_TASKS = """
INSERT INTO task (project_id, info, n_answers, state, created)
SELECT $1::bigint, jsonb_build_object('n', n, 'link', 'https://example.org/photos/' || n || '.jpg'),
       CASE WHEN n <= $3 THEN 1 ELSE $4::int END, CASE WHEN n <= $3 THEN 'completed' ELSE 'ongoing' END,
       now() - interval '30 days' + n * interval '1 millisecond'
FROM generate_series(1, $2::bigint) n ORDER BY n"""

# `answered` are the sizes of the groups; a task has as many answers as there are groups that came so far.
_SLOTS = """
INSERT INTO task_slots (task_id, project_id, priority_0, created, n_answers, ceiling, completed, n_counted, n_runs)
SELECT t.id, t.project_id, t.priority_0, t.created, t.n_answers, t.n_answers, t.state = 'completed', given, given
FROM (SELECT t.*, CASE WHEN state = 'completed' THEN 1
                       ELSE $3::int * (SELECT count(*) FROM unnest($4::bigint[]) k WHERE t.id - $2 < k) END AS given
      FROM task t WHERE project_id = $1::bigint) t ORDER BY t.id"""

_RUNS_OF_USERS = """
INSERT INTO task_run (project_id, task_id, user_id, contributor, created, finish_time, info, counted)
SELECT $1::bigint, $2::bigint + n, u, 'user:' || u, at, at + interval '9 seconds',
       jsonb_build_object('answer', n % 7), true
FROM (SELECT u, n, now() - interval '20 days' + n * interval '10 seconds' AS at
      FROM unnest($3::bigint[]) u, generate_series(0, $4::bigint - 1) n) r ORDER BY n, u"""

_RUNS_OF_OTHERS = """
INSERT INTO task_run (project_id, task_id, user_ip, contributor, created, finish_time, info, counted)
SELECT $1::bigint, $2::bigint + n, '203.0.113.' || n % 250, 'anon:' || $1 || '-' || n % 1000, at,
       at + interval '9 seconds', {run_info}, true
FROM (SELECT n, now() - interval '20 days' + n * interval '100 milliseconds' AS at
      FROM generate_series(0, $3::bigint - 1) n) r ORDER BY n"""

_ASSIGNMENTS = """
INSERT INTO assignment (task_id, project_id, contributor, state, requested_at)
SELECT task_id, project_id, contributor, 'counted', created FROM task_run WHERE project_id = $1::bigint ORDER BY id"""

_RESULTS = """
INSERT INTO result (project_id, task_id, created, task_run_ids, last_version)
SELECT r.project_id, r.task_id, r.finish_time, ARRAY[r.id], true
FROM task_run r JOIN task t ON t.id = r.task_id
WHERE r.project_id = $1::bigint AND t.state = 'completed' ORDER BY r.id"""

_PROGRESS = """
INSERT INTO contributor_progress (project_id, contributor, user_id, n_runs, first_at, last_at)
SELECT project_id, contributor, max(user_id), count(*), min(finish_time), max(finish_time)
FROM task_run WHERE project_id = $1::bigint GROUP BY project_id, contributor"""

_SCORES = """
UPDATE user_score s SET n_runs = s.n_runs + p.n_runs FROM contributor_progress p
WHERE p.project_id = $1::bigint AND p.user_id = s.user_id"""

_COUNTERS = """
UPDATE project_counter c SET n_tasks = t.tasks, n_slots = t.slots, n_completed_tasks = t.completed, n_counted = t.runs,
  n_task_runs = t.runs, n_volunteers = p.volunteers, n_anonymous = p.anonymous, last_activity = p.last_at,
  ln_seconds = ln(9)
FROM (SELECT count(*) AS tasks, sum(n_answers) AS slots, count(*) FILTER (WHERE completed) AS completed,
             sum(n_runs) AS runs FROM task_slots WHERE project_id = $1::bigint) t,
     (SELECT count(*) AS volunteers, count(*) FILTER (WHERE user_id IS NULL) AS anonymous, max(last_at) AS last_at
      FROM contributor_progress WHERE project_id = $1::bigint) p
WHERE c.project_id = $1::bigint AND c.shard = 0"""

# Runs are found by themselves; that tasks have come, a trigger would have told.
_TOTALS = "INSERT INTO project_change (project_id) VALUES ($1::bigint)"


async def add_volunteers(database: Database, names: Sequence[str]) -> dict[int, str]:
    """Accounts: their ids and API keys."""
    rows = await database.fetch(
        """INSERT INTO users (name, fullname, email_addr)
           SELECT n, n, n || '@example.org' FROM unnest($1::text[]) n RETURNING id, api_key""",
        list(names),
    )
    return {row[0]: row[1] for row in rows}


async def add_newcomers(database: Database, number: int) -> dict[int, str]:
    """Accounts that have answered nothing yet: their ids and API keys."""
    first = await database.fetchval("SELECT coalesce(max(id), 0) + 1 FROM users")
    return await add_volunteers(database, [f"new-{first + n}" for n in range(number)])


async def add_project(database: Database, name: str, *, scheduler: str = "default") -> int:
    """A published project without tasks; its id."""
    owner = next(iter(await add_volunteers(database, [f"owner-of-{name}"])))
    return int(
        await database.fetchval(
            """INSERT INTO project (name, short_name, description, owner_id, owners_ids, category_id, published, info)
               SELECT $1::text, $1::text, 'Bench', $2::bigint, ARRAY[$2::bigint], min(id), true,
                      jsonb_build_object('sched', $3::text) FROM category
               RETURNING id""",
            name,
            owner,
            scheduler,
        )
    )


async def fill(database: Database, filling: Filling) -> Filled:
    """The project as it is described, made now unless it is there from an earlier run."""
    earlier = await database.fetchval("SELECT id FROM project WHERE short_name = $1", filling.name)
    if earlier is None:
        earlier = await _make(database, filling)
    groups = {n: [row[0] for row in await database.fetch(_EARLIER, f"{filling.name}-{n}-%")] for n in filling.answered}
    return Filled(earlier, groups)


async def _make(database: Database, filling: Filling) -> int:
    users = {
        n: list(await add_volunteers(database, [f"{filling.name}-{n}-{m}" for m in range(filling.group_size)]))
        for n in filling.answered
    }
    async with database.transaction():
        project = await add_project(database, filling.name, scheduler=filling.scheduler)
        async with in_bulk(database, without_indexes=filling.n_tasks >= MANY):
            await _write(database, project, filling, users)
    await settle(database)
    return project


async def _write(database: Database, project: int, filling: Filling, users: dict[int, list[int]]) -> None:
    async def run(statement: str, *values: object) -> None:
        await database.execute(statement, *values, timeout=PATIENCE)

    await run(_TASKS, project, filling.n_tasks, filling.n_complete, filling.n_open_wanted)
    first = await database.fetchval("SELECT min(id) FROM task WHERE project_id = $1", project)
    begin = first + filling.n_complete
    await run(_SLOTS, project, begin, filling.group_size, list(filling.answered))
    for n, ids in users.items():
        await run(_RUNS_OF_USERS, project, begin, ids, n)
    await run(_RUNS_OF_OTHERS.format(run_info=filling.run_info), project, first, filling.n_complete)
    for statement in (_ASSIGNMENTS, _RESULTS, _PROGRESS, _SCORES, _COUNTERS, _TOTALS):
        await run(statement, project)


@asynccontextmanager
async def in_bulk(database: Database, *, without_indexes: bool) -> AsyncIterator[None]:
    """Without triggers and, if asked for, with indexes made anew in the end."""
    await database.execute("SET LOCAL session_replication_role = replica; SET LOCAL maintenance_work_mem = '1GB'")
    indexes = await _drop_indexes(database) if without_indexes else []
    yield
    for definition in indexes:
        await database.execute(definition, timeout=PATIENCE)
    await database.execute("SET LOCAL session_replication_role = origin")


async def _drop_indexes(database: Database) -> list[str]:
    """Drop every index that is no constraint's; the statements that make them again."""
    rows = await database.fetch(
        """SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition FROM pg_index i
           WHERE i.indrelid = ANY ($1::text[]::regclass[])
             AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)""",
        list(TABLES),
    )
    for row in rows:
        await database.execute(f"DROP INDEX {row['name']}")
    return [row["definition"] for row in rows]


async def settle(database: Database) -> None:
    """As the server's own maintenance would leave the tables after a while."""
    await database.execute("VACUUM ANALYZE", timeout=PATIENCE)
    await database.execute("CHECKPOINT", timeout=PATIENCE)
