-- How many tasks have a result with something in it; what the figures have to know of results that they count.
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
    INSERT INTO result_change (result_id, sign, project_id, created)
    SELECT id, -1, project_id, created FROM old_rows WHERE last_version;
    INSERT INTO project_change (project_id) SELECT DISTINCT project_id FROM old_rows;
  ELSE
    WITH counted AS (
      UPDATE project_counter c SET n_results = c.n_results + n.more
      FROM (SELECT project_id, sum(n) AS more
            FROM (SELECT project_id, 1 AS n FROM new_rows WHERE info IS NOT NULL AND last_version
                  UNION ALL SELECT project_id, -1 FROM old_rows WHERE info IS NOT NULL AND last_version) changes
            GROUP BY project_id) n
      WHERE c.project_id = n.project_id AND c.shard = 0 AND n.more <> 0
      RETURNING c.project_id
    )
    INSERT INTO project_change (project_id) SELECT project_id FROM counted;
    INSERT INTO result_change (result_id, sign, project_id, created)
    SELECT s.id, s.sign, s.project_id, s.created FROM old_rows o JOIN new_rows n ON n.id = o.id
    CROSS JOIN LATERAL (
      SELECT o.id, -1 AS sign, o.project_id, o.created WHERE o.last_version
      UNION ALL SELECT n.id, 1, n.project_id, n.created WHERE n.last_version
    ) s
    WHERE (o.last_version, o.project_id, o.created) IS DISTINCT FROM (n.last_version, n.project_id, n.created);
  END IF;
  RETURN NULL;
END $$;
