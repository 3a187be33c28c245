-- A project comes to hand out breadth first: from now on its tasks are in the order of their runs. Slots are locked by
-- task, as everybody does who locks several, so that nobody waits in a circle.
CREATE OR REPLACE FUNCTION workbee_breadth_begins()
RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM task_slots s WHERE s.project_id = NEW.id AND s.breadth <> s.n_runs ORDER BY s.task_id FOR UPDATE;
  UPDATE task_slots s SET breadth = s.n_runs WHERE s.project_id = NEW.id AND s.breadth <> s.n_runs;
  -- Nobody has noticed, meanwhile, what came before cursors in that order.
  UPDATE project_counter c SET list_generation = c.list_generation + 1
  WHERE c.project_id = NEW.id AND c.shard = 0;
  RETURN NULL;
END $$;
