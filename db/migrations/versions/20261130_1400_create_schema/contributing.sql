-- Tasks, who was given them, answers and results. `task_slots` has no foreign key: its rows come and go with their
-- tasks by triggers, for a key costs a statement a row, a quarter of the work of an import.

CREATE TABLE task (
  id bigserial,
  created timestamptz DEFAULT now() NOT NULL,
  project_id bigint NOT NULL,
  state text DEFAULT 'ongoing' NOT NULL,
  quorum integer DEFAULT 0 NOT NULL,
  calibration integer DEFAULT 0 NOT NULL,
  priority_0 double precision DEFAULT 0 NOT NULL,
  info jsonb,
  n_answers integer DEFAULT 30 NOT NULL,
  fav_user_ids bigint[],
  info_hash bytea GENERATED ALWAYS AS (decode(md5(info::text), 'hex')) STORED,
  CONSTRAINT pk_task PRIMARY KEY (id),
  CONSTRAINT uq_task_project_id_id UNIQUE (project_id, id),
  CONSTRAINT fk_task_project_id_project FOREIGN KEY (project_id) REFERENCES project (id) ON DELETE CASCADE,
  CONSTRAINT ck_task_state_known CHECK (state IN ('ongoing', 'completed')),
  CONSTRAINT ck_task_n_answers_positive CHECK (n_answers > 0),
  CONSTRAINT ck_task_sizes CHECK (char_length(state) <= 100 AND pg_column_size(info) <= 25165824)
);
CREATE INDEX ix_task_info ON task USING gin (info jsonb_path_ops);
CREATE INDEX ix_task_project_id_info_hash ON task (project_id, info_hash);
CREATE INDEX ix_task_project_id_state_id ON task (project_id, state, id);
CREATE INDEX ix_task_fav_user_ids ON task USING gin (fav_user_ids) WHERE fav_user_ids IS NOT NULL;
CREATE INDEX ix_task_created ON task USING brin (created) WITH (autosummarize = on);

CREATE TABLE task_slots (
  task_id bigint NOT NULL,
  project_id bigint NOT NULL,
  priority_0 double precision DEFAULT 0 NOT NULL,
  created timestamptz DEFAULT now() NOT NULL,
  n_answers integer NOT NULL,
  ceiling integer NOT NULL,
  n_counted integer DEFAULT 0 NOT NULL,
  n_leased integer DEFAULT 0 NOT NULL,
  n_runs integer DEFAULT 0 NOT NULL,
  is_open boolean GENERATED ALWAYS AS (n_counted + n_leased < n_answers) STORED NOT NULL,
  completed boolean DEFAULT false NOT NULL,
  breadth integer DEFAULT 0 NOT NULL,
  CONSTRAINT pk_task_slots PRIMARY KEY (task_id),
  CONSTRAINT ck_task_slots_ceiling_high_enough CHECK (ceiling >= n_answers),
  CONSTRAINT ck_task_slots_ceiling_kept CHECK (n_counted + n_leased <= ceiling),
  CONSTRAINT ck_task_slots_counts_sane CHECK (n_counted >= 0 AND n_leased >= 0 AND n_runs >= n_counted)
) WITH (
  fillfactor = 80, autovacuum_vacuum_scale_factor = 0.005, autovacuum_vacuum_threshold = 5000, vacuum_index_cleanup = on
);
CREATE INDEX ix_task_slots_open_created ON task_slots (project_id, created, task_id) WHERE is_open;
CREATE INDEX ix_task_slots_open_id ON task_slots (project_id, task_id) WHERE is_open;
CREATE INDEX ix_task_slots_open_priority ON task_slots (project_id, (-priority_0), task_id) WHERE is_open;
CREATE INDEX ix_task_slots_open_breadth ON task_slots (project_id, breadth, task_id) WHERE is_open;
CREATE INDEX ix_task_slots_open_breadth_priority ON task_slots (project_id, breadth, (-priority_0), task_id)
  WHERE is_open;

CREATE TABLE assignment (
  task_id bigint NOT NULL,
  contributor text NOT NULL,
  project_id bigint NOT NULL,
  state text NOT NULL,
  requested_at timestamptz DEFAULT now() NOT NULL,
  deadline timestamptz,
  CONSTRAINT pk_assignment PRIMARY KEY (task_id, contributor),
  CONSTRAINT fk_assignment_project_id_task_id_task FOREIGN KEY (project_id, task_id)
    REFERENCES task (project_id, id) ON DELETE CASCADE,
  CONSTRAINT ck_assignment_deadline_if_leased CHECK ((state IN ('leased', 'reserved')) = (deadline IS NOT NULL)),
  CONSTRAINT ck_assignment_state_known CHECK (state IN ('leased', 'reserved', 'offered', 'counted', 'surplus')),
  CONSTRAINT ck_assignment_sizes CHECK (char_length(contributor) <= 400 AND char_length(state) <= 100)
) WITH (
  fillfactor = 80, autovacuum_vacuum_scale_factor = 0.005, autovacuum_vacuum_threshold = 5000, vacuum_index_cleanup = on
);
CREATE INDEX ix_assignment_deadline ON assignment (project_id, deadline) WHERE state IN ('leased', 'reserved');
CREATE UNIQUE INDEX uq_assignment_one_lease ON assignment (project_id, contributor) WHERE state = 'leased';
CREATE INDEX ix_assignment_contributor ON assignment (contributor, project_id, task_id);
CREATE INDEX ix_assignment_reserved ON assignment (project_id, contributor) WHERE state = 'reserved';

CREATE TABLE task_run (
  id bigserial,
  created timestamptz DEFAULT now() NOT NULL,
  project_id bigint NOT NULL,
  task_id bigint NOT NULL,
  user_id bigint,
  user_ip text,
  finish_time timestamptz DEFAULT now() NOT NULL,
  timeout integer,
  calibration integer,
  external_uid text,
  media_url text,
  info jsonb,
  contributor text NOT NULL,
  counted boolean DEFAULT true NOT NULL,
  idempotency_key text,
  CONSTRAINT pk_task_run PRIMARY KEY (id),
  CONSTRAINT uq_task_run_task_id_contributor UNIQUE (task_id, contributor),
  CONSTRAINT fk_task_run_project_id_task_id_task FOREIGN KEY (project_id, task_id)
    REFERENCES task (project_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_task_run_user_id_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE RESTRICT,
  CONSTRAINT ck_task_run_one_identity CHECK (num_nonnulls(user_id, user_ip, external_uid) = 1),
  CONSTRAINT ck_task_run_sizes CHECK (
    char_length(user_ip) <= 100 AND char_length(external_uid) <= 255 AND char_length(media_url) <= 2000 AND
    char_length(contributor) <= 400 AND char_length(idempotency_key) <= 100 AND pg_column_size(info) <= 201326592
  )
);
CREATE INDEX ix_task_run_info ON task_run USING gin (info jsonb_path_ops);
CREATE INDEX ix_task_run_project_id_finish_time ON task_run (project_id, finish_time);
CREATE INDEX ix_task_run_project_id_id ON task_run (project_id, id);
CREATE INDEX ix_task_run_task_id_id ON task_run (task_id, id);
CREATE INDEX ix_task_run_user_id_id ON task_run (user_id, id);
CREATE UNIQUE INDEX uq_task_run_idempotency_key ON task_run (project_id, contributor, idempotency_key)
  WHERE idempotency_key IS NOT NULL;
CREATE INDEX ix_task_run_finish_time ON task_run USING brin (finish_time);
CREATE INDEX ix_task_run_created ON task_run USING brin (created) WITH (autosummarize = on);

CREATE TABLE result (
  id bigserial,
  created timestamptz DEFAULT now() NOT NULL,
  project_id bigint NOT NULL,
  task_id bigint NOT NULL,
  task_run_ids bigint[] NOT NULL,
  last_version boolean DEFAULT true NOT NULL,
  info jsonb,
  CONSTRAINT pk_result PRIMARY KEY (id),
  CONSTRAINT fk_result_project_id_task_id_task FOREIGN KEY (project_id, task_id)
    REFERENCES task (project_id, id) ON DELETE CASCADE,
  CONSTRAINT ck_result_sizes CHECK (pg_column_size(info) <= 201326592)
);
CREATE INDEX ix_result_info ON result USING gin (info jsonb_path_ops);
CREATE INDEX ix_result_project_id_id ON result (project_id, id);
CREATE INDEX ix_result_task_id_id ON result (task_id, id);
CREATE UNIQUE INDEX uq_result_last_version ON result (task_id) WHERE last_version;
CREATE INDEX ix_result_created ON result USING brin (created) WITH (autosummarize = on);

CREATE TABLE contributor_progress (
  project_id bigint NOT NULL,
  contributor text NOT NULL,
  user_id bigint,
  n_runs bigint DEFAULT 0 NOT NULL,
  first_at timestamptz DEFAULT now() NOT NULL,
  last_at timestamptz DEFAULT now() NOT NULL,
  cursor_order text,
  cursor_task_id bigint,
  cursor_generation bigint,
  cursor_runs bigint,
  cursor_gaps bigint[],
  cursor_breadth integer,
  CONSTRAINT pk_contributor_progress PRIMARY KEY (project_id, contributor),
  CONSTRAINT fk_contributor_progress_project_id_project FOREIGN KEY (project_id)
    REFERENCES project (id) ON DELETE CASCADE,
  CONSTRAINT fk_contributor_progress_user_id_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE SET NULL,
  CONSTRAINT ck_contributor_progress_sizes CHECK (char_length(contributor) <= 400 AND char_length(cursor_order) <= 100)
) WITH (fillfactor = 80);
CREATE INDEX ix_contributor_progress_user_id ON contributor_progress (user_id, last_at);
