-- The figures count the rows of a table up to `p_top` that were visible: `p_seen` are their ids above the watermark,
-- and those that were missing until now. No transaction below `p_xmin` was under way when they were looked for.
CREATE OR REPLACE FUNCTION workbee_figures_have_seen(p_source text, p_top bigint, p_seen int8multirange, p_xmin bigint)
RETURNS void LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_before int8multirange;
  v_missing int8multirange;
BEGIN
  SELECT missing_before - p_seen,
    missing - p_seen
      + CASE WHEN p_top > watermark THEN int8multirange(int8range(watermark + 1, p_top + 1)) - p_seen ELSE '{}' END
  INTO v_before, v_missing FROM figure_state WHERE source = p_source;
  UPDATE figure_state SET watermark = greatest(watermark, coalesce(p_top, 0)),
    missing = CASE WHEN ended THEN '{}' ELSE v_missing END,
    missing_before = CASE WHEN ended THEN v_missing ELSE v_before END,
    missing_until = CASE WHEN ended THEN pg_snapshot_xmax(pg_current_snapshot())::text::bigint ELSE missing_until END
  FROM (SELECT isempty(v_before) OR p_xmin >= missing_until AS ended FROM figure_state WHERE source = p_source) f
  WHERE source = p_source AND (p_top > watermark OR NOT isempty(missing) OR NOT isempty(missing_before));
END $$;
