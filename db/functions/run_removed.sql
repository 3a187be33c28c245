-- A removed run gives its place back: its contributor may answer the task again, and every count forgets it.
CREATE OR REPLACE FUNCTION workbee_run_removed() RETURNS trigger LANGUAGE plpgsql
  SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
  DELETE FROM assignment a USING removed r WHERE a.task_id = r.task_id AND a.contributor = r.contributor;
  UPDATE task_slots s SET
    n_counted = s.n_counted - n.counted, n_runs = s.n_runs - n.runs, breadth = least(s.breadth, s.n_runs - n.runs),
    ceiling = greatest(s.n_answers, s.n_counted - n.counted + s.n_leased)
  FROM (SELECT task_id, count(*) AS runs, count(*) FILTER (WHERE counted) AS counted FROM removed GROUP BY task_id) n
  WHERE s.task_id = n.task_id;
  UPDATE user_score u SET n_runs = u.n_runs - n.runs
  FROM (SELECT user_id, count(*) AS runs FROM removed WHERE user_id IS NOT NULL GROUP BY user_id) n
  WHERE u.user_id = n.user_id;
  WITH fewer AS (
    UPDATE contributor_progress p SET n_runs = p.n_runs - n.runs
    FROM (SELECT project_id, contributor, count(*) AS runs FROM removed GROUP BY project_id, contributor) n
    WHERE p.project_id = n.project_id AND p.contributor = n.contributor
    RETURNING p.project_id, p.contributor, p.user_id, p.n_runs
  ), gone AS (
    SELECT project_id, count(*) AS volunteers, count(*) FILTER (WHERE user_id IS NULL) AS anonymous
    FROM fewer WHERE n_runs <= 0 AND contributor NOT LIKE 'ext:%' GROUP BY project_id
  ), runs AS (
    SELECT project_id, count(*) AS runs, count(*) FILTER (WHERE counted) AS counted FROM removed GROUP BY project_id
  )
  UPDATE project_counter c SET
    n_task_runs = c.n_task_runs - runs.runs, n_counted = c.n_counted - runs.counted,
    n_volunteers = c.n_volunteers - coalesce(gone.volunteers, 0),
    n_anonymous = c.n_anonymous - coalesce(gone.anonymous, 0)
  FROM runs LEFT JOIN gone USING (project_id)
  WHERE c.project_id = runs.project_id AND c.shard = 0;
  INSERT INTO run_change (run_id, sign, project_id, contributor, user_id, user_ip, created, finish_time)
  SELECT id, -1, project_id, contributor, user_id, user_ip, created, finish_time FROM removed;
  DELETE FROM contributor_progress p USING (SELECT DISTINCT project_id, contributor FROM removed) r
  WHERE p.project_id = r.project_id AND p.contributor = r.contributor AND p.n_runs <= 0;
  RETURN NULL;
END $$;
