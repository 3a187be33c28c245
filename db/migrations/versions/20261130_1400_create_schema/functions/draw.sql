-- The part asked for of a contributor's list: its first task leased, the others offered (docs/assignment.md). The list
-- is the open tasks that they have not answered, and the one that they have leased, in an indexed order (`p_order`,
-- db/orders.py) or sorted by an expression (`p_sort`). An error of ours (WB001) if the project is not at the version
-- that the caller has read. In a batch (`p_single` false, `db.batching`) it waits for nobody and looks at nothing that
-- takes long: it returns a row of nulls instead, and is to be called by itself.
CREATE OR REPLACE FUNCTION workbee_draw(p_project_id bigint, p_contributor text, p_order text, p_sort text,
  p_any_state boolean, p_leases boolean, p_limit bigint, p_offset bigint, p_lease_seconds bigint, p_version bigint,
  p_single boolean DEFAULT true)
RETURNS TABLE (id bigint, created timestamptz, project_id bigint, state text, quorum int, calibration int,
  priority_0 double precision, info text, n_answers int, fav_user_ids bigint[]) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_is_current boolean;
  v_is_overdue boolean;
  v_leased bigint;
  v_ahead bigint;
  v_first bigint;
  v_ids bigint[];
  v_cursor bigint[];
BEGIN
  -- What one contributor does is done one after the other: two draws at once lease one task, not two.
  IF p_single THEN
    PERFORM pg_advisory_xact_lock(hashtextextended(p_contributor, p_project_id));
  ELSIF NOT pg_try_advisory_xact_lock(hashtextextended(p_contributor, p_project_id)) THEN
    RETURN NEXT;
    RETURN;
  END IF;
  -- Subqueries and not EXISTS, which drops the order within it, and with that the choice of the index.
  SELECT (SELECT p.version = p_version FROM project p WHERE p.id = p_project_id),
    (SELECT a.task_id FROM assignment a
     WHERE (a.project_id, a.contributor) >= (p_project_id, p_contributor)
       AND (a.project_id, a.contributor) <= (p_project_id, p_contributor) AND a.state = 'leased'
     ORDER BY a.project_id, a.contributor LIMIT 1),
    (SELECT true FROM assignment a
     WHERE a.project_id = p_project_id AND a.state IN ('leased', 'reserved') AND a.deadline <= now()
       AND a.deadline >= workbee_deadline_watermark(p_project_id)
     ORDER BY a.deadline LIMIT 1)
  INTO v_is_current, v_leased, v_is_overdue;
  IF v_is_current IS NOT TRUE THEN
    PERFORM workbee_stale_version();
  END IF;
  IF v_is_overdue AND NOT p_single THEN
    RETURN NEXT;
    RETURN;
  ELSIF v_is_overdue THEN
    PERFORM workbee_expire_leases(p_project_id, false);
    SELECT a.task_id INTO v_leased FROM assignment a
    WHERE (a.project_id, a.contributor) >= (p_project_id, p_contributor)
      AND (a.project_id, a.contributor) <= (p_project_id, p_contributor) AND a.state = 'leased'
    ORDER BY a.project_id, a.contributor LIMIT 1;
  END IF;
  IF p_order IS NOT NULL AND NOT p_any_state THEN
    v_cursor := workbee_cursor(p_project_id, p_contributor, p_order, p_single);
    IF v_cursor = '{}' THEN
      RETURN NEXT;
      RETURN;
    END IF;
  END IF;
  IF p_leases AND p_offset = 0 THEN
    -- Mostly nothing comes before the task that somebody has leased already. So that is looked for without a lock
    -- first: who only asks again then writes nothing.
    IF v_leased IS NOT NULL AND p_sort <> 'random()' THEN
      v_ahead := (SELECT l FROM workbee_open_tasks(p_project_id, p_contributor, p_order, p_sort, false, NULL, v_leased,
                                                   1, 0, v_cursor) l);
    END IF;
    IF v_leased IS NULL
       OR (v_ahead IS NOT NULL AND NOT workbee_precedes(p_order, p_sort, v_leased, v_ahead)) THEN
      v_first := workbee_lock_first_open(p_project_id, p_contributor, p_order, p_sort, false, v_cursor);
    END IF;
    IF NOT p_single AND (v_leased IS NULL) = (v_first IS NULL) THEN
      -- Either there is a slot to be let go of, or none was found.
      RETURN NEXT;
      RETURN;
    END IF;
    IF v_leased IS NOT NULL THEN
      IF v_first IS NOT NULL AND NOT workbee_precedes(p_order, p_sort, v_leased, v_first) THEN
        UPDATE assignment a SET state = 'offered', deadline = NULL
        WHERE a.task_id = v_leased AND a.contributor = p_contributor;
        UPDATE task_slots s SET n_leased = s.n_leased - 1 WHERE s.task_id = v_leased;
      ELSE
        UPDATE assignment a SET requested_at = now(), deadline = now() + make_interval(secs => p_lease_seconds)
        WHERE a.task_id = v_leased AND a.contributor = p_contributor AND a.requested_at < now() - interval '5 seconds';
        v_first := NULL;
      END IF;
    ELSIF v_first IS NULL THEN
      -- Nothing found must mean that nothing is left, not that a row was locked or a lease has not expired yet.
      v_first := workbee_lock_first_open(p_project_id, p_contributor, p_order, p_sort, true, NULL);
      IF v_first IS NULL THEN
        PERFORM workbee_expire_leases(p_project_id, true);
        v_first := coalesce(workbee_lock_first_open(p_project_id, p_contributor, p_order, p_sort, true, NULL),
                            workbee_steal_lease(p_project_id, p_contributor, p_lease_seconds));
      END IF;
      IF v_first IS NULL THEN
        RETURN;
      END IF;
    END IF;
    IF v_first IS NULL THEN
      v_first := v_leased;
    ELSE
      UPDATE task_slots s SET n_leased = s.n_leased + 1 WHERE s.task_id = v_first;
      INSERT INTO assignment AS a (task_id, project_id, contributor, state, requested_at, deadline)
      VALUES (v_first, p_project_id, p_contributor, 'leased', now(), now() + make_interval(secs => p_lease_seconds))
      ON CONFLICT (task_id, contributor) DO UPDATE
        SET state = 'leased', requested_at = excluded.requested_at, deadline = excluded.deadline
        WHERE a.state = 'offered';
      IF NOT FOUND THEN
        RAISE EXCEPTION 'the task was answered while it was drawn' USING ERRCODE = 'serialization_failure';
      END IF;
    END IF;
    v_ids := ARRAY[v_first];
    IF p_limit > 1 THEN
      v_ids := v_ids || ARRAY(SELECT l FROM workbee_open_tasks(p_project_id, p_contributor, p_order, p_sort,
                                                               p_any_state, NULL, v_first, p_limit - 1, 0, v_cursor) l);
    END IF;
  ELSE
    v_ids := ARRAY(SELECT l FROM workbee_open_tasks(p_project_id, p_contributor, p_order, p_sort, p_any_state, v_leased,
                                                    NULL, p_limit, p_offset, v_cursor) l);
    IF v_cursor IS NOT NULL AND cardinality(v_ids) < p_limit THEN
      IF NOT p_single THEN
        RETURN NEXT;
        RETURN;
      END IF;
      v_ids := ARRAY(SELECT l FROM workbee_open_tasks(p_project_id, p_contributor, p_order, p_sort, p_any_state,
                                                      v_leased, NULL, p_limit, p_offset, NULL) l);
    END IF;
  END IF;
  IF cardinality(v_ids) > 1 OR v_first IS NULL THEN
    INSERT INTO assignment AS a (task_id, project_id, contributor, state, requested_at)
    SELECT l, p_project_id, p_contributor, 'offered', now() FROM unnest(v_ids) l WHERE l IS DISTINCT FROM v_first
    ON CONFLICT (task_id, contributor) DO UPDATE SET requested_at = excluded.requested_at WHERE a.state = 'offered';
  END IF;
  RETURN QUERY SELECT t.id, t.created, t.project_id, t.state, t.quorum, t.calibration, t.priority_0, t.info::text,
    t.n_answers, t.fav_user_ids
  FROM unnest(v_ids) WITH ORDINALITY l (task_id, place) JOIN task t ON t.id = l.task_id ORDER BY l.place;
END $$;
