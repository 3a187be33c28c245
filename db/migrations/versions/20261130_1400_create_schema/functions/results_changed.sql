-- How many tasks have a result with something in it.
CREATE OR REPLACE FUNCTION workbee_results_changed() RETURNS trigger LANGUAGE plpgsql
  SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    UPDATE project_counter c SET n_results = c.n_results + n.more
    FROM (SELECT project_id, count(*) AS more FROM new_rows
          WHERE info IS NOT NULL AND last_version GROUP BY project_id) n
    WHERE c.project_id = n.project_id AND c.shard = 0;
  ELSIF TG_OP = 'DELETE' THEN
    UPDATE project_counter c SET n_results = c.n_results - n.fewer
    FROM (SELECT project_id, count(*) AS fewer FROM old_rows
          WHERE info IS NOT NULL AND last_version GROUP BY project_id) n
    WHERE c.project_id = n.project_id AND c.shard = 0;
  ELSE
    UPDATE project_counter c SET n_results = c.n_results + n.more
    FROM (SELECT project_id, sum(n) AS more
          FROM (SELECT project_id, 1 AS n FROM new_rows WHERE info IS NOT NULL AND last_version
                UNION ALL SELECT project_id, -1 FROM old_rows WHERE info IS NOT NULL AND last_version) changes
          GROUP BY project_id) n
    WHERE c.project_id = n.project_id AND c.shard = 0 AND n.more <> 0;
  END IF;
  RETURN NULL;
END $$;
