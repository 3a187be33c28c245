-- Refuse what only the triggers of `task` may do.
CREATE OR REPLACE FUNCTION workbee_slots_follow_tasks()
RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'slots are made, removed and moved with their task, which stays in its project'
    USING ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'slots_follow_tasks';
END $$;
