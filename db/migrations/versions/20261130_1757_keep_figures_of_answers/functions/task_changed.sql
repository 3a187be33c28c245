-- Slots follow their tasks, and counters theirs. Row by row, each by the primary key: a join would be planned by what
-- the statistics say, which count no row of an import that is not committed, and would go over all slots for each
-- task.
CREATE OR REPLACE FUNCTION workbee_task_changed()
RETURNS trigger LANGUAGE plpgsql SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
  t record;
BEGIN
  FOR t IN SELECT n.id, n.n_answers, n.priority_0, n.state = 'completed' AS completed FROM new_rows n LOOP
    UPDATE task_slots s SET
      n_answers = t.n_answers,
      ceiling = greatest(t.n_answers, s.n_counted + s.n_leased),
      priority_0 = t.priority_0,
      completed = t.completed
    WHERE s.task_id = t.id
      AND (s.n_answers, s.priority_0, s.completed) IS DISTINCT FROM (t.n_answers, t.priority_0, t.completed);
  END LOOP;
  WITH counted AS (
    UPDATE project_counter c SET n_slots = c.n_slots + n.more
    FROM (SELECT project_id, sum(n) AS more
          FROM (SELECT project_id, n_answers AS n FROM new_rows
                UNION ALL SELECT project_id, -n_answers FROM old_rows) changes
          GROUP BY project_id) n
    WHERE c.project_id = n.project_id AND c.shard = 0 AND n.more <> 0
    RETURNING c.project_id
  )
  INSERT INTO project_change (project_id) SELECT project_id FROM counted;
  RETURN NULL;
END $$;
