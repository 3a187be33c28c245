-- What an account is searched by: its names, each in a line of its own.
CREATE OR REPLACE FUNCTION workbee_names(p_name text, p_fullname text) RETURNS text
  LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1000 SET search_path FROM CURRENT AS $$
BEGIN
  RETURN workbee_folded(p_name || chr(10) || p_fullname);
END $$;
