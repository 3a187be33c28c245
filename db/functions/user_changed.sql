-- An account that went, or is shown in rankings now or no longer.
CREATE OR REPLACE FUNCTION workbee_user_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO user_change (user_id) VALUES (OLD.id);
  INSERT INTO project_change (project_id) SELECT id FROM project WHERE owner_id = OLD.id;
  RETURN NULL;
END $$;
