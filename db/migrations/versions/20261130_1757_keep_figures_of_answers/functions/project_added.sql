-- Projects come with statistics and with their first counter.
CREATE OR REPLACE FUNCTION workbee_project_added() RETURNS trigger LANGUAGE plpgsql
  SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
  INSERT INTO project_stats (project_id) SELECT id FROM added;
  INSERT INTO project_counter (project_id, shard) SELECT id, 0 FROM added;
  INSERT INTO project_change (project_id) SELECT id FROM added;
  RETURN NULL;
END $$;
