-- Runs that are another contributor's now: the figures that count them follow.
CREATE OR REPLACE FUNCTION workbee_run_changed() RETURNS trigger LANGUAGE plpgsql
  SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
  INSERT INTO run_change (run_id, sign, project_id, contributor, user_id, user_ip, created, finish_time)
  SELECT s.id, s.sign, s.project_id, s.contributor, s.user_id, s.user_ip, s.created, s.finish_time
  FROM old_rows o JOIN new_rows n ON n.id = o.id
  CROSS JOIN LATERAL (
    SELECT o.id, -1 AS sign, o.project_id, o.contributor, o.user_id, o.user_ip, o.created, o.finish_time
    UNION ALL SELECT n.id, 1, n.project_id, n.contributor, n.user_id, n.user_ip, n.created, n.finish_time
  ) s
  WHERE (o.project_id, o.contributor, o.user_id, o.user_ip, o.created, o.finish_time)
    IS DISTINCT FROM (n.project_id, n.contributor, n.user_id, n.user_ip, n.created, n.finish_time);
  RETURN NULL;
END $$;
