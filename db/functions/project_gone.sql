-- A project that went: the site's totals forget it.
CREATE OR REPLACE FUNCTION workbee_project_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO project_change (project_id) VALUES (OLD.id);
  RETURN NULL;
END $$;
