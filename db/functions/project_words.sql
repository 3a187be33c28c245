-- What a project is searched by: its names and descriptions, each in lines of its own.
CREATE OR REPLACE FUNCTION workbee_project_words(p_name text, p_short_name text, p_description text,
  p_long_description text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  RETURN left(workbee_folded(concat_ws(chr(10), p_name, p_short_name, p_description, p_long_description)), 100000);
END $$;
