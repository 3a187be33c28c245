-- A project comes to hand out breadth first: from now on its tasks are in the order of their runs.
CREATE OR REPLACE FUNCTION workbee_breadth_begins()
RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE task_slots s SET breadth = s.n_runs WHERE s.project_id = NEW.id AND s.breadth <> s.n_runs;
  RETURN NULL;
END $$;
