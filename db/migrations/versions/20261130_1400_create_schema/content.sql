-- What projects publish beside their tasks, records of their jobs, and files.

CREATE TABLE blogpost (
  id bigserial,
  created timestamptz DEFAULT now() NOT NULL,
  updated timestamptz DEFAULT now() NOT NULL,
  project_id bigint NOT NULL,
  user_id bigint,
  title varchar(255) NOT NULL,
  body text NOT NULL,
  info jsonb DEFAULT '{}' NOT NULL,
  media_url text,
  published boolean DEFAULT false NOT NULL,
  CONSTRAINT pk_blogpost PRIMARY KEY (id),
  CONSTRAINT fk_blogpost_project_id_project FOREIGN KEY (project_id) REFERENCES project (id) ON DELETE CASCADE,
  CONSTRAINT fk_blogpost_user_id_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE SET NULL,
  CONSTRAINT ck_blogpost_title_given CHECK (title <> ''),
  CONSTRAINT ck_blogpost_sizes CHECK (
    char_length(body) <= 64000 AND char_length(media_url) <= 2000 AND pg_column_size(info) <= 6291456
  )
);
CREATE INDEX ix_blogpost_project_id_id ON blogpost (project_id, id);
CREATE INDEX ix_blogpost_user_id ON blogpost (user_id);

CREATE TABLE helpingmaterial (
  id bigserial,
  created timestamptz DEFAULT now() NOT NULL,
  project_id bigint NOT NULL,
  info jsonb DEFAULT '{}' NOT NULL,
  media_url text,
  priority double precision DEFAULT 0 NOT NULL,
  CONSTRAINT pk_helpingmaterial PRIMARY KEY (id),
  CONSTRAINT fk_helpingmaterial_project_id_project FOREIGN KEY (project_id) REFERENCES project (id) ON DELETE CASCADE,
  CONSTRAINT ck_helpingmaterial_sizes CHECK (char_length(media_url) <= 2000 AND pg_column_size(info) <= 6291456)
);
CREATE INDEX ix_helpingmaterial_project_id_id ON helpingmaterial (project_id, id);

CREATE TABLE pages (
  id bigserial,
  created timestamptz DEFAULT now() NOT NULL,
  slug varchar(255) NOT NULL,
  project_id bigint NOT NULL,
  info jsonb DEFAULT '{}' NOT NULL,
  media_url text,
  CONSTRAINT pk_pages PRIMARY KEY (id),
  CONSTRAINT fk_pages_project_id_project FOREIGN KEY (project_id) REFERENCES project (id) ON DELETE CASCADE,
  CONSTRAINT ck_pages_slug_given CHECK (slug <> ''),
  CONSTRAINT ck_pages_sizes CHECK (char_length(media_url) <= 2000 AND pg_column_size(info) <= 6291456)
);
CREATE INDEX ix_pages_project_id_id ON pages (project_id, id);

CREATE TABLE webhook (
  id bigserial,
  created timestamptz DEFAULT now() NOT NULL,
  updated timestamptz DEFAULT now() NOT NULL,
  project_id bigint NOT NULL,
  payload jsonb,
  response text,
  response_status_code integer,
  CONSTRAINT pk_webhook PRIMARY KEY (id),
  CONSTRAINT fk_webhook_project_id_project FOREIGN KEY (project_id) REFERENCES project (id) ON DELETE CASCADE,
  CONSTRAINT ck_webhook_sizes CHECK (char_length(response) <= 64000 AND pg_column_size(payload) <= 25165824)
);
CREATE INDEX ix_webhook_project_id_id ON webhook (project_id, id);

CREATE TABLE task_import (
  id bigserial,
  created timestamptz DEFAULT now() NOT NULL,
  started timestamptz,
  finished timestamptz,
  project_id bigint NOT NULL,
  user_id bigint,
  source text NOT NULL,
  options jsonb DEFAULT '{}' NOT NULL,
  state text DEFAULT 'queued' NOT NULL,
  n_total bigint,
  n_read bigint DEFAULT 0 NOT NULL,
  n_added bigint DEFAULT 0 NOT NULL,
  n_present bigint DEFAULT 0 NOT NULL,
  n_refused bigint DEFAULT 0 NOT NULL,
  refusals jsonb DEFAULT '[]' NOT NULL,
  error text,
  n_empty bigint DEFAULT 0 NOT NULL,
  notes jsonb DEFAULT '[]' NOT NULL,
  CONSTRAINT pk_task_import PRIMARY KEY (id),
  CONSTRAINT fk_task_import_project_id_project FOREIGN KEY (project_id) REFERENCES project (id) ON DELETE CASCADE,
  CONSTRAINT fk_task_import_user_id_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE SET NULL,
  CONSTRAINT ck_task_import_state_known CHECK (state IN ('queued', 'running', 'done', 'failed')),
  CONSTRAINT ck_task_import_sizes CHECK (
    char_length(source) <= 100 AND char_length(state) <= 100 AND char_length(error) <= 64000 AND
    pg_column_size(options) <= 6291456 AND pg_column_size(refusals) <= 6291456 AND pg_column_size(notes) <= 6291456
  )
);
CREATE INDEX ix_task_import_project_id_id ON task_import (project_id, id);

CREATE TABLE file (
  id bigserial,
  created timestamptz DEFAULT now() NOT NULL,
  container varchar(64) NOT NULL,
  name varchar(106) NOT NULL,
  content_type varchar(100),
  size bigint,
  sha256 varchar(64),
  owner_id bigint,
  project_id bigint,
  attached_to varchar(30),
  attached_id bigint,
  CONSTRAINT pk_file PRIMARY KEY (id),
  CONSTRAINT uq_file_container_name UNIQUE (container, name),
  CONSTRAINT fk_file_owner_id_users FOREIGN KEY (owner_id) REFERENCES users (id) ON DELETE SET NULL,
  CONSTRAINT fk_file_project_id_project FOREIGN KEY (project_id) REFERENCES project (id) ON DELETE SET NULL,
  CONSTRAINT ck_file_attached_to_a_table CHECK (attached_id IS NULL OR attached_to IS NOT NULL)
);
CREATE INDEX ix_file_owner_id ON file (owner_id);
CREATE INDEX ix_file_project_id ON file (project_id);
CREATE INDEX ix_file_created ON file (created) WHERE attached_id IS NULL;
CREATE UNIQUE INDEX uq_file_attached_to_attached_id ON file (attached_to, attached_id) WHERE attached_id IS NOT NULL;
