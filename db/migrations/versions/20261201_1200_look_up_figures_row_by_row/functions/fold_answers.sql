-- Add to the figures (db.models.figures) what has come, gone or changed since the last time: runs, current results,
-- accounts, and the counts of projects. How many rows that was; null if another is at it. At most `p_limit` new runs,
-- and results, are read. All figures of runs are changed by one statement, so that they are of one moment.
--
-- Ids do not become visible in their sequence. What is not there below the watermark is missing: it is looked for each
-- time, until every transaction that could have taken such an id has ended. (Whoever writes runs or results has
-- written or locked another row before, and so has a transaction id when it takes one of theirs.)
--
-- Rows of tables that grow are looked up one by one, by scalar subqueries, arrays and `OFFSET 0`: the planner makes no
-- joins of these. It does not know how few rows are new, and would read all contributors into a hash each time.
CREATE OR REPLACE FUNCTION workbee_fold_answers(p_limit bigint) RETURNS bigint LANGUAGE plpgsql
  SET enable_seqscan = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
  v_hour timestamptz := date_trunc('hour', now(), 'UTC');
  -- How far back new and returning volunteers are told apart: pages show two weeks.
  v_first_day date := (now() AT TIME ZONE 'UTC')::date - 35;
  v_xmin bigint;
  v_watermark bigint;
  v_missing int8multirange;
  v_top bigint;
  v_seen int8multirange;
  v_n_runs bigint;
  v_n_results bigint;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtextextended('fold_answers', 0)) THEN
    RETURN NULL;
  END IF;
  INSERT INTO figure_state (source) VALUES ('task_run'), ('result') ON CONFLICT DO NOTHING;
  v_xmin := pg_snapshot_xmin(pg_current_snapshot())::text::bigint;

  SELECT watermark, missing + missing_before, least(watermark + p_limit, coalesce((SELECT max(id) FROM task_run), 0))
  INTO v_watermark, v_missing, v_top FROM figure_state WHERE source = 'task_run';
  WITH seen AS MATERIALIZED (
    SELECT id, project_id, contributor, user_id, user_ip, created, finish_time
    FROM task_run WHERE id > v_watermark AND id <= v_top
    UNION ALL
    SELECT r.id, r.project_id, r.contributor, r.user_id, r.user_ip, r.created, r.finish_time
    FROM unnest(v_missing) m JOIN task_run r ON r.id >= lower(m) AND r.id < upper(m)
  ), changed AS MATERIALIZED (
    DELETE FROM run_change RETURNING run_id, sign, project_id, contributor, user_id, user_ip, created, finish_time
  ), changed_users AS MATERIALIZED (
    DELETE FROM user_change RETURNING user_id
  ), delta AS MATERIALIZED (
    SELECT n, project_id, contributor, user_id, user_ip, (finish_time AT TIME ZONE 'UTC')::date AS day, finish_time,
           extract(epoch FROM finish_time - created)::double precision AS seconds
    FROM (
      SELECT 1 AS n, project_id, contributor, user_id, user_ip, created, finish_time FROM seen
      UNION ALL
      -- What is not counted yet will be seen as it is then.
      SELECT sign, project_id, contributor, user_id, user_ip, created, finish_time FROM changed
      WHERE run_id <= v_watermark AND NOT v_missing @> run_id
    ) one
  ), of_site AS (
    INSERT INTO site_day AS f (day, n_runs) SELECT day, sum(n) FROM delta GROUP BY day
    ON CONFLICT (day) DO UPDATE SET n_runs = f.n_runs + excluded.n_runs
  ), hours AS MATERIALIZED (
    SELECT date_trunc('hour', d.finish_time, 'UTC') AS hour, s.kind, s.subject_id, sum(d.n) AS n
    FROM delta d CROSS JOIN LATERAL (VALUES ('user', d.user_id), ('project', d.project_id)) s (kind, subject_id)
    WHERE d.finish_time >= v_hour - interval '23 hours' AND s.subject_id IS NOT NULL
    GROUP BY 1, 2, 3
  ), of_hours AS (
    INSERT INTO activity_hour AS f (hour, kind, subject_id, n_runs) SELECT hour, kind, subject_id, n FROM hours
    ON CONFLICT (hour, kind, subject_id) DO UPDATE SET n_runs = f.n_runs + excluded.n_runs
  ), past AS (
    DELETE FROM activity_hour WHERE hour < v_hour - interval '23 hours' RETURNING kind, subject_id, n_runs
  ), recently AS (
    INSERT INTO recent_activity AS f (kind, subject_id, n_runs)
    SELECT kind, subject_id, sum(n) FROM (
      SELECT kind, subject_id, n FROM hours UNION ALL SELECT kind, subject_id, -n_runs FROM past
    ) one GROUP BY kind, subject_id
    ON CONFLICT (kind, subject_id) DO UPDATE SET n_runs = f.n_runs + excluded.n_runs
  ), people AS MATERIALIZED (
    SELECT project_id, contributor, (
      SELECT p.first_at FROM contributor_progress p
      WHERE p.project_id = d.project_id AND p.contributor = d.contributor) AS first_at
    FROM (SELECT DISTINCT project_id, contributor FROM delta) d
  ), visits AS MATERIALIZED (
    SELECT project_id, contributor, day, v.n, coalesce(c.n_runs, 0) AS n_before, coalesce(c.is_new, false) AS was_new,
           coalesce((p.first_at AT TIME ZONE 'UTC')::date = day, false) AS is_new
    FROM (
      SELECT project_id, contributor, day, sum(n) AS n FROM (
        SELECT project_id, contributor, day, n FROM delta WHERE day >= v_first_day
        -- The day of the first answer may be another one now.
        UNION ALL
        SELECT p.project_id, p.contributor, k.day, 0 FROM people p CROSS JOIN LATERAL (
          SELECT c.day FROM contributor_day c WHERE c.project_id = p.project_id AND c.contributor = p.contributor
            AND (c.is_new OR c.day = (p.first_at AT TIME ZONE 'UTC')::date) OFFSET 0
        ) k
      ) one GROUP BY project_id, contributor, day
    ) v
    JOIN people p USING (project_id, contributor) LEFT JOIN LATERAL (
      SELECT n_runs, is_new FROM contributor_day k
      WHERE k.project_id = v.project_id AND k.contributor = v.contributor AND k.day = v.day OFFSET 0
    ) c ON true
    WHERE (SELECT true FROM project WHERE id = v.project_id)
  ), of_contributors AS (
    INSERT INTO contributor_day AS f (project_id, contributor, day, n_runs, is_new)
    SELECT project_id, contributor, day, n, is_new FROM visits
    ON CONFLICT (project_id, contributor, day) DO UPDATE SET n_runs = f.n_runs + excluded.n_runs,
      is_new = excluded.is_new
  ), of_days AS (
    INSERT INTO project_day AS f (project_id, day, n_runs, n_anonymous, n_users, n_active, n_new)
    SELECT project_id, day, sum(n), sum(n_anonymous), sum(n_users), sum(n_active), sum(n_new) FROM (
      SELECT project_id, day, n, CASE WHEN user_ip IS NULL THEN 0 ELSE n END AS n_anonymous,
             CASE WHEN user_id IS NULL THEN 0 ELSE n END AS n_users, 0 AS n_active, 0 AS n_new
      FROM delta
      UNION ALL
      SELECT project_id, day, 0, 0, 0, (n_before + n > 0)::int - (n_before > 0)::int,
             (n_before + n > 0 AND is_new)::int - (n_before > 0 AND was_new)::int
      FROM visits
    ) one WHERE (SELECT true FROM project WHERE id = project_id) GROUP BY project_id, day
    ON CONFLICT (project_id, day) DO UPDATE SET n_runs = f.n_runs + excluded.n_runs,
      n_anonymous = f.n_anonymous + excluded.n_anonymous, n_users = f.n_users + excluded.n_users,
      n_active = f.n_active + excluded.n_active, n_new = f.n_new + excluded.n_new
  ), of_hours_of_day AS (
    INSERT INTO project_hour AS f (project_id, hour, n_runs, n_anonymous, n_users, seconds)
    SELECT project_id, extract(hour FROM finish_time AT TIME ZONE 'UTC'), sum(n),
           sum(CASE WHEN user_ip IS NULL THEN 0 ELSE n END), sum(CASE WHEN user_id IS NULL THEN 0 ELSE n END),
           sum(n * seconds)
    FROM delta WHERE (SELECT true FROM project WHERE id = project_id) GROUP BY 1, 2
    ON CONFLICT (project_id, hour) DO UPDATE SET n_runs = f.n_runs + excluded.n_runs,
      n_anonymous = f.n_anonymous + excluded.n_anonymous, n_users = f.n_users + excluded.n_users,
      seconds = f.seconds + excluded.seconds
  ), shares AS MATERIALIZED (
    SELECT d.project_id, s.kind, s.key, sum(d.n) AS n
    FROM delta d CROSS JOIN LATERAL (VALUES ('user', d.user_id::text), ('address', d.user_ip)) s (kind, key)
    WHERE s.key IS NOT NULL AND (SELECT true FROM project WHERE id = d.project_id)
    GROUP BY 1, 2, 3
  ), of_people AS (
    INSERT INTO project_people AS f (project_id, n_users)
    SELECT project_id, sum((n_before + n > 0)::int - (n_before > 0)::int) FROM (
      SELECT project_id, n, coalesce((
        SELECT c.n_runs FROM project_contributor c
        WHERE c.project_id = s.project_id AND c.kind = s.kind AND c.key = s.key), 0) AS n_before
      FROM shares s WHERE kind = 'user' OFFSET 0
    ) one GROUP BY project_id
    ON CONFLICT (project_id) DO UPDATE SET n_users = f.n_users + excluded.n_users
  ), of_project_contributors AS (
    INSERT INTO project_contributor AS f (project_id, kind, key, n_runs)
    SELECT project_id, kind, key, n FROM shares
    ON CONFLICT (project_id, kind, key) DO UPDATE SET n_runs = f.n_runs + excluded.n_runs
  ), of_user_days AS (
    INSERT INTO user_day AS f (user_id, day, n_runs)
    SELECT user_id, day, sum(n) FROM delta WHERE (SELECT true FROM users WHERE id = user_id) GROUP BY user_id, day
    ON CONFLICT (user_id, day) DO UPDATE SET n_runs = f.n_runs + excluded.n_runs
  ), scores AS MATERIALIZED (
    SELECT t.user_id, coalesce(f.n_runs, 0) + t.n AS n_runs, f.score AS old_score,
           f.user_id IS NOT NULL AS was_there, u.id IS NOT NULL AS is_there,
           CASE WHEN NOT u.restrict THEN coalesce(f.n_runs, 0) + t.n END AS score
    FROM (
      SELECT user_id, sum(n) AS n FROM (
        SELECT user_id, n FROM delta WHERE user_id IS NOT NULL UNION ALL SELECT user_id, 0 FROM changed_users
      ) one GROUP BY user_id
    ) t LEFT JOIN LATERAL (
      SELECT user_id, n_runs, score FROM ranked_user k WHERE k.user_id = t.user_id OFFSET 0
    ) f ON true LEFT JOIN LATERAL (SELECT id, restrict FROM users k WHERE k.id = t.user_id OFFSET 0) u ON true
  ), of_accounts AS (
    INSERT INTO ranked_user (user_id, n_runs, score) SELECT user_id, n_runs, score FROM scores WHERE is_there
    ON CONFLICT (user_id) DO UPDATE SET n_runs = excluded.n_runs, score = excluded.score
  ), of_users AS (
    INSERT INTO site_total AS f (id, n_users)
    SELECT 1, sum(is_there::int - was_there::int) FROM scores HAVING sum(is_there::int - was_there::int) <> 0
    ON CONFLICT (id) DO UPDATE SET n_users = f.n_users + excluded.n_users
  ), gone AS (
    DELETE FROM ranked_user WHERE user_id = ANY (ARRAY(SELECT user_id FROM scores WHERE NOT is_there))
  ), moves AS MATERIALIZED (
    SELECT score, user_id / 4096 AS block, sum(n) AS n FROM (
      SELECT old_score AS score, user_id, -1 AS n FROM scores UNION ALL SELECT score, user_id, 1 FROM scores
    ) one WHERE score IS NOT NULL GROUP BY 1, 2 HAVING sum(n) <> 0
  ), of_scores AS (
    INSERT INTO score_count AS f (score, n_accounts) SELECT score, sum(n) FROM moves GROUP BY score
    ON CONFLICT (score) DO UPDATE SET n_accounts = f.n_accounts + excluded.n_accounts
  ), of_blocks AS (
    INSERT INTO score_block AS f (score, block, n_accounts) SELECT score, block, n FROM moves
    ON CONFLICT (score, block) DO UPDATE SET n_accounts = f.n_accounts + excluded.n_accounts
  ), of_totals AS (
    INSERT INTO project_change (project_id) SELECT DISTINCT project_id FROM delta
  )
  SELECT coalesce((SELECT range_agg(int8range(id, id + 1)) FROM seen), '{}'), (SELECT count(*) FROM delta)
  INTO v_seen, v_n_runs;
  PERFORM workbee_figures_have_seen('task_run', v_top, v_seen, v_xmin);
  -- A volunteer leaves a score behind at each step.
  DELETE FROM score_count WHERE n_accounts = 0;
  DELETE FROM score_block WHERE n_accounts = 0;

  SELECT watermark, missing + missing_before, least(watermark + p_limit, coalesce((SELECT max(id) FROM result), 0))
  INTO v_watermark, v_missing, v_top FROM figure_state WHERE source = 'result';
  WITH seen AS MATERIALIZED (
    SELECT id, project_id, created, last_version FROM result WHERE id > v_watermark AND id <= v_top
    UNION ALL
    SELECT r.id, r.project_id, r.created, r.last_version
    FROM unnest(v_missing) m JOIN result r ON r.id >= lower(m) AND r.id < upper(m)
  ), changed AS MATERIALIZED (
    DELETE FROM result_change RETURNING result_id, sign, project_id, created
  ), delta AS MATERIALIZED (
    SELECT 1 AS n, project_id, created FROM seen WHERE last_version
    UNION ALL
    SELECT sign, project_id, created FROM changed WHERE result_id <= v_watermark AND NOT v_missing @> result_id
  ), of_days AS (
    INSERT INTO project_day AS f (project_id, day, n_completed)
    SELECT project_id, (created AT TIME ZONE 'UTC')::date, sum(n) FROM delta
    WHERE (SELECT true FROM project WHERE id = project_id) GROUP BY 1, 2
    ON CONFLICT (project_id, day) DO UPDATE SET n_completed = f.n_completed + excluded.n_completed
  ), of_totals AS (
    INSERT INTO project_change (project_id) SELECT DISTINCT project_id FROM delta
  )
  SELECT coalesce((SELECT range_agg(int8range(id, id + 1)) FROM seen), '{}'), (SELECT count(*) FROM delta)
  INTO v_seen, v_n_results;
  PERFORM workbee_figures_have_seen('result', v_top, v_seen, v_xmin);

  -- Counts of projects as they are now: what is counted above is in them.
  WITH changed AS MATERIALIZED (
    DELETE FROM project_change RETURNING project_id
  ), due AS MATERIALIZED (
    SELECT project_id FROM changed
    UNION
    (SELECT project_id FROM project_total WHERE rank_until <= now() ORDER BY rank_until LIMIT 1000)
  ), counts AS MATERIALIZED (
    SELECT t.project_id, p.category_id, p.published, p.featured, n.*, l.is_listed, l.rank, l.rank_until
    FROM due t CROSS JOIN LATERAL (
      SELECT category_id, published, featured FROM project WHERE id = t.project_id OFFSET 0
    ) p CROSS JOIN LATERAL workbee_listing(t.project_id) l
    CROSS JOIN LATERAL (
      SELECT sum(n_tasks) AS n_tasks, sum(n_slots) AS n_slots, sum(n_completed_tasks) AS n_completed_tasks,
             sum(n_task_runs) AS n_task_runs, sum(n_counted) AS n_counted, sum(n_results) AS n_results,
             sum(n_anonymous) AS n_anonymous, sum(n_volunteers) AS n_volunteers, max(last_activity) AS last_activity
      FROM project_counter c WHERE c.project_id = t.project_id
    ) n
  ), fresh AS MATERIALIZED (
    SELECT project_id, category_id, published, featured, n_tasks, n_slots, n_completed_tasks, n_task_runs, n_counted,
           n_results, n_anonymous, is_listed, rank, rank_until, last_activity
    FROM counts
  ), moves AS MATERIALIZED (
    SELECT 1 AS sign, fresh.* FROM fresh
    UNION ALL
    SELECT -1, f.* FROM project_total f WHERE f.project_id = ANY (ARRAY(SELECT project_id FROM due))
  ), of_projects AS (
    INSERT INTO project_total SELECT * FROM fresh
    ON CONFLICT (project_id) DO UPDATE SET category_id = excluded.category_id, published = excluded.published,
      featured = excluded.featured, n_tasks = excluded.n_tasks, n_slots = excluded.n_slots,
      n_completed_tasks = excluded.n_completed_tasks, n_task_runs = excluded.n_task_runs,
      n_counted = excluded.n_counted, n_results = excluded.n_results, n_anonymous = excluded.n_anonymous,
      is_listed = excluded.is_listed, rank = excluded.rank, rank_until = excluded.rank_until,
      last_activity = excluded.last_activity
  ), orders AS MATERIALIZED (
    SELECT f.project_id, o.orderby, f.category_id, f.published, f.featured, f.is_listed, o.number, o.words
    FROM fresh f CROSS JOIN LATERAL workbee_project_orders(f.project_id) o
  ), of_orders AS (
    INSERT INTO project_order (project_id, orderby, category_id, published, featured, is_listed, number, words)
    SELECT * FROM orders o WHERE NOT EXISTS (
      SELECT 1 FROM project_order k WHERE k.project_id = o.project_id AND k.orderby = o.orderby
        AND (o.category_id, o.published, o.featured, o.is_listed, o.number, o.words)
          IS NOT DISTINCT FROM (k.category_id, k.published, k.featured, k.is_listed, k.number, k.words)
      OFFSET 0
    )
    ON CONFLICT (project_id, orderby) DO UPDATE SET category_id = excluded.category_id, published = excluded.published,
      featured = excluded.featured, is_listed = excluded.is_listed, number = excluded.number, words = excluded.words
  ), of_statistics AS (
    UPDATE project_stats s SET n_tasks = f.n_tasks, n_task_runs = f.n_task_runs, n_results = f.n_results,
      n_volunteers = f.n_volunteers, n_completed_tasks = f.n_completed_tasks, last_activity = f.last_activity,
      overall_progress = CASE WHEN f.n_tasks > 0 THEN f.n_completed_tasks * 100 / f.n_tasks ELSE 0 END,
      n_blogposts = (SELECT count(*) FROM blogpost b WHERE b.project_id = f.project_id),
      average_time = coalesce((SELECT sum(seconds) / nullif(sum(n_runs), 0) FROM project_hour h
                               WHERE h.project_id = f.project_id), 0)
    FROM counts f WHERE s.project_id = f.project_id AND s.project_id = ANY (ARRAY(SELECT project_id FROM counts))
  ), gone AS (
    DELETE FROM project_total
    WHERE project_id = ANY (ARRAY(SELECT project_id FROM due EXCEPT SELECT project_id FROM fresh))
  ), of_categories AS (
    INSERT INTO category_total AS f (category_id, n_published, n_listed)
    SELECT category_id, sum(sign * published::int), sum(sign * is_listed::int) FROM moves
    WHERE EXISTS (SELECT 1 FROM category c WHERE c.id = category_id) GROUP BY category_id
    ON CONFLICT (category_id) DO UPDATE SET n_published = f.n_published + excluded.n_published,
      n_listed = f.n_listed + excluded.n_listed
  )
  INSERT INTO site_total AS f (id, n_published, n_drafts, n_featured, n_tasks, n_slots, n_completed_tasks, n_task_runs,
                               n_counted, n_results, n_anonymous, n_listed, n_listed_featured)
  SELECT 1, sum(sign * published::int), sum(sign * (NOT published)::int), sum(sign * (published AND featured)::int),
         sum(sign * n_tasks), sum(sign * n_slots), sum(sign * n_completed_tasks), sum(sign * n_task_runs),
         sum(sign * n_counted), sum(sign * n_results), sum(sign * n_anonymous),
         sum(sign * is_listed::int), sum(sign * (is_listed AND featured)::int)
  FROM moves HAVING count(*) > 0
  ON CONFLICT (id) DO UPDATE SET n_published = f.n_published + excluded.n_published,
    n_drafts = f.n_drafts + excluded.n_drafts, n_featured = f.n_featured + excluded.n_featured,
    n_tasks = f.n_tasks + excluded.n_tasks, n_slots = f.n_slots + excluded.n_slots,
    n_completed_tasks = f.n_completed_tasks + excluded.n_completed_tasks,
    n_task_runs = f.n_task_runs + excluded.n_task_runs, n_counted = f.n_counted + excluded.n_counted,
    n_results = f.n_results + excluded.n_results, n_anonymous = f.n_anonymous + excluded.n_anonymous,
    n_listed = f.n_listed + excluded.n_listed, n_listed_featured = f.n_listed_featured + excluded.n_listed_featured;
  RETURN v_n_runs + v_n_results;
END $$;
