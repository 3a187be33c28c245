-- Tasks were added before others, opened again or moved, or runs removed: every remembered place in a list of the
-- project is void.
CREATE OR REPLACE FUNCTION workbee_rearranged()
RETURNS trigger LANGUAGE plpgsql SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NOT EXISTS (
      SELECT 1 FROM (SELECT project_id, max(priority_0) AS highest FROM new_rows GROUP BY project_id) n
      WHERE n.highest > (SELECT s.priority_0 FROM task_slots s WHERE s.project_id = n.project_id AND s.is_open
                         ORDER BY s.project_id DESC, -s.priority_0 DESC, s.task_id DESC LIMIT 1)
         -- Where breadth comes first, what is new comes before all that was answered.
         OR (SELECT p.info ->> 'sched' FROM project p WHERE p.id = n.project_id) = 'breadth_first'
    ) THEN
      RETURN NULL;
    END IF;
  ELSIF TG_OP = 'UPDATE' THEN
    -- A completed task leaves every list, and changes no other place.
    IF NOT EXISTS (SELECT id, priority_0, n_answers, state FROM new_rows WHERE state = 'ongoing'
                   EXCEPT SELECT id, priority_0, n_answers, state FROM old_rows) THEN
      RETURN NULL;
    END IF;
  END IF;
  UPDATE project_counter c SET rearranged = c.rearranged + 1
  FROM (SELECT DISTINCT project_id FROM new_rows) n WHERE c.project_id = n.project_id AND c.shard = 0;
  RETURN NULL;
END $$;
