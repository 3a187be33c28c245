-- How lists show a project: whether they show it to everybody (published, without a password, of an owner whose data
-- may be processed), where it stands in them, and until when that does not change by itself. First comes what still
-- needs volunteers, is no trial, has a picture, is large, well visited and alive. In PL/pgSQL, because a function in
-- SQL would be planned with each list.
CREATE OR REPLACE FUNCTION workbee_listing(p_project_id bigint)
RETURNS TABLE (is_listed boolean, rank int, rank_until timestamptz, last_activity timestamptz)
LANGUAGE plpgsql STABLE ROWS 1 AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY SELECT p.is_open AND NOT u.restrict,
    CASE WHEN n.n_completed_tasks < n.n_tasks OR n.n_tasks = 0 THEN 1000 ELSE 0 END
    + CASE WHEN p.name ILIKE '%test%' OR p.short_name ILIKE '%test%' THEN 0 ELSE 500 END
    + CASE WHEN coalesce(p.info ->> 'thumbnail', '') <> '' THEN 200 ELSE 0 END
    + CASE WHEN n.n_tasks > 100 THEN 20 WHEN n.n_tasks > 50 THEN 15 WHEN n.n_tasks > 20 THEN 10
           WHEN n.n_tasks > 10 THEN 5 WHEN n.n_tasks > 0 THEN 1 ELSE 0 END
    + 2 * CASE WHEN n.n_volunteers > 100 THEN 20 WHEN n.n_volunteers > 50 THEN 15 WHEN n.n_volunteers > 20 THEN 10
               WHEN n.n_volunteers > 10 THEN 5 WHEN n.n_volunteers > 0 THEN 1 ELSE 0 END
    + CASE a.days WHEN 0 THEN 50 WHEN 1 THEN 20 WHEN 2 THEN 10 WHEN 3 THEN 5 ELSE 0 END,
    CASE WHEN a.days < 4 THEN n.last_activity + make_interval(days => a.days + 1) END,
    n.last_activity
  FROM project p JOIN users u ON u.id = p.owner_id
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(c.n_tasks), 0) AS n_tasks, coalesce(sum(c.n_completed_tasks), 0) AS n_completed_tasks,
           coalesce(sum(c.n_volunteers), 0) AS n_volunteers, max(c.last_activity) AS last_activity
    FROM project_counter c WHERE c.project_id = p.id
  ) n
  LEFT JOIN LATERAL (
    SELECT greatest(0, floor(extract(epoch FROM now() - n.last_activity) / 86400))::int AS days
    WHERE n.last_activity IS NOT NULL
  ) a ON true
  WHERE p.id = p_project_id;
END $$;
