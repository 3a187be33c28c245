-- The asked part of a contributor's list: its first task held, the rest lent (docs/assignment.md). The list is the
-- open tasks that they have not answered, and the one that they hold, in the order `p_order`. An error of ours (WB001)
-- if the project's row is not of the version that the caller has read. Not alone in its transaction (`db.batching`), it
-- waits for nobody and looks at nothing that takes long: it returns a row of nulls instead, and is to be asked alone.
CREATE OR REPLACE FUNCTION workbee_draw(p_project bigint, p_contributor text, p_order text, p_random boolean,
  p_any boolean, p_holds boolean, p_limit int, p_offset int, p_hold int, p_version text, p_alone boolean DEFAULT true)
RETURNS TABLE (id bigint, created timestamptz, project_id bigint, state text, quorum int, calibration int,
  priority_0 double precision, info text, n_answers int, fav_user_ids bigint[]) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_is_current boolean;
  v_is_overdue boolean;
  v_held bigint;
  v_ahead bigint;
  v_first bigint;
  v_ids bigint[];
  v_place bigint[];
BEGIN
  -- What one contributor does is done one after the other: two draws at once hold one task, not two.
  IF p_alone THEN
    PERFORM pg_advisory_xact_lock(hashtextextended(p_contributor, p_project));
  ELSIF NOT pg_try_advisory_xact_lock(hashtextextended(p_contributor, p_project)) THEN
    RETURN NEXT;
    RETURN;
  END IF;
  -- Subqueries and not EXISTS, which drops the order within it, and with that the choice of the index.
  SELECT (SELECT p.xmin::text = p_version FROM project p WHERE p.id = p_project),
    (SELECT a.task_id FROM assignment a
     WHERE (a.project_id, a.contributor) >= (p_project, p_contributor)
       AND (a.project_id, a.contributor) <= (p_project, p_contributor) AND a.state = 'held'
     ORDER BY a.project_id, a.contributor LIMIT 1),
    (SELECT true FROM assignment a
     WHERE a.project_id = p_project AND a.state IN ('held', 'reserved') AND a.deadline <= now()
       AND a.deadline >= workbee_none_due_before(p_project)
     ORDER BY a.deadline LIMIT 1)
  INTO v_is_current, v_held, v_is_overdue;
  IF v_is_current IS NOT TRUE THEN
    PERFORM workbee_outdated();
  END IF;
  IF v_is_overdue AND NOT p_alone THEN
    RETURN NEXT;
    RETURN;
  ELSIF v_is_overdue THEN
    PERFORM workbee_reclaim(p_project, false);
    SELECT a.task_id INTO v_held FROM assignment a
    WHERE (a.project_id, a.contributor) >= (p_project, p_contributor)
      AND (a.project_id, a.contributor) <= (p_project, p_contributor) AND a.state = 'held'
    ORDER BY a.project_id, a.contributor LIMIT 1;
  END IF;
  IF NOT p_any THEN
    v_place := workbee_list_from(p_project, p_contributor, p_order, p_alone);
    IF v_place = '{}' THEN
      RETURN NEXT;
      RETURN;
    END IF;
  END IF;
  IF p_holds AND p_offset = 0 THEN
    -- Mostly nothing comes before the task that somebody holds already. So that is looked for without a lock first: who
    -- only asks again then writes nothing.
    IF v_held IS NOT NULL AND NOT p_random THEN
      v_ahead := (SELECT l FROM workbee_list(p_project, p_contributor, p_order, false, NULL, v_held, 1, 0, v_place) l);
    END IF;
    IF v_held IS NULL OR (v_ahead IS NOT NULL AND NOT workbee_comes_first(p_order, v_held, v_ahead)) THEN
      v_first := workbee_first_open(p_project, p_contributor, p_order, false, v_place);
    END IF;
    IF NOT p_alone AND (v_held IS NULL) = (v_first IS NULL) THEN
      -- Either there is a slot to be let go of, or none was found.
      RETURN NEXT;
      RETURN;
    END IF;
    IF v_held IS NOT NULL THEN
      IF v_first IS NOT NULL AND NOT workbee_comes_first(p_order, v_held, v_first) THEN
        UPDATE assignment a SET state = 'lent', deadline = NULL
        WHERE a.task_id = v_held AND a.contributor = p_contributor;
        UPDATE task_slots s SET n_held = s.n_held - 1 WHERE s.task_id = v_held;
      ELSE
        UPDATE assignment a SET requested_at = now(), deadline = now() + make_interval(secs => p_hold)
        WHERE a.task_id = v_held AND a.contributor = p_contributor AND a.requested_at < now() - interval '5 seconds';
        v_first := NULL;
      END IF;
    ELSIF v_first IS NULL THEN
      -- Nothing found must mean that nothing is left, not that a row was locked or a slot not yet taken back.
      v_first := workbee_first_open(p_project, p_contributor, p_order, true, NULL);
      IF v_first IS NULL THEN
        PERFORM workbee_reclaim(p_project, true);
        v_first := coalesce(workbee_first_open(p_project, p_contributor, p_order, true, NULL),
                            workbee_take_over(p_project, p_contributor, p_hold));
      END IF;
      IF v_first IS NULL THEN
        RETURN;
      END IF;
    END IF;
    IF v_first IS NULL THEN
      v_first := v_held;
    ELSE
      UPDATE task_slots s SET n_held = s.n_held + 1 WHERE s.task_id = v_first;
      INSERT INTO assignment AS a (task_id, project_id, contributor, state, requested_at, deadline)
      VALUES (v_first, p_project, p_contributor, 'held', now(), now() + make_interval(secs => p_hold))
      ON CONFLICT (task_id, contributor) DO UPDATE
        SET state = 'held', requested_at = excluded.requested_at, deadline = excluded.deadline WHERE a.state = 'lent';
      IF NOT FOUND THEN
        RAISE EXCEPTION 'the task was answered while it was drawn' USING ERRCODE = 'serialization_failure';
      END IF;
    END IF;
    v_ids := ARRAY[v_first];
    IF p_limit > 1 THEN
      v_ids := v_ids || ARRAY(SELECT l FROM workbee_list(p_project, p_contributor, p_order, p_any, NULL, v_first,
                                                         p_limit - 1, 0, v_place) l);
    END IF;
  ELSE
    v_ids := ARRAY(SELECT l FROM workbee_list(p_project, p_contributor, p_order, p_any, v_held, NULL,
                                              p_limit, p_offset, v_place) l);
    IF v_place IS NOT NULL AND cardinality(v_ids) < p_limit THEN
      IF NOT p_alone THEN
        RETURN NEXT;
        RETURN;
      END IF;
      v_ids := ARRAY(SELECT l FROM workbee_list(p_project, p_contributor, p_order, p_any, v_held, NULL,
                                                p_limit, p_offset, NULL) l);
    END IF;
  END IF;
  IF cardinality(v_ids) > 1 OR v_first IS NULL THEN
    INSERT INTO assignment AS a (task_id, project_id, contributor, state, requested_at)
    SELECT l, p_project, p_contributor, 'lent', now() FROM unnest(v_ids) l WHERE l IS DISTINCT FROM v_first
    ON CONFLICT (task_id, contributor) DO UPDATE SET requested_at = excluded.requested_at WHERE a.state = 'lent';
  END IF;
  RETURN QUERY SELECT t.id, t.created, t.project_id, t.state, t.quorum, t.calibration, t.priority_0, t.info::text,
    t.n_answers, t.fav_user_ids
  FROM unnest(v_ids) WITH ORDINALITY l (task_id, place) JOIN task t ON t.id = l.task_id ORDER BY l.place;
END $$;
