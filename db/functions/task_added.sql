-- Tasks come with their slots, and counters follow.
CREATE OR REPLACE FUNCTION workbee_task_added() RETURNS trigger LANGUAGE plpgsql
  SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
  INSERT INTO task_slots (task_id, project_id, priority_0, created, n_answers, ceiling, completed)
  SELECT id, project_id, priority_0, created, n_answers, n_answers, state = 'completed' FROM added;
  UPDATE project_counter c SET n_tasks = c.n_tasks + n.tasks, n_slots = c.n_slots + n.slots,
    n_insertions = c.n_insertions + 1
  FROM (SELECT project_id, count(*) AS tasks, sum(n_answers) AS slots FROM added GROUP BY project_id) n
  WHERE c.project_id = n.project_id AND c.shard = 0;
  INSERT INTO project_change (project_id) SELECT DISTINCT project_id FROM added;
  RETURN NULL;
END $$;
