-- A post of a project came, went, or is shown now or no longer: lists ordered by their number follow.
CREATE OR REPLACE FUNCTION workbee_post_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO project_change (project_id) VALUES (CASE TG_OP WHEN 'DELETE' THEN OLD.project_id ELSE NEW.project_id END);
  RETURN NULL;
END $$;
