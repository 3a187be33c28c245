-- Rebuild the figures (db.models.figures) from all runs, current results and accounts, in one statement, so that they
-- are of one moment; those of before are seen until this commits. Totals and orders of projects come with the fold that
-- follows (`workbee_fold_answers`): all projects are put down for it. Days are written in their sequence, as they came.
CREATE OR REPLACE FUNCTION workbee_rebuild_figures() RETURNS void LANGUAGE plpgsql
  SET work_mem = '64MB' SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE
  v_hour timestamptz := date_trunc('hour', now(), 'UTC');
  v_first_day date := (now() AT TIME ZONE 'UTC')::date - 35;
  v_xmin bigint;
  v_top_run bigint;
  v_runs int8multirange;
  v_top_result bigint;
  v_results int8multirange;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('fold_answers', 0));
  DELETE FROM site_day;
  DELETE FROM site_total;
  DELETE FROM category_total;
  DELETE FROM project_total;
  DELETE FROM project_order;
  DELETE FROM project_people;
  DELETE FROM activity_hour;
  DELETE FROM recent_activity;
  DELETE FROM project_day;
  DELETE FROM project_hour;
  DELETE FROM project_contributor;
  DELETE FROM contributor_day;
  DELETE FROM user_day;
  DELETE FROM ranked_user;
  DELETE FROM score_count;
  DELETE FROM score_block;
  DELETE FROM figure_state;
  INSERT INTO figure_state (source) VALUES ('task_run'), ('result');
  v_xmin := pg_snapshot_xmin(pg_current_snapshot())::text::bigint;

  WITH changed_runs AS (
    -- What is counted is as it is now.
    DELETE FROM run_change
  ), changed_results AS (
    DELETE FROM result_change
  ), changed_users AS (
    DELETE FROM user_change
  ), days AS MATERIALIZED (
    SELECT project_id, (finish_time AT TIME ZONE 'UTC')::date AS day, count(*) AS n_runs,
           count(user_ip) AS n_anonymous, count(user_id) AS n_users
    FROM task_run GROUP BY 1, 2
  ), of_site AS (
    INSERT INTO site_day (day, n_runs) SELECT day, sum(n_runs) FROM days GROUP BY day ORDER BY day
  ), hours AS MATERIALIZED (
    SELECT date_trunc('hour', r.finish_time, 'UTC') AS hour, s.kind, s.subject_id, count(*) AS n_runs
    FROM task_run r CROSS JOIN LATERAL (VALUES ('user', r.user_id), ('project', r.project_id)) s (kind, subject_id)
    WHERE r.finish_time >= v_hour - interval '23 hours' AND s.subject_id IS NOT NULL
    GROUP BY 1, 2, 3
  ), of_hours AS (
    INSERT INTO activity_hour (hour, kind, subject_id, n_runs) SELECT hour, kind, subject_id, n_runs FROM hours
  ), of_activity AS (
    INSERT INTO recent_activity (kind, subject_id, n_runs)
    SELECT kind, subject_id, sum(n_runs) FROM hours GROUP BY kind, subject_id
  ), visits AS MATERIALIZED (
    SELECT v.*, coalesce((p.first_at AT TIME ZONE 'UTC')::date = day, false) AS is_new
    FROM (
      SELECT project_id, contributor, (finish_time AT TIME ZONE 'UTC')::date AS day, count(*) AS n_runs
      FROM task_run WHERE finish_time >= v_first_day::timestamp AT TIME ZONE 'UTC' GROUP BY 1, 2, 3
    ) v LEFT JOIN contributor_progress p USING (project_id, contributor)
  ), of_contributor_days AS (
    INSERT INTO contributor_day (project_id, contributor, day, n_runs, is_new)
    SELECT project_id, contributor, day, n_runs, is_new FROM visits ORDER BY day
  ), of_days AS (
    INSERT INTO project_day (project_id, day, n_runs, n_anonymous, n_users, n_active, n_new, n_completed)
    SELECT project_id, day, sum(n_runs), sum(n_anonymous), sum(n_users), sum(n_active), sum(n_new), sum(n_completed)
    FROM (
      SELECT project_id, day, n_runs, n_anonymous, n_users, 0 AS n_active, 0 AS n_new, 0 AS n_completed FROM days
      UNION ALL
      SELECT project_id, day, 0, 0, 0, count(*), count(*) FILTER (WHERE is_new), 0 FROM visits GROUP BY 1, 2
      UNION ALL
      SELECT project_id, (created AT TIME ZONE 'UTC')::date, 0, 0, 0, 0, 0, count(*)
      FROM result WHERE last_version GROUP BY 1, 2
    ) one GROUP BY project_id, day ORDER BY day
  ), of_hours_of_day AS (
    INSERT INTO project_hour (project_id, hour, n_runs, n_anonymous, n_users, seconds)
    SELECT project_id, extract(hour FROM finish_time AT TIME ZONE 'UTC'), count(*), count(user_ip), count(user_id),
           sum(extract(epoch FROM finish_time - created)::double precision)
    FROM task_run GROUP BY 1, 2
  ), shares AS MATERIALIZED (
    SELECT project_id, 'user' AS kind, user_id::text AS key, count(*) AS n_runs
    FROM task_run WHERE user_id IS NOT NULL GROUP BY project_id, user_id
    UNION ALL
    SELECT project_id, 'address', user_ip, count(*) FROM task_run WHERE user_ip IS NOT NULL GROUP BY project_id, user_ip
  ), of_people AS (
    INSERT INTO project_people (project_id, n_users)
    SELECT project_id, count(*) FROM shares WHERE kind = 'user' GROUP BY project_id
  ), of_contributors AS (
    INSERT INTO project_contributor (project_id, kind, key, n_runs) SELECT project_id, kind, key, n_runs FROM shares
  ), user_days AS MATERIALIZED (
    SELECT user_id, (finish_time AT TIME ZONE 'UTC')::date AS day, count(*) AS n_runs
    FROM task_run WHERE user_id IS NOT NULL GROUP BY 1, 2
  ), of_user_days AS (
    INSERT INTO user_day (user_id, day, n_runs) SELECT user_id, day, n_runs FROM user_days ORDER BY day
  ), accounts AS MATERIALIZED (
    SELECT u.id AS user_id, coalesce(n.n_runs, 0) AS n_runs,
           CASE WHEN NOT u.restrict THEN coalesce(n.n_runs, 0) END AS score
    FROM users u LEFT JOIN (SELECT user_id, sum(n_runs) AS n_runs FROM user_days GROUP BY user_id) n ON n.user_id = u.id
  ), of_accounts AS (
    INSERT INTO ranked_user (user_id, n_runs, score) SELECT user_id, n_runs, score FROM accounts
  ), of_scores AS (
    INSERT INTO score_count (score, n_accounts)
    SELECT score, count(*) FROM accounts WHERE score IS NOT NULL GROUP BY score
  ), of_blocks AS (
    INSERT INTO score_block (score, block, n_accounts)
    SELECT score, user_id / 4096, count(*) FROM accounts WHERE score IS NOT NULL GROUP BY 1, 2
  ), of_users AS (
    INSERT INTO site_total (id, n_users) SELECT 1, count(*) FROM accounts
  )
  -- Their ids, as ranges without a gap.
  SELECT r.top, r.seen, f.top, f.seen INTO v_top_run, v_runs, v_top_result, v_results
  FROM (
    SELECT coalesce(max(last), 0) AS top, coalesce(range_agg(int8range(first, last + 1)), '{}') AS seen FROM (
      SELECT min(id) AS first, max(id) AS last
      FROM (SELECT id, id - row_number() OVER (ORDER BY id) AS gap FROM task_run) one GROUP BY gap
    ) ranges
  ) r, (
    SELECT coalesce(max(last), 0) AS top, coalesce(range_agg(int8range(first, last + 1)), '{}') AS seen FROM (
      SELECT min(id) AS first, max(id) AS last
      FROM (SELECT id, id - row_number() OVER (ORDER BY id) AS gap FROM result) one GROUP BY gap
    ) ranges
  ) f;
  PERFORM workbee_figures_have_seen('task_run', v_top_run, v_runs, v_xmin),
          workbee_figures_have_seen('result', v_top_result, v_results, v_xmin);
  INSERT INTO project_change (project_id) SELECT id FROM project;
END $$;
