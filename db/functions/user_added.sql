-- Accounts come with a score, and are ranked.
CREATE OR REPLACE FUNCTION workbee_user_added() RETURNS trigger LANGUAGE plpgsql
  SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
  INSERT INTO user_score (user_id) SELECT id FROM added ON CONFLICT DO NOTHING;
  INSERT INTO user_change (user_id) SELECT id FROM added;
  RETURN NULL;
END $$;
