-- The time before which no slot of the project is past its deadline, as a job has last seen it: an answered lease
-- leaves its entry in the index of deadlines until the next cleanup, and a look from the beginning would go over all
-- of them. It is a hint: before a draw says that nothing is left, it looks from the beginning.
CREATE OR REPLACE FUNCTION workbee_deadline_watermark(p_project_id bigint)
RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT coalesce((SELECT c.deadline_watermark FROM project_counter c
                   WHERE c.project_id = p_project_id AND c.shard = 0), '-infinity')
$$;
