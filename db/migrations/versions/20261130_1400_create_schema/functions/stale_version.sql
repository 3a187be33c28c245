-- An error of ours: what the caller knows of the project is not so any more.
CREATE OR REPLACE FUNCTION workbee_stale_version()
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the project has changed since it was read' USING ERRCODE = 'WB001';
END $$;
