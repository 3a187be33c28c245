-- What a project is searched by follows it.
CREATE OR REPLACE FUNCTION workbee_project_searched() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO project_search AS s (project_id, words)
  VALUES (NEW.id, workbee_project_words(NEW.name, NEW.short_name, NEW.description, NEW.long_description))
  ON CONFLICT (project_id) DO UPDATE SET words = excluded.words WHERE s.words <> excluded.words;
  RETURN NULL;
END $$;
