-- The figures, how far they are, and what has changed of the rows that they count.

CREATE TABLE figure_state (
  source TEXT NOT NULL,
  watermark BIGINT DEFAULT 0 NOT NULL,
  missing INT8MULTIRANGE DEFAULT '{}'::int8multirange NOT NULL,
  missing_before INT8MULTIRANGE DEFAULT '{}'::int8multirange NOT NULL,
  missing_until BIGINT DEFAULT 0 NOT NULL,
  CONSTRAINT pk_figure_state PRIMARY KEY (source),
  CONSTRAINT ck_figure_state_sizes CHECK (char_length(source) <= 100)
);

CREATE TABLE run_change (
  id BIGSERIAL NOT NULL,
  run_id BIGINT NOT NULL,
  sign SMALLINT NOT NULL,
  project_id BIGINT NOT NULL,
  contributor TEXT NOT NULL,
  user_id BIGINT,
  user_ip TEXT,
  created TIMESTAMP WITH TIME ZONE NOT NULL,
  finish_time TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_run_change PRIMARY KEY (id),
  CONSTRAINT ck_run_change_sizes CHECK (char_length(contributor) <= 400 AND char_length(user_ip) <= 100)
);

CREATE TABLE result_change (
  id BIGSERIAL NOT NULL,
  result_id BIGINT NOT NULL,
  sign SMALLINT NOT NULL,
  project_id BIGINT NOT NULL,
  created TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_result_change PRIMARY KEY (id)
);

CREATE TABLE user_change (
  id BIGSERIAL NOT NULL,
  user_id BIGINT NOT NULL,
  CONSTRAINT pk_user_change PRIMARY KEY (id)
);

CREATE TABLE project_change (
  id BIGSERIAL NOT NULL,
  project_id BIGINT NOT NULL,
  CONSTRAINT pk_project_change PRIMARY KEY (id)
);

CREATE TABLE site_day (
  day DATE NOT NULL,
  n_runs BIGINT DEFAULT 0 NOT NULL,
  CONSTRAINT pk_site_day PRIMARY KEY (day)
);

CREATE TABLE site_total (
  id SMALLINT NOT NULL,
  n_users BIGINT DEFAULT 0 NOT NULL,
  n_published BIGINT DEFAULT 0 NOT NULL,
  n_drafts BIGINT DEFAULT 0 NOT NULL,
  n_featured BIGINT DEFAULT 0 NOT NULL,
  n_tasks BIGINT DEFAULT 0 NOT NULL,
  n_slots BIGINT DEFAULT 0 NOT NULL,
  n_completed_tasks BIGINT DEFAULT 0 NOT NULL,
  n_task_runs BIGINT DEFAULT 0 NOT NULL,
  n_counted BIGINT DEFAULT 0 NOT NULL,
  n_results BIGINT DEFAULT 0 NOT NULL,
  n_listed BIGINT DEFAULT 0 NOT NULL,
  n_listed_featured BIGINT DEFAULT 0 NOT NULL,
  n_anonymous BIGINT DEFAULT 0 NOT NULL,
  CONSTRAINT pk_site_total PRIMARY KEY (id)
);

CREATE TABLE category_total (
  category_id BIGINT NOT NULL,
  n_published BIGINT DEFAULT 0 NOT NULL,
  n_listed BIGINT DEFAULT 0 NOT NULL,
  CONSTRAINT pk_category_total PRIMARY KEY (category_id),
  CONSTRAINT fk_category_total_category_id_category FOREIGN KEY(category_id) REFERENCES category (id) ON DELETE CASCADE
);

CREATE TABLE activity_hour (
  hour TIMESTAMP WITH TIME ZONE NOT NULL,
  kind TEXT NOT NULL,
  subject_id BIGINT NOT NULL,
  n_runs BIGINT DEFAULT 0 NOT NULL,
  CONSTRAINT pk_activity_hour PRIMARY KEY (hour, kind, subject_id),
  CONSTRAINT ck_activity_hour_sizes CHECK (char_length(kind) <= 100)
);

CREATE TABLE recent_activity (
  kind TEXT NOT NULL,
  subject_id BIGINT NOT NULL,
  n_runs BIGINT DEFAULT 0 NOT NULL,
  CONSTRAINT pk_recent_activity PRIMARY KEY (kind, subject_id),
  CONSTRAINT ck_recent_activity_sizes CHECK (char_length(kind) <= 100))
WITH (fillfactor = 80);

CREATE INDEX ix_recent_activity_rank ON recent_activity (kind, n_runs DESC, subject_id) WHERE n_runs > 0;

CREATE TABLE project_total (
  project_id BIGINT NOT NULL,
  category_id BIGINT NOT NULL,
  published BOOLEAN DEFAULT false NOT NULL,
  featured BOOLEAN DEFAULT false NOT NULL,
  n_tasks BIGINT DEFAULT 0 NOT NULL,
  n_slots BIGINT DEFAULT 0 NOT NULL,
  n_completed_tasks BIGINT DEFAULT 0 NOT NULL,
  n_task_runs BIGINT DEFAULT 0 NOT NULL,
  n_counted BIGINT DEFAULT 0 NOT NULL,
  n_results BIGINT DEFAULT 0 NOT NULL,
  n_anonymous BIGINT DEFAULT 0 NOT NULL,
  is_listed BOOLEAN DEFAULT false NOT NULL,
  rank INTEGER DEFAULT 0 NOT NULL,
  rank_until TIMESTAMP WITH TIME ZONE,
  last_activity TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_project_total PRIMARY KEY (project_id)
);

CREATE INDEX ix_project_total_place ON project_total (rank DESC, last_activity DESC NULLS LAST, project_id DESC) WHERE is_listed;

CREATE INDEX ix_project_total_place_in_category ON project_total (category_id, rank DESC, last_activity DESC NULLS LAST, project_id DESC) WHERE is_listed;

CREATE INDEX ix_project_total_place_of_featured ON project_total (rank DESC, last_activity DESC NULLS LAST, project_id DESC) WHERE is_listed AND featured;

CREATE INDEX ix_project_total_rank_until ON project_total (rank_until) WHERE rank_until IS NOT NULL;

CREATE TABLE project_people (
  project_id BIGINT NOT NULL,
  n_users BIGINT DEFAULT 0 NOT NULL,
  CONSTRAINT pk_project_people PRIMARY KEY (project_id),
  CONSTRAINT fk_project_people_project_id_project FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE
);

CREATE TABLE project_day (
  project_id BIGINT NOT NULL,
  day DATE NOT NULL,
  n_runs BIGINT DEFAULT 0 NOT NULL,
  n_anonymous BIGINT DEFAULT 0 NOT NULL,
  n_users BIGINT DEFAULT 0 NOT NULL,
  n_active BIGINT DEFAULT 0 NOT NULL,
  n_new BIGINT DEFAULT 0 NOT NULL,
  n_completed BIGINT DEFAULT 0 NOT NULL,
  CONSTRAINT pk_project_day PRIMARY KEY (project_id, day),
  CONSTRAINT fk_project_day_project_id_project FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE
);

CREATE TABLE project_hour (
  project_id BIGINT NOT NULL,
  hour SMALLINT NOT NULL,
  n_runs BIGINT DEFAULT 0 NOT NULL,
  n_anonymous BIGINT DEFAULT 0 NOT NULL,
  n_users BIGINT DEFAULT 0 NOT NULL,
  seconds DOUBLE PRECISION DEFAULT 0 NOT NULL,
  CONSTRAINT pk_project_hour PRIMARY KEY (project_id, hour),
  CONSTRAINT fk_project_hour_project_id_project FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE
);

CREATE TABLE project_contributor (
  project_id BIGINT NOT NULL,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  n_runs BIGINT DEFAULT 0 NOT NULL,
  CONSTRAINT pk_project_contributor PRIMARY KEY (project_id, kind, key),
  CONSTRAINT fk_project_contributor_project_id_project FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE,
  CONSTRAINT ck_project_contributor_sizes CHECK (char_length(kind) <= 100 AND char_length(key) <= 100)
);

CREATE INDEX ix_project_contributor_rank ON project_contributor (project_id, kind, n_runs DESC, key) WHERE n_runs > 0;

CREATE TABLE contributor_day (
  project_id BIGINT NOT NULL,
  contributor TEXT NOT NULL,
  day DATE NOT NULL,
  n_runs BIGINT DEFAULT 0 NOT NULL,
  is_new BOOLEAN DEFAULT false NOT NULL,
  CONSTRAINT pk_contributor_day PRIMARY KEY (project_id, contributor, day),
  CONSTRAINT fk_contributor_day_project_id_project FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE,
  CONSTRAINT ck_contributor_day_sizes CHECK (char_length(contributor) <= 400)
);

CREATE INDEX ix_contributor_day_day ON contributor_day (day);

CREATE TABLE user_day (
  user_id BIGINT NOT NULL,
  day DATE NOT NULL,
  n_runs BIGINT DEFAULT 0 NOT NULL,
  CONSTRAINT pk_user_day PRIMARY KEY (user_id, day),
  CONSTRAINT fk_user_day_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE ranked_user (
  user_id BIGINT NOT NULL,
  n_runs BIGINT DEFAULT 0 NOT NULL,
  score BIGINT,
  CONSTRAINT pk_ranked_user PRIMARY KEY (user_id))
WITH (fillfactor = 80);

CREATE INDEX ix_ranked_user_place ON ranked_user ((-score), user_id) WHERE score IS NOT NULL;

CREATE TABLE score_count (
  score BIGINT NOT NULL,
  n_accounts BIGINT DEFAULT 0 NOT NULL,
  CONSTRAINT pk_score_count PRIMARY KEY (score)
);

CREATE TABLE score_block (
  score BIGINT NOT NULL,
  block BIGINT NOT NULL,
  n_accounts BIGINT DEFAULT 0 NOT NULL,
  CONSTRAINT pk_score_block PRIMARY KEY (score, block)
);

INSERT INTO user_change (user_id) SELECT id FROM users;
INSERT INTO project_change (project_id) SELECT id FROM project;
