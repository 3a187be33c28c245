-- Projects with their categories, statistics and counters, and the offers to hand one over.

CREATE TABLE category (
  id bigserial,
  name text NOT NULL,
  short_name text NOT NULL,
  description text NOT NULL,
  created timestamptz DEFAULT now() NOT NULL,
  info jsonb DEFAULT '{}' NOT NULL,
  short_name_skeleton varchar(64),
  CONSTRAINT pk_category PRIMARY KEY (id),
  CONSTRAINT uq_category_name UNIQUE (name),
  CONSTRAINT uq_category_short_name UNIQUE (short_name),
  CONSTRAINT uq_category_short_name_skeleton UNIQUE (short_name_skeleton),
  CONSTRAINT ck_category_name_given CHECK (name <> ''),
  CONSTRAINT ck_category_short_name_given CHECK (short_name <> ''),
  CONSTRAINT ck_category_sizes CHECK (
    char_length(name) <= 2000 AND char_length(short_name) <= 2000 AND char_length(description) <= 64000 AND
    pg_column_size(info) <= 6291456
  )
);
CREATE UNIQUE INDEX uq_category_lower_short_name ON category (lower(short_name)) WHERE short_name_skeleton IS NOT NULL;
INSERT INTO category (name, short_name, short_name_skeleton, description) VALUES
  ('Thinking', 'thinking', '6ee16429668c2d8207707407c8c3ee4285a9e26eef5bd0c17ff00efe090808e2',
   'Projects that ask for judgement: reading, comparing, deciding'),
  ('Volunteer Sensing', 'sensing', '4a222adabd103a84cd5a8c5f59d7455070c1ece338a7a63e3dd122ef52e41827',
   'Projects that ask for observations of the world around you');

CREATE TABLE project (
  id bigserial,
  created timestamptz DEFAULT now() NOT NULL,
  updated timestamptz DEFAULT now() NOT NULL,
  name varchar(255) NOT NULL,
  short_name varchar(255) NOT NULL,
  description varchar(255) NOT NULL,
  long_description text,
  webhook text,
  allow_anonymous_contributors boolean DEFAULT true NOT NULL,
  published boolean DEFAULT false NOT NULL,
  featured boolean DEFAULT false NOT NULL,
  contacted boolean DEFAULT false NOT NULL,
  secret_key text DEFAULT gen_random_uuid()::text NOT NULL,
  zip_download boolean DEFAULT true NOT NULL,
  owner_id bigint NOT NULL,
  category_id bigint NOT NULL,
  info jsonb DEFAULT '{}' NOT NULL,
  owners_ids bigint[] DEFAULT '{}' NOT NULL,
  version bigint DEFAULT 1 NOT NULL,
  short_name_skeleton varchar(64),
  CONSTRAINT pk_project PRIMARY KEY (id),
  CONSTRAINT uq_project_name UNIQUE (name),
  CONSTRAINT uq_project_short_name UNIQUE (short_name),
  CONSTRAINT uq_project_short_name_skeleton UNIQUE (short_name_skeleton),
  CONSTRAINT fk_project_category_id_category FOREIGN KEY (category_id) REFERENCES category (id) ON DELETE RESTRICT,
  CONSTRAINT fk_project_owner_id_users FOREIGN KEY (owner_id) REFERENCES users (id) ON DELETE RESTRICT,
  CONSTRAINT ck_project_description_given CHECK (description <> ''),
  CONSTRAINT ck_project_name_given CHECK (name <> ''),
  CONSTRAINT ck_project_short_name_given CHECK (short_name <> ''),
  CONSTRAINT ck_project_owner_among_owners CHECK (owner_id = ANY (owners_ids)),
  CONSTRAINT ck_project_sizes CHECK (
    char_length(long_description) <= 64000 AND char_length(webhook) <= 2000 AND char_length(secret_key) <= 100 AND
    pg_column_size(info) <= 201326592
  )
);
CREATE INDEX ix_project_autoimporter ON project (id) WHERE info ? 'autoimporter';
CREATE INDEX ix_project_category_id ON project (category_id) WHERE published;
CREATE INDEX ix_project_featured ON project (id) WHERE featured;
CREATE INDEX ix_project_owner_id ON project (owner_id);
CREATE INDEX ix_project_owners_ids ON project USING gin (owners_ids);
CREATE UNIQUE INDEX uq_project_lower_short_name ON project (lower(short_name)) WHERE short_name_skeleton IS NOT NULL;

CREATE TABLE project_stats (
  id bigserial,
  project_id bigint NOT NULL,
  n_tasks bigint DEFAULT 0 NOT NULL,
  n_task_runs bigint DEFAULT 0 NOT NULL,
  n_results bigint DEFAULT 0 NOT NULL,
  n_volunteers bigint DEFAULT 0 NOT NULL,
  n_completed_tasks bigint DEFAULT 0 NOT NULL,
  overall_progress integer DEFAULT 0 NOT NULL,
  average_time double precision DEFAULT 0 NOT NULL,
  n_blogposts bigint DEFAULT 0 NOT NULL,
  last_activity timestamptz,
  refreshed_at timestamptz,
  info jsonb DEFAULT '{}' NOT NULL,
  refresh_seconds double precision DEFAULT 0 NOT NULL,
  CONSTRAINT pk_project_stats PRIMARY KEY (id),
  CONSTRAINT uq_project_stats_project_id UNIQUE (project_id),
  CONSTRAINT fk_project_stats_project_id_project FOREIGN KEY (project_id) REFERENCES project (id) ON DELETE CASCADE,
  CONSTRAINT ck_project_stats_sizes CHECK (pg_column_size(info) <= 201326592)
);

CREATE TABLE project_counter (
  project_id bigint NOT NULL,
  shard smallint NOT NULL,
  n_tasks bigint DEFAULT 0 NOT NULL,
  n_slots bigint DEFAULT 0 NOT NULL,
  n_completed_tasks bigint DEFAULT 0 NOT NULL,
  n_task_runs bigint DEFAULT 0 NOT NULL,
  n_counted bigint DEFAULT 0 NOT NULL,
  n_results bigint DEFAULT 0 NOT NULL,
  n_volunteers bigint DEFAULT 0 NOT NULL,
  n_anonymous bigint DEFAULT 0 NOT NULL,
  last_activity timestamptz,
  ln_seconds double precision,
  list_generation bigint DEFAULT '0' NOT NULL,
  n_insertions bigint DEFAULT '0' NOT NULL,
  deadline_watermark timestamptz,
  lowest_priority double precision,
  CONSTRAINT pk_project_counter PRIMARY KEY (project_id, shard),
  CONSTRAINT fk_project_counter_project_id_project FOREIGN KEY (project_id) REFERENCES project (id) ON DELETE CASCADE
) WITH (fillfactor = 50);

CREATE TABLE ownership_offer (
  id bigserial,
  created timestamptz DEFAULT now() NOT NULL,
  expires timestamptz NOT NULL,
  project_id bigint NOT NULL,
  email_addr varchar(254) NOT NULL,
  user_id bigint,
  offered_by bigint,
  CONSTRAINT pk_ownership_offer PRIMARY KEY (id),
  CONSTRAINT uq_ownership_offer_project_id UNIQUE (project_id),
  CONSTRAINT fk_ownership_offer_project_id_project FOREIGN KEY (project_id) REFERENCES project (id) ON DELETE CASCADE,
  CONSTRAINT fk_ownership_offer_user_id_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE SET NULL,
  CONSTRAINT fk_ownership_offer_offered_by_users FOREIGN KEY (offered_by) REFERENCES users (id) ON DELETE SET NULL
);
CREATE INDEX ix_ownership_offer_user_id ON ownership_offer (user_id);
CREATE INDEX ix_ownership_offer_offered_by ON ownership_offer (offered_by);
