-- Written by db/functions/ordered.py: change that, not this.
-- The generation of a project's list in this order: a cursor is void once it is another. It changes whenever tasks may
-- have come before some cursor; where new ones come first, also whenever tasks are added.
CREATE OR REPLACE FUNCTION workbee_generation(p_order text, p_list bigint, p_insertions bigint)
RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN p_order IN ('breadth', 'breadth_priority') THEN p_list + p_insertions ELSE p_list END
$$;
