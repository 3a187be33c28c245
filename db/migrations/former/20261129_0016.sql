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
  v_from bigint;
  v_holes bigint[];
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
    v_from := v_place[1];
    v_holes := v_place[2:];
  END IF;
  IF p_holds AND p_offset = 0 THEN
    -- Mostly nothing comes before the task that somebody holds already. So that is looked for without a lock first: who
    -- only asks again then writes nothing.
    IF v_held IS NOT NULL AND NOT p_random THEN
      v_ahead := (SELECT l FROM workbee_list(p_project, p_contributor, p_order, false, NULL, v_held, 1, 0, v_from,
                                            v_holes) l);
    END IF;
    IF v_held IS NULL OR (v_ahead IS NOT NULL AND NOT workbee_comes_first(p_order, v_held, v_ahead)) THEN
      v_first := workbee_first_open(p_project, p_contributor, p_order, false, v_from, v_holes);
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
      v_first := workbee_first_open(p_project, p_contributor, p_order, true, NULL, NULL);
      IF v_first IS NULL THEN
        PERFORM workbee_reclaim(p_project, true);
        v_first := coalesce(workbee_first_open(p_project, p_contributor, p_order, true, NULL, NULL),
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
                                                         p_limit - 1, 0, v_from, v_holes) l);
    END IF;
  ELSE
    v_ids := ARRAY(SELECT l FROM workbee_list(p_project, p_contributor, p_order, p_any, v_held, NULL,
                                              p_limit, p_offset, v_from, v_holes) l);
    IF v_from IS NOT NULL AND cardinality(v_ids) < p_limit THEN
      IF NOT p_alone THEN
        RETURN NEXT;
        RETURN;
      END IF;
      v_ids := ARRAY(SELECT l FROM workbee_list(p_project, p_contributor, p_order, p_any, v_held, NULL,
                                                p_limit, p_offset, NULL, NULL) l);
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
-- Where this contributor's list begins in this order, moved on if it is time, and after it the holes before that; null
-- where it is the beginning. Before that place everything but the holes is complete or answered by them, as long as
-- nothing was rearranged since. Empty if looking would take long, and others wait in the same transaction.
CREATE OR REPLACE FUNCTION workbee_list_from(p_project bigint, p_contributor text, p_order text, p_alone boolean)
RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
  v_rearranged bigint;
  v_from bigint;
  v_holes bigint[];
  v_since bigint;
  v_next bigint[];
BEGIN
  -- Read before the list is: what is rearranged later makes the place invalid.
  SELECT c.rearranged, CASE WHEN is_good THEN p.list_from END, CASE WHEN is_good THEN p.list_holes END,
    CASE WHEN is_good THEN p.n_runs - p.list_runs ELSE p.n_runs END
  INTO v_rearranged, v_from, v_holes, v_since
  FROM contributor_progress p JOIN project_counter c ON c.project_id = p.project_id AND c.shard = 0, LATERAL (
    SELECT coalesce(p.list_order = p_order AND p.list_rearranged = c.rearranged, false) AS is_good
  ) known
  WHERE p.project_id = p_project AND p.contributor = p_contributor;
  IF v_since > 1000 AND NOT p_alone THEN
    RETURN '{}';
  END IF;
  IF coalesce(v_since, 0) >= 8 THEN
    v_next := workbee_first_unanswered(p_project, p_contributor, p_order, v_from, v_holes);
    IF v_next IS NOT NULL THEN
      UPDATE contributor_progress p SET list_order = p_order, list_rearranged = v_rearranged, list_from = v_next[1],
        list_holes = nullif(v_next[2:], '{}'), list_runs = p.n_runs
      WHERE p.project_id = p_project AND p.contributor = p_contributor;
      RETURN v_next;
    END IF;
  END IF;
  RETURN CASE WHEN v_from IS NOT NULL THEN v_from || v_holes END;
END $$;
-- The first open task for a contributor in this order, its slots locked: passing over locked rows, or waiting for
-- them. `p_holes` are looked at first, then the list from `p_from` on. Each order has a statement of its own, so that its plan can be kept and only the index that serves it fits.
CREATE OR REPLACE FUNCTION workbee_first_open(p_project bigint, p_contributor text, p_order text, p_wait boolean,
  p_from bigint, p_holes bigint[])
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_task bigint;
  v_from bigint := coalesce(p_from, 0);
  v_priority double precision := '-Infinity';
  v_created timestamptz := '-infinity';
BEGIN
  IF p_holes <> '{}' THEN
    SELECT s.task_id INTO v_task FROM task_slots s WHERE s.task_id = ANY (p_holes) AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent' ORDER BY array_position(p_holes, s.task_id) LIMIT 1 FOR UPDATE OF s SKIP LOCKED;
    IF FOUND THEN
      RETURN v_task;
    END IF;
  END IF;
  IF p_from IS NOT NULL AND p_order <> 's.task_id' THEN
    SELECT -s.priority_0, s.created INTO v_priority, v_created FROM task_slots s WHERE s.task_id = p_from;
    IF NOT FOUND THEN
      v_from := 0;
      v_priority := '-Infinity';
      v_created := '-infinity';
    END IF;
  END IF;
  IF p_order = 's.task_id' AND p_wait THEN
    SELECT s.task_id INTO v_task FROM task_slots s WHERE (s.project_id, s.task_id) >= (p_project, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent' ORDER BY s.project_id, s.task_id LIMIT 1 FOR UPDATE OF s;
  ELSIF p_order = 's.task_id' THEN
    SELECT s.task_id INTO v_task FROM task_slots s WHERE (s.project_id, s.task_id) >= (p_project, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent' ORDER BY s.project_id, s.task_id LIMIT 1 FOR UPDATE OF s SKIP LOCKED;
  ELSIF p_order = 's.priority_0 DESC, s.task_id' AND p_wait THEN
    SELECT s.task_id INTO v_task FROM task_slots s WHERE (s.project_id, -s.priority_0, s.task_id) >= (p_project, v_priority, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent' ORDER BY s.project_id, -s.priority_0, s.task_id LIMIT 1 FOR UPDATE OF s;
  ELSIF p_order = 's.priority_0 DESC, s.task_id' THEN
    SELECT s.task_id INTO v_task FROM task_slots s WHERE (s.project_id, -s.priority_0, s.task_id) >= (p_project, v_priority, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent' ORDER BY s.project_id, -s.priority_0, s.task_id LIMIT 1 FOR UPDATE OF s SKIP LOCKED;
  ELSIF p_order = 's.created, s.task_id' AND p_wait THEN
    SELECT s.task_id INTO v_task FROM task_slots s WHERE (s.project_id, s.created, s.task_id) >= (p_project, v_created, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent' ORDER BY s.project_id, s.created, s.task_id LIMIT 1 FOR UPDATE OF s;
  ELSIF p_order = 's.created, s.task_id' THEN
    SELECT s.task_id INTO v_task FROM task_slots s WHERE (s.project_id, s.created, s.task_id) >= (p_project, v_created, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent' ORDER BY s.project_id, s.created, s.task_id LIMIT 1 FOR UPDATE OF s SKIP LOCKED;
  ELSIF p_order = 's.breadth, s.task_id' AND p_wait THEN
    SELECT s.task_id INTO v_task FROM task_slots s WHERE s.project_id >= p_project AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent' ORDER BY s.project_id, s.breadth, s.task_id LIMIT 1 FOR UPDATE OF s;
  ELSIF p_order = 's.breadth, s.task_id' THEN
    SELECT s.task_id INTO v_task FROM task_slots s WHERE s.project_id >= p_project AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent' ORDER BY s.project_id, s.breadth, s.task_id LIMIT 1 FOR UPDATE OF s SKIP LOCKED;
  ELSIF p_order = 's.breadth, s.priority_0 DESC, s.task_id' AND p_wait THEN
    SELECT s.task_id INTO v_task FROM task_slots s WHERE s.project_id >= p_project AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent' ORDER BY s.project_id, s.breadth, s.priority_0 DESC, s.task_id LIMIT 1 FOR UPDATE OF s;
  ELSIF p_order = 's.breadth, s.priority_0 DESC, s.task_id' THEN
    SELECT s.task_id INTO v_task FROM task_slots s WHERE s.project_id >= p_project AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent' ORDER BY s.project_id, s.breadth, s.priority_0 DESC, s.task_id LIMIT 1 FOR UPDATE OF s SKIP LOCKED;
  ELSE
    EXECUTE format('SELECT s.task_id FROM task_slots s JOIN task t ON t.id = s.task_id
      WHERE s.project_id = $1 AND s.is_open
        AND NOT EXISTS (SELECT 1 FROM assignment a WHERE a.task_id = s.task_id AND a.contributor = $2
                        AND a.state <> ''lent'')
      ORDER BY %s LIMIT 1 FOR UPDATE OF s %s', p_order, CASE WHEN p_wait THEN '' ELSE 'SKIP LOCKED' END)
    INTO v_task USING p_project, p_contributor;
  END IF;
  RETURN v_task;
END $$;
-- Part of a contributor's list in this order: open tasks, and the one that they hold (`p_held`) among them. The list
-- begins at `p_from`, but for the holes before that.
CREATE OR REPLACE FUNCTION workbee_list(p_project bigint, p_contributor text, p_order text, p_any boolean,
  p_held bigint, p_without bigint, p_limit int, p_offset int, p_from bigint, p_holes bigint[])
RETURNS SETOF bigint LANGUAGE plpgsql AS $$
DECLARE
  v_from bigint := coalesce(p_from, 0);
  v_priority double precision := '-Infinity';
  v_created timestamptz := '-infinity';
BEGIN
  IF p_from IS NOT NULL AND p_order <> 's.task_id' THEN
    SELECT -s.priority_0, s.created INTO v_priority, v_created FROM task_slots s WHERE s.task_id = p_from;
    IF NOT FOUND THEN
      v_from := 0;
      v_priority := '-Infinity';
      v_created := '-infinity';
      p_holes := NULL;
    END IF;
  END IF;
  IF p_order = 's.task_id' AND NOT p_any THEN
    RETURN QUERY SELECT s.task_id FROM (
      (SELECT s.* FROM task_slots s WHERE (s.project_id, s.task_id) >= (p_project, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent' ORDER BY s.project_id, s.task_id LIMIT p_limit + p_offset + 1)
      UNION ALL (SELECT s.* FROM task_slots s WHERE s.task_id = p_held)
      UNION ALL (SELECT s.* FROM task_slots s WHERE s.task_id = ANY (p_holes) AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent')
    ) s WHERE s.task_id IS DISTINCT FROM p_without ORDER BY s.task_id LIMIT p_limit OFFSET p_offset;
  ELSIF p_order = 's.priority_0 DESC, s.task_id' AND NOT p_any THEN
    RETURN QUERY SELECT s.task_id FROM (
      (SELECT s.* FROM task_slots s WHERE (s.project_id, -s.priority_0, s.task_id) >= (p_project, v_priority, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent' ORDER BY s.project_id, -s.priority_0, s.task_id LIMIT p_limit + p_offset + 1)
      UNION ALL (SELECT s.* FROM task_slots s WHERE s.task_id = p_held)
      UNION ALL (SELECT s.* FROM task_slots s WHERE s.task_id = ANY (p_holes) AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent')
    ) s WHERE s.task_id IS DISTINCT FROM p_without ORDER BY s.priority_0 DESC, s.task_id LIMIT p_limit OFFSET p_offset;
  ELSIF p_order = 's.created, s.task_id' AND NOT p_any THEN
    RETURN QUERY SELECT s.task_id FROM (
      (SELECT s.* FROM task_slots s WHERE (s.project_id, s.created, s.task_id) >= (p_project, v_created, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent' ORDER BY s.project_id, s.created, s.task_id LIMIT p_limit + p_offset + 1)
      UNION ALL (SELECT s.* FROM task_slots s WHERE s.task_id = p_held)
      UNION ALL (SELECT s.* FROM task_slots s WHERE s.task_id = ANY (p_holes) AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent')
    ) s WHERE s.task_id IS DISTINCT FROM p_without ORDER BY s.created, s.task_id LIMIT p_limit OFFSET p_offset;
  ELSIF p_order = 's.breadth, s.task_id' AND NOT p_any THEN
    RETURN QUERY SELECT s.task_id FROM (
      (SELECT s.* FROM task_slots s WHERE s.project_id >= p_project AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent' ORDER BY s.project_id, s.breadth, s.task_id LIMIT p_limit + p_offset + 1)
      UNION ALL (SELECT s.* FROM task_slots s WHERE s.task_id = p_held)
    ) s WHERE s.task_id IS DISTINCT FROM p_without ORDER BY s.breadth, s.task_id LIMIT p_limit OFFSET p_offset;
  ELSIF p_order = 's.breadth, s.priority_0 DESC, s.task_id' AND NOT p_any THEN
    RETURN QUERY SELECT s.task_id FROM (
      (SELECT s.* FROM task_slots s WHERE s.project_id >= p_project AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent' ORDER BY s.project_id, s.breadth, s.priority_0 DESC, s.task_id LIMIT p_limit + p_offset + 1)
      UNION ALL (SELECT s.* FROM task_slots s WHERE s.task_id = p_held)
    ) s WHERE s.task_id IS DISTINCT FROM p_without ORDER BY s.breadth, s.priority_0 DESC, s.task_id LIMIT p_limit OFFSET p_offset;
  ELSE
    -- Where the order is random, the task already held comes first, so that looking ahead shows others.
    RETURN QUERY EXECUTE format('SELECT s.task_id FROM (
      (SELECT s.* FROM task_slots s JOIN task t ON t.id = s.task_id
       WHERE s.project_id = $1 %1$s
         AND NOT EXISTS (SELECT 1 FROM assignment a WHERE a.task_id = s.task_id AND a.contributor = $2
                         AND a.state <> ''lent'')
       ORDER BY %2$s LIMIT $5 + $6 + 1)
      UNION ALL (SELECT s.* FROM task_slots s WHERE s.task_id = $3)
    ) s JOIN task t ON t.id = s.task_id WHERE s.task_id IS DISTINCT FROM $4
    ORDER BY %3$s %2$s LIMIT $5 OFFSET $6', CASE WHEN p_any THEN '' ELSE 'AND s.is_open' END, p_order,
      CASE WHEN p_order = 'random()' THEN '(s.task_id IS NOT DISTINCT FROM $3) DESC,' ELSE '' END)
    USING p_project, p_contributor, p_held, p_without, p_limit, p_offset;
  END IF;
END $$;
-- Where this contributor's list may begin in this order, and after it the holes before that: tasks that they could still
-- be given once somebody lets go of a slot. `p_from` and `p_holes` are the place and the holes that are known. Null if
-- nothing is open to them. Stable, so that all parts see the same moment: a task that is neither complete nor open is
-- held by somebody.
CREATE OR REPLACE FUNCTION workbee_first_unanswered(p_project bigint, p_contributor text, p_order text, p_from bigint,
  p_holes bigint[])
RETURNS bigint[] LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_first bigint;
  v_all bigint[];
  v_from bigint := coalesce(p_from, 0);
  v_priority double precision := '-Infinity';
  v_created timestamptz := '-infinity';
BEGIN
  IF p_from IS NOT NULL AND p_order <> 's.task_id' THEN
    SELECT -s.priority_0, s.created INTO v_priority, v_created FROM task_slots s WHERE s.task_id = p_from;
    IF NOT FOUND THEN
      v_from := 0;
      v_priority := '-Infinity';
      v_created := '-infinity';
    END IF;
  END IF;
  IF p_order = 's.task_id' THEN
    SELECT s.task_id INTO v_first FROM task_slots s WHERE (s.project_id, s.task_id) >= (p_project, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') NOT IN ('counted', 'surplus')
    ORDER BY s.project_id, s.task_id LIMIT 1;
  ELSIF p_order = 's.priority_0 DESC, s.task_id' THEN
    SELECT s.task_id INTO v_first FROM task_slots s WHERE (s.project_id, -s.priority_0, s.task_id) >= (p_project, v_priority, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') NOT IN ('counted', 'surplus')
    ORDER BY s.project_id, -s.priority_0, s.task_id LIMIT 1;
  ELSIF p_order = 's.created, s.task_id' THEN
    SELECT s.task_id INTO v_first FROM task_slots s WHERE (s.project_id, s.created, s.task_id) >= (p_project, v_created, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') NOT IN ('counted', 'surplus')
    ORDER BY s.project_id, s.created, s.task_id LIMIT 1;
  END IF;
  IF v_first IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT array_agg(s.task_id ORDER BY
    CASE p_order WHEN 's.priority_0 DESC, s.task_id' THEN -s.priority_0 END,
    CASE p_order WHEN 's.created, s.task_id' THEN s.created END, s.task_id)
  INTO v_all
  FROM task_slots s
  WHERE s.task_id = ANY (ARRAY(SELECT h.task_id FROM assignment h
                               WHERE h.project_id = p_project AND h.state IN ('held', 'reserved')) || p_holes || v_first)
    AND (s.task_id = v_first OR (NOT s.completed AND (NOT s.is_open OR s.task_id = ANY (p_holes))
      AND coalesce((SELECT a.state FROM assignment a
                    WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') NOT IN ('counted', 'surplus')));
  -- More holes than can be looked at each time: the list begins with the first that is too many.
  v_all := v_all[1:least(array_position(v_all, v_first), 51)];
  RETURN v_all[cardinality(v_all)] || v_all[1:cardinality(v_all) - 1];
END $$;
-- Whether the project has a task that is not complete and that this contributor has not answered: one that they hold, an
-- open one, or one that others hold. Open ones are looked for from the remembered place on (`workbee_list_from`), and
-- only where nothing is found from the beginning: the place is a hint. Stable, so that all looks see the same moment.
CREATE OR REPLACE FUNCTION workbee_anything_left(p_project bigint, p_contributor text)
RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_held bigint;
  v_order text;
  v_from bigint;
  v_holes bigint[];
BEGIN
  SELECT (SELECT a.task_id FROM assignment a
          WHERE (a.project_id, a.contributor) >= (p_project, p_contributor)
            AND (a.project_id, a.contributor) <= (p_project, p_contributor) AND a.state = 'held'
          ORDER BY a.project_id, a.contributor LIMIT 1),
    place.* INTO v_held, v_order, v_from, v_holes
  FROM (SELECT 1) one LEFT JOIN (
    SELECT p.list_order, p.list_from, p.list_holes
    FROM contributor_progress p JOIN project_counter c ON c.project_id = p.project_id AND c.shard = 0
    WHERE p.project_id = p_project AND p.contributor = p_contributor AND p.list_rearranged = c.rearranged
  ) place ON true;
  IF v_held IS NOT NULL THEN
    RETURN true;
  END IF;
  IF v_from IS NOT NULL THEN
    PERFORM FROM workbee_list(p_project, p_contributor, v_order, false, NULL, NULL, 1, 0, v_from, v_holes);
    IF FOUND THEN
      RETURN true;
    END IF;
  END IF;
  PERFORM FROM workbee_list(p_project, p_contributor, 's.task_id', false, NULL, NULL, 1, 0, NULL, NULL);
  IF FOUND THEN
    RETURN true;
  END IF;
  -- What is neither complete nor open is held by others, of whom there are as many as there are people at work. A
  -- subquery with an order that only the meant index has: within EXISTS it would be dropped.
  RETURN coalesce((
    SELECT true FROM assignment h WHERE h.project_id = p_project AND h.state IN ('held', 'reserved')
      AND coalesce((SELECT a.state FROM assignment a WHERE a.task_id = h.task_id AND a.contributor = p_contributor),
                   'lent') NOT IN ('counted', 'surplus')
    ORDER BY h.deadline LIMIT 1), false);
END $$;
-- Tasks were added before others, opened again or moved, or runs removed: every remembered place in a list of the
-- project is void.
CREATE OR REPLACE FUNCTION workbee_rearranged()
RETURNS trigger LANGUAGE plpgsql SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NOT EXISTS (
      SELECT 1 FROM (SELECT project_id, max(priority_0) AS highest FROM new_rows GROUP BY project_id) n
      WHERE n.highest > (SELECT s.priority_0 FROM task_slots s WHERE s.project_id = n.project_id AND s.is_open
                         ORDER BY s.project_id DESC, -s.priority_0 DESC, s.task_id DESC LIMIT 1)
    ) THEN
      RETURN NULL;
    END IF;
  ELSIF TG_OP = 'UPDATE' THEN
    -- A completed task leaves every list, and changes no other place.
    IF NOT EXISTS (SELECT id, priority_0, n_answers, state FROM new_rows WHERE state = 'ongoing'
                   EXCEPT SELECT id, priority_0, n_answers, state FROM old_rows) THEN
      RETURN NULL;
    END IF;
  END IF;
  UPDATE project_counter c SET rearranged = c.rearranged + 1
  FROM (SELECT DISTINCT project_id FROM new_rows) n WHERE c.project_id = n.project_id AND c.shard = 0;
  RETURN NULL;
END $$;
-- A project comes to hand out breadth first: from now on its tasks are in the order of their runs. Slots are locked by
-- task, as everybody does who locks several, so that nobody waits in a circle.
CREATE OR REPLACE FUNCTION workbee_breadth_begins()
RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM task_slots s WHERE s.project_id = NEW.id AND s.breadth <> s.n_runs ORDER BY s.task_id FOR UPDATE;
  UPDATE task_slots s SET breadth = s.n_runs WHERE s.project_id = NEW.id AND s.breadth <> s.n_runs;
  RETURN NULL;
END $$;
