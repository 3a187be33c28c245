-- Rows that come with others, and counts that follow what they count in the same transaction. Triggers work on whole
-- statements (transition tables): a bulk insert of a million tasks costs one pass more, not a million function calls.
-- Answers count themselves (`workbee_submit`), so that they touch no shard but their own.

CREATE TRIGGER user_added AFTER INSERT ON users REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION workbee_user_added();
CREATE TRIGGER project_added AFTER INSERT ON project REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION workbee_project_added();
CREATE TRIGGER project_changed BEFORE UPDATE ON project FOR EACH ROW
  WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION workbee_project_changed();
CREATE TRIGGER breadth_begins AFTER UPDATE OF info ON project FOR EACH ROW
  WHEN (NEW.info ->> 'sched' = 'breadth_first' AND OLD.info ->> 'sched' IS DISTINCT FROM 'breadth_first')
  EXECUTE FUNCTION workbee_breadth_begins();

CREATE TRIGGER task_added AFTER INSERT ON task REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION workbee_task_added();
CREATE TRIGGER task_changed AFTER UPDATE ON task REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION workbee_task_changed();
CREATE TRIGGER task_removed AFTER DELETE ON task REFERENCING OLD TABLE AS removed
  FOR EACH STATEMENT EXECUTE FUNCTION workbee_task_removed();
CREATE TRIGGER run_removed AFTER DELETE ON task_run REFERENCING OLD TABLE AS removed
  FOR EACH STATEMENT EXECUTE FUNCTION workbee_run_removed();
CREATE TRIGGER results_added AFTER INSERT ON result REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION workbee_results_changed();
CREATE TRIGGER results_changed AFTER UPDATE ON result REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION workbee_results_changed();
CREATE TRIGGER results_removed AFTER DELETE ON result REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION workbee_results_changed();

-- Cursors may be void when tasks come, move or are open again.
CREATE TRIGGER task_added_changes_lists AFTER INSERT ON task REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION workbee_list_changed();
CREATE TRIGGER task_changed_changes_lists AFTER UPDATE ON task REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION workbee_list_changed();
CREATE TRIGGER run_removed_changes_lists AFTER DELETE ON task_run REFERENCING OLD TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION workbee_list_changed();

-- At depth 0 a statement of somebody's own runs, deeper that of a trigger.
CREATE TRIGGER slots_follow_tasks BEFORE INSERT OR DELETE ON task_slots
  FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION workbee_slots_follow_tasks();
CREATE TRIGGER slots_stay BEFORE UPDATE OF task_id, project_id ON task_slots
  FOR EACH STATEMENT EXECUTE FUNCTION workbee_slots_follow_tasks();
CREATE TRIGGER task_stays BEFORE UPDATE OF id, project_id ON task
  FOR EACH STATEMENT EXECUTE FUNCTION workbee_slots_follow_tasks();
