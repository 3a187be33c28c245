-- The time before which no slot of the project is past its deadline, as a job has last seen it: an answered hold leaves
-- its entry in the index of deadlines until the next cleanup, and a look from the beginning would go over all of them.
-- It is a hint: before a draw says that nothing is left, it looks from the beginning.
CREATE OR REPLACE FUNCTION workbee_none_due_before(p_project bigint)
RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT coalesce((SELECT c.none_due_before FROM project_counter c WHERE c.project_id = p_project AND c.shard = 0),
                  '-infinity')
$$;
