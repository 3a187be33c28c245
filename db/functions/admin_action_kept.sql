-- The record of what administrators did is only added to.
CREATE OR REPLACE FUNCTION workbee_admin_action_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'what administrators did is neither changed nor deleted' USING ERRCODE = 'restrict_violation';
END $$;
