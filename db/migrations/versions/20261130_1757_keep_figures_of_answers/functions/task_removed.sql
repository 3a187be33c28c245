-- Slots go with their tasks, and counters follow. The array is searched by the primary key whatever the statistics say,
-- in the order in which everybody locks slots.
CREATE OR REPLACE FUNCTION workbee_task_removed()
RETURNS trigger LANGUAGE plpgsql SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
  DELETE FROM task_slots s WHERE s.task_id = ANY (ARRAY(SELECT id FROM removed));
  UPDATE project_counter c SET
    n_tasks = c.n_tasks - n.tasks, n_slots = c.n_slots - n.slots, n_completed_tasks = c.n_completed_tasks - n.completed
  FROM (SELECT project_id, count(*) AS tasks, sum(n_answers) AS slots,
               count(*) FILTER (WHERE state = 'completed') AS completed
        FROM removed GROUP BY project_id) n
  WHERE c.project_id = n.project_id AND c.shard = 0;
  INSERT INTO project_change (project_id) SELECT DISTINCT project_id FROM removed;
  RETURN NULL;
END $$;
