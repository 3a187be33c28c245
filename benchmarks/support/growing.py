"""A site that has grown in every direction: accounts, projects, tasks, answers, and the rows of every other table.

It grows around the site of `tests.support.crawling`, whose addresses and people stay: nearly half of the new tasks and
answers are its project's, which becomes the largest; the first new projects and one in 25 of the others are its
owner's; nobody answers more than its volunteer. The latest project has one task in twenty, and they are behind all
others. The database writes it itself, in bulk, with what follows from each row (`tests.support.invariants`).
"""

import asyncio
from dataclasses import asdict, dataclass
from math import ceil

import asyncpg

from benchmarks.support.filling import MANY, PATIENCE, in_bulk, settle
from db.queries.figures import folding
from db.session import Database

DAYS = 400
"""Over how many days, up to now, the answers are spread."""
OPEN_ANSWERS = 30
"""How many answers a task wants that is not complete: there is work for some time yet."""


@dataclass(frozen=True, slots=True)
class Growth:
    """How much is added."""

    accounts: int
    projects: int
    tasks: int
    """Nearly half of them are the looked-at project's, a twentieth the latest one's, the others shared out evenly."""
    answers: int
    """About so many."""
    entries: int
    """Rows of each other kind: posts, pages, changes, offers, favourites, …"""

    def times(self, factor: float) -> "Growth":
        """The same in another size."""
        return Growth(**{name: round(n * factor) for name, n in asdict(self).items()})


@dataclass(frozen=True, slots=True)
class Around:
    """What the site grows around, by id."""

    project: int
    owner: int
    volunteer: int
    admin: int


# One row, which all other statements read: what is added, around what, and the last ids of before.
_GROWTH = """
CREATE TEMPORARY TABLE growth ON COMMIT DROP AS
SELECT {values}, (SELECT coalesce(max(id), 0) FROM users) AS last_user,
       (SELECT coalesce(max(id), 0) FROM project) AS last_project,
       (SELECT coalesce(max(id), 0) FROM project) + {projects} AS latest_project,
       (SELECT coalesce(max(id), 0) FROM task_run) AS last_run"""

# Names whose skeleton (`db.naming`) is the name itself.
_NAME = "translate(n::text, '0123456789', 'abcdefghkx')"

_ACCOUNTS = f"""
INSERT INTO users (created, name, name_skeleton, fullname, email_addr, restrict)
SELECT at, name, encode(sha256(name::bytea), 'hex'), 'Volunteer ' || n, name || '@example.org', n % 100 = 99
FROM (SELECT n, 'bee' || {_NAME} AS name,
             now() - {DAYS} * interval '1 day' * (1 - (n - last_user)::float8 / accounts) AS at
      FROM growth, generate_series(last_user + 1, last_user + accounts) n) named ORDER BY n;
INSERT INTO user_score (user_id) SELECT id FROM users, growth WHERE id > last_user ORDER BY id;
CREATE TEMPORARY TABLE member ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY id <> volunteer, id) - 1 AS number, id FROM users, growth;
CREATE INDEX ON member (number);
ANALYZE member"""

_PROJECTS = f"""
INSERT INTO project (created, updated, name, short_name, short_name_skeleton, description, long_description, published,
                     featured, owner_id, owners_ids, category_id, info)
SELECT at, at, 'Photos ' || n, name, encode(sha256(name::bytea), 'hex'), 'What is in photo ' || n || '?',
       repeat('Look at each photo of the series and say what it shows. ', 20) || n, n % 5 <> 1 OR n = latest_project,
       n <= 40, owner_id, ARRAY[owner_id], categories[1 + n % cardinality(categories)],
       jsonb_build_object('task_presenter', repeat('<p>What is in this photo?</p>', 40), 'sched', 'default')
         || CASE WHEN n % 3 = 0 THEN '{{"thumbnail": "photo.png"}}' ELSE '{{}}' END::jsonb
FROM (SELECT n, latest_project, 'bee' || {_NAME} AS name,
             CASE WHEN n <= 120 OR n % 50 < 2 THEN owner ELSE m.id END AS owner_id,
             now() - {DAYS} * interval '1 day' * (1 - (n - last_project)::float8 / projects) AS at,
             (SELECT array_agg(id ORDER BY id) FROM category) AS categories
      FROM growth, generate_series(last_project + 1, latest_project) n
      JOIN member m ON number = n * 7919 % (SELECT count(*) FROM member)) named ORDER BY n;
INSERT INTO project_stats (project_id) SELECT id FROM project, growth WHERE id > last_project ORDER BY id;
INSERT INTO project_search (project_id, words)
SELECT id, workbee_project_words(name, short_name, description, long_description)
FROM project, growth WHERE id > last_project ORDER BY id;
INSERT INTO project_counter (project_id, shard) SELECT id, 0 FROM project, growth WHERE id > last_project ORDER BY id"""

# The looked-at project's come last but for the latest one's. `n` is a task's place among the `n_in_project` new
# ones of its project, of which the first are complete.
_TASKS = f"""
CREATE TEMPORARY TABLE new_task ON COMMIT DROP AS
SELECT nextval('task_id_seq') AS id, project_id, n, n_in_project, n <= complete * n_in_project AS is_complete,
       CASE WHEN n <= complete * n_in_project THEN n_answers ELSE {OPEN_ANSWERS} END AS n_wanted,
       CASE WHEN n <= complete * n_in_project THEN n_answers WHEN n % 2 = 0 THEN 1 ELSE 0 END AS n_given
FROM growth,
     LATERAL (SELECT 1 AS batch, p.id AS project_id, n, tasks / 2 / projects AS n_in_project
              FROM project p, generate_series(1, tasks / 2 / projects) n
              WHERE p.id > last_project AND p.id < latest_project
              UNION ALL SELECT 2, project, n, tasks * 9 / 20 FROM generate_series(1, tasks * 9 / 20) n
              UNION ALL SELECT 3, latest_project, n, tasks / 20 FROM generate_series(1, tasks / 20) n
              ORDER BY batch, project_id, n) places;
ANALYZE new_task;
INSERT INTO task (id, project_id, info, n_answers, state, created, fav_user_ids)
SELECT id, project_id, jsonb_build_object('n', n, 'link', 'https://example.org/photos/' || id || '.jpg'), n_wanted,
       CASE WHEN is_complete THEN 'completed' ELSE 'ongoing' END,
       now() - ({DAYS} + 1) * interval '1 day' + id * interval '1 millisecond',
       CASE WHEN project_id = project AND n <= entries THEN ARRAY[volunteer] END
FROM new_task, growth ORDER BY id;
INSERT INTO task_slots (task_id, project_id, created, n_answers, ceiling, completed, n_counted, n_runs)
SELECT t.id, t.project_id, t.created, t.n_answers, t.n_answers, is_complete, n_given, n_given
FROM new_task JOIN task t ON t.id = new_task.id ORDER BY t.id"""

# The first to answer a task are few people, the third is anonymous, the others are anybody. A project is answered from
# its first task to its last; the looked-at one in all of the time, another one in 60 days of it, some in the latest.
_RUNS = f"""
INSERT INTO task_run (project_id, task_id, user_id, user_ip, contributor, created, finish_time, info, counted)
SELECT project_id, task_id, m.id, CASE WHEN turn = 3 THEN '10.' || who % 250 || '.' || who / 250 % 250 || '.0' END,
       CASE WHEN turn = 3 THEN 'anon:' || md5(who::text) ELSE 'user:' || m.id END,
       at - interval '9 seconds', at, jsonb_build_object('answer', task_id % 7), true
FROM (SELECT *, CASE WHEN turn = 3 THEN floor(chance * members / 4)::bigint
                     ELSE (floor(chance ^ 3 * members)::bigint + (turn - 1) * 7919) % members END AS who,
             now() - interval '1 day' * (days_ago + n_days * (1 - progress)) - turn * interval '9 minutes' AS at
      FROM (SELECT t.project_id, t.id AS task_id, turn, (SELECT count(*) FROM member) AS members,
                   (hashint8extended(t.id, 1) & 4294967295) / 4294967296.0::float8 AS chance,
                   CASE WHEN t.project_id = project OR t.project_id % 20 = 0 THEN 0
                        ELSE t.project_id * 7919 % ({DAYS} - 60) END AS days_ago,
                   CASE WHEN t.project_id = project THEN {DAYS} ELSE 60 END - 1 AS n_days,
                   CASE WHEN is_complete THEN n / (complete * n_in_project) ELSE 0.975 + n * 0.025 / n_in_project END
                     AS progress
            FROM growth, new_task t, generate_series(1, t.n_given) turn) answered) dated
LEFT JOIN member m ON number = who AND turn <> 3
ORDER BY at, task_id;
INSERT INTO assignment (task_id, project_id, contributor, state, requested_at)
SELECT task_id, project_id, contributor, 'counted', created FROM task_run, growth WHERE id > last_run ORDER BY id"""

_RESULTS = """
INSERT INTO result (project_id, task_id, created, task_run_ids, last_version, info)
SELECT r.project_id, task_id, max(finish_time), array_agg(r.id ORDER BY r.id), true,
       CASE WHEN task_id % 10 = 0 THEN jsonb_build_object('answer', task_id % 7) END
FROM task_run r JOIN new_task t ON t.id = r.task_id WHERE is_complete GROUP BY r.project_id, task_id
ORDER BY 3, task_id"""

_COUNTS = """
WITH progress AS (
  INSERT INTO contributor_progress AS p (project_id, contributor, user_id, n_runs, first_at, last_at)
  SELECT project_id, contributor, max(user_id), count(*), min(finish_time), max(finish_time)
  FROM task_run, growth WHERE id > last_run GROUP BY project_id, contributor
  ON CONFLICT (project_id, contributor) DO UPDATE SET n_runs = p.n_runs + excluded.n_runs,
    first_at = least(p.first_at, excluded.first_at), last_at = greatest(p.last_at, excluded.last_at)
  RETURNING project_id, user_id, (xmax = 0) AS is_new)
UPDATE project_counter c SET n_volunteers = n_volunteers + volunteers, n_anonymous = n_anonymous + anonymous
FROM (SELECT project_id, count(*) AS volunteers, count(*) FILTER (WHERE user_id IS NULL) AS anonymous
      FROM progress WHERE is_new GROUP BY project_id) n
WHERE c.project_id = n.project_id AND c.shard = 0;
UPDATE user_score s SET n_runs = n_runs + runs
FROM (SELECT user_id, count(*) AS runs FROM task_run, growth WHERE id > last_run AND user_id IS NOT NULL
      GROUP BY user_id) n
WHERE s.user_id = n.user_id;
UPDATE project_counter c SET n_tasks = c.n_tasks + n.tasks, n_slots = n_slots + n.wanted,
  n_completed_tasks = n_completed_tasks + n.completed, n_results = n_results + n.results,
  n_insertions = n_insertions + 1
FROM (SELECT t.project_id, count(*) AS tasks, sum(n_wanted) AS wanted, count(*) FILTER (WHERE is_complete) AS completed,
             count(info) AS results
      FROM new_task t LEFT JOIN result r ON r.task_id = t.id GROUP BY t.project_id) n
WHERE c.project_id = n.project_id AND c.shard = 0;
INSERT INTO project_counter AS c (project_id, shard, n_task_runs, n_counted, last_activity, ln_seconds)
SELECT project_id, 1 + id % 16, count(*), count(*), max(finish_time), ln(9)
FROM task_run, growth WHERE id > last_run GROUP BY 1, 2
ON CONFLICT (project_id, shard) DO UPDATE SET n_task_runs = c.n_task_runs + excluded.n_task_runs,
  n_counted = c.n_counted + excluded.n_counted, last_activity = greatest(c.last_activity, excluded.last_activity)"""

_ENTRIES = """
INSERT INTO blogpost (project_id, user_id, title, body, published)
SELECT project, owner, 'News ' || n, repeat('Half of the photos are read. ', 20), true
FROM growth, generate_series(1, entries) n;
INSERT INTO announcement (user_id, title, body, published)
SELECT admin, 'News ' || n, repeat('There are new projects. ', 20), true FROM growth, generate_series(1, entries) n;
INSERT INTO helpingmaterial (project_id, media_url)
SELECT project, 'https://example.org/' || n || '.png' FROM growth, generate_series(1, entries) n;
INSERT INTO pages (project_id, slug) SELECT project, 'page-' || n FROM growth, generate_series(1, entries) n;
INSERT INTO webhook (project_id, payload, response, response_status_code)
SELECT project_id, jsonb_build_object('event', 'task_completed', 'task_id', id), 'ok', 200
FROM growth, new_task WHERE project_id = project AND is_complete;
INSERT INTO auditlog (project_id, project_short_name, user_id, user_name, action, caller, attribute, old_value,
                      new_value)
SELECT project, short_name, owner, 'owner', 'update', 'web', 'description', 'Bees', 'Bees?'
FROM growth JOIN project p ON p.id = project, generate_series(1, entries) n;
INSERT INTO task_import (project_id, user_id, source, options, state, started, finished, n_total, n_read, n_added)
SELECT project, owner, 'csv', '{}', 'done', now(), now(), 1, 1, 1 FROM growth, generate_series(1, entries) n;
INSERT INTO ckan_export (project_id, user_id, kind, state, started, finished, n_total, n_sent)
SELECT project, owner, 'task', 'done', now(), now(), 1, 1 FROM growth, generate_series(1, entries) n;
INSERT INTO file (container, name, content_type, size, sha256, owner_id, project_id, attached_to, attached_id)
SELECT 'user_' || owner, 'material' || m.id || '.png', 'image/png', 1000, encode(sha256(m.id::text::bytea), 'hex'),
       owner, project, 'helpingmaterial', m.id
FROM growth, helpingmaterial m ON CONFLICT DO NOTHING;
INSERT INTO ownership_offer (project_id, email_addr, user_id, offered_by, expires)
SELECT p.id, u.email_addr, u.id, owner_id, now() + interval '7 days'
FROM growth JOIN users u ON u.id = volunteer JOIN project p ON p.id > last_project AND owner_id <> volunteer
ORDER BY p.id LIMIT (SELECT entries FROM growth);
INSERT INTO revocation (credential, created)
SELECT encode(sha256(gen_random_uuid()::text::bytea), 'hex'), now() - n * interval '1 minute'
FROM growth, generate_series(1, entries) n;
INSERT INTO sent_form (key, created, target)
SELECT encode(sha256(gen_random_uuid()::text::bytea), 'hex'), now() - n * interval '1 second', '/'
FROM growth, generate_series(1, entries) n"""

# What triggers would have told of whoever keeps the figures; new runs and results are found without.
_CHANGES = """
INSERT INTO user_change (user_id) SELECT id FROM users, growth WHERE id > last_user;
INSERT INTO project_change (project_id) SELECT id FROM project, growth WHERE id > last_project OR id = project"""

_SCRIPTS = (_ACCOUNTS, _PROJECTS, _TASKS, _RUNS, _RESULTS, _COUNTS, _ENTRIES, _CHANGES)


async def grow(filler: asyncpg.Connection, database: Database, around: Around, growth: Growth) -> dict[str, str]:
    """Add all of it, in one transaction; `filler` is a superuser's connection to the site's database. Where the latest
    project is: its `latest_id` and `latest_name`."""
    a_task = growth.answers / growth.tasks
    n_answers = ceil(a_task) + 1
    # Half of the tasks that are not complete have one answer, the others none.
    complete = (a_task - 0.5) / (n_answers - 0.5)
    whole = asdict(growth) | asdict(around) | {"n_answers": n_answers}
    values = [f"{value}::bigint AS {name}" for name, value in whole.items()] + [f"{complete}::float8 AS complete"]
    async with filler.transaction(), in_bulk(filler, without_indexes=growth.tasks >= MANY):
        await filler.execute(_GROWTH.format(values=", ".join(values), projects=growth.projects))
        for script in _SCRIPTS:
            await filler.execute(script, timeout=PATIENCE)
    await settle(filler)
    async with filler.transaction():
        # As a superuser, without a look at the row that each of them refers to.
        await filler.execute("SET LOCAL session_replication_role = replica")
        await filler.execute("SELECT workbee_rebuild_figures()", timeout=PATIENCE)
    await _fold(database)
    await settle(filler)
    [latest] = await filler.fetch("SELECT id, short_name FROM project ORDER BY id DESC LIMIT 1")
    return {"latest_id": str(latest["id"]), "latest_name": latest["short_name"]}


async def _fold(database: Database) -> None:
    """Bring the figures up to date. Where there is a job worker, it may be at that itself."""
    while True:
        async with database.unit() as uow:
            n_rows = await folding.fold(uow.session)
            if n_rows is not None and not await folding.is_behind(uow.session):
                return
        if n_rows is None:
            await asyncio.sleep(0.1)
