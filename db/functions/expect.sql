-- The project, if its row is still of the version that it was read in; an error of ours otherwise.
CREATE OR REPLACE FUNCTION workbee_expect(p_project bigint, p_version text)
RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM project p WHERE p.id = p_project AND p.xmin::text = p_version) THEN
    RAISE EXCEPTION 'the project has changed since it was read' USING ERRCODE = 'WB001';
  END IF;
  RETURN p_project;
END $$;
