-- Tasks were added before others, opened again or moved, or runs removed: every cursor in a list of the project is
-- void. The lowest priority that its tasks have ever had is kept for that: a cursor may be at any of them. Where new
-- tasks come first whatever their priority, their number tells (`workbee_generation`).
CREATE OR REPLACE FUNCTION workbee_list_changed()
RETURNS trigger LANGUAGE plpgsql SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    UPDATE project_counter c SET
      list_generation = c.list_generation + coalesce(n.highest > c.lowest_priority, false)::int,
      lowest_priority = least(c.lowest_priority, n.lowest)
    FROM (
      SELECT r.project_id, min(r.priority_0) AS lowest, max(r.priority_0) AS highest
      FROM new_rows r GROUP BY r.project_id
    ) n
    WHERE c.project_id = n.project_id AND c.shard = 0
      AND (c.lowest_priority IS NULL OR n.lowest < c.lowest_priority OR n.highest > c.lowest_priority);
  ELSIF TG_OP = 'UPDATE' THEN
    -- A completed task leaves every list, and moves no other.
    UPDATE project_counter c SET list_generation = c.list_generation + 1,
      lowest_priority = least(c.lowest_priority, n.lowest)
    FROM (
      SELECT changed.project_id, min(changed.priority_0) AS lowest
      FROM (SELECT project_id, id, priority_0, n_answers, state FROM new_rows WHERE state = 'ongoing'
            EXCEPT SELECT project_id, id, priority_0, n_answers, state FROM old_rows) changed
      GROUP BY changed.project_id
    ) n
    WHERE c.project_id = n.project_id AND c.shard = 0;
  ELSE
    UPDATE project_counter c SET list_generation = c.list_generation + 1
    FROM (SELECT DISTINCT project_id FROM new_rows) n WHERE c.project_id = n.project_id AND c.shard = 0;
  END IF;
  RETURN NULL;
END $$;
