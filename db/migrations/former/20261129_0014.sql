CREATE OR REPLACE FUNCTION workbee_task_changed() RETURNS trigger LANGUAGE plpgsql
  SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
  UPDATE task_slots s SET
    n_answers = t.n_answers,
    ceiling = greatest(t.n_answers, s.n_counted + s.n_held),
    priority_0 = t.priority_0,
    completed = (t.state = 'completed')
  FROM new_rows t
  WHERE s.task_id = t.id
    AND (s.n_answers, s.priority_0, s.completed) IS DISTINCT FROM (t.n_answers, t.priority_0, t.state = 'completed');
  UPDATE project_counter c SET n_slots = c.n_slots + n.more
  FROM (SELECT project_id, sum(n) AS more
        FROM (SELECT project_id, n_answers AS n FROM new_rows
              UNION ALL SELECT project_id, -n_answers FROM old_rows) changes
        GROUP BY project_id) n
  WHERE c.project_id = n.project_id AND c.shard = 0 AND n.more <> 0;
  RETURN NULL;
END $$;
