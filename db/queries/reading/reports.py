"""The figures of a project and of each of its users, as lines of JSON: the first is the project's."""

_MOMENT = "'YYYY-MM-DD\"T\"HH24:MI:SS.US'"
_OF_RUNS = f"""
    to_char(min(finish_time), {_MOMENT}) AS first, to_char(max(finish_time), {_MOMENT}) AS last,
    round(avg(extract(epoch FROM finish_time - created))::numeric / 60, 2) AS minutes
"""
STATEMENT = f"""
WITH counts AS (
  SELECT coalesce(sum(n_tasks), 0) AS n_tasks, coalesce(sum(n_slots), 0) AS n_slots
  FROM project_counter WHERE project_id = $1
)
SELECT line FROM (
  SELECT 0 AS place, 0::bigint AS id, row_to_json(r) AS line FROM (
    SELECT p.id, p.name, p.short_name, counts.n_tasks::bigint AS n_tasks, runs.*,
      round(counts.n_slots::numeric / nullif(counts.n_tasks, 0), 2) AS redundancy
    FROM project p, counts, (SELECT {_OF_RUNS} FROM task_run WHERE project_id = $1) runs WHERE p.id = $1
  ) r
  UNION ALL
  SELECT 1, r.id, row_to_json(r) FROM (
    SELECT u.id, u.name, u.fullname, runs.n_runs, runs.first, runs.last, runs.minutes,
      round(runs.n_runs * 100.0 / nullif(counts.n_tasks, 0), 2) AS percent
    FROM counts, (
      SELECT user_id, count(*) AS n_runs, {_OF_RUNS} FROM task_run
      WHERE project_id = $1 AND user_id IS NOT NULL GROUP BY user_id
    ) runs JOIN users u ON u.id = runs.user_id
  ) r
) report ORDER BY place, id
"""
