-- Each change of a project makes another version of it: what is done with the project as it was read is refused then.
-- Lists and the site's totals follow.
CREATE OR REPLACE FUNCTION workbee_project_changed()
RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.published, NEW.featured, NEW.category_id, NEW.owner_id, NEW.name, NEW.short_name, NEW.description,
      NEW.updated, NEW.info ->> 'passwd_hash', NEW.info ->> 'thumbnail')
     IS DISTINCT FROM (OLD.published, OLD.featured, OLD.category_id, OLD.owner_id, OLD.name, OLD.short_name,
      OLD.description, OLD.updated, OLD.info ->> 'passwd_hash', OLD.info ->> 'thumbnail') THEN
    INSERT INTO project_change (project_id) VALUES (NEW.id);
  END IF;
  NEW.version := OLD.version + 1;
  RETURN NEW;
END $$;
