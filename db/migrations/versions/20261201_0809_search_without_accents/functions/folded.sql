-- A text as it is searched: folded to small letters without accents, so that "cafe" finds "Café". An index may be made
-- by it, though not by `unaccent` itself: an administrator could change its rules. Its cost keeps plans from asking it
-- of row after row.
CREATE OR REPLACE FUNCTION workbee_folded(p_text text) RETURNS text
  LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1000 SET search_path FROM CURRENT AS $$
BEGIN
  RETURN lower(unaccent(p_text));
END $$;
