-- Each change of a project makes another version of it: what is done with the project as it was read is refused then.
CREATE OR REPLACE FUNCTION workbee_project_changed()
RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.version := OLD.version + 1;
  RETURN NEW;
END $$;
