-- By what lists may be ordered (`project_order`): a number or a text of the project for each order.
CREATE OR REPLACE FUNCTION workbee_project_orders(p_project_id bigint)
RETURNS TABLE (orderby text, number double precision, words text)
LANGUAGE plpgsql STABLE ROWS 18 AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY SELECT o.orderby, o.number, o.words
  FROM project p JOIN users u ON u.id = p.owner_id
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(c.n_tasks), 0) AS n_tasks, coalesce(sum(c.n_completed_tasks), 0) AS n_completed_tasks,
           coalesce(sum(c.n_task_runs), 0) AS n_task_runs, coalesce(sum(c.n_results), 0) AS n_results,
           coalesce(sum(c.n_volunteers), 0) AS n_volunteers, max(c.last_activity) AS last_activity
    FROM project_counter c WHERE c.project_id = p.id
  ) n
  CROSS JOIN LATERAL (VALUES
    ('id', p.id::double precision, NULL),
    ('name', NULL, left(lower(p.name), 500)),
    ('short_name', NULL, left(lower(p.short_name), 500)),
    ('description', NULL, p.description),
    ('created', extract(epoch FROM p.created)::double precision, NULL),
    ('updated', extract(epoch FROM p.updated)::double precision, NULL),
    ('category_id', p.category_id, NULL),
    ('featured', p.featured::int, NULL),
    ('owner', NULL, left(lower(u.fullname), 500)),
    ('owner_id', p.owner_id, NULL),
    ('n_tasks', n.n_tasks, NULL),
    ('n_completed_tasks', n.n_completed_tasks, NULL),
    ('n_task_runs', n.n_task_runs, NULL),
    ('n_results', n.n_results, NULL),
    ('n_volunteers', n.n_volunteers, NULL),
    ('n_blogposts', (SELECT count(*) FROM blogpost b WHERE b.project_id = p.id AND b.published), NULL),
    ('overall_progress', CASE WHEN n.n_tasks > 0 THEN n.n_completed_tasks * 100.0 / n.n_tasks ELSE 0 END, NULL),
    ('last_activity', extract(epoch FROM n.last_activity), NULL)
  ) o (orderby, number, words)
  WHERE p.id = p_project_id;
END $$;
