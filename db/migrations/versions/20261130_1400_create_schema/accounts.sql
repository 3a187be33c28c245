-- Accounts and their scores, announcements, the audit log, and what signing out and sent forms leave behind.

CREATE TABLE users (
  id bigserial,
  created timestamptz DEFAULT now() NOT NULL,
  email_addr varchar(254) NOT NULL,
  name varchar(254) NOT NULL,
  fullname varchar(500) NOT NULL,
  locale varchar(254) DEFAULT 'en' NOT NULL,
  api_key varchar(36) DEFAULT gen_random_uuid()::text,
  passwd_hash text,
  session_epoch integer DEFAULT 0 NOT NULL,
  ldap text,
  admin boolean DEFAULT false NOT NULL,
  pro boolean DEFAULT false NOT NULL,
  privacy_mode boolean DEFAULT true NOT NULL,
  restrict boolean DEFAULT false NOT NULL,
  category integer,
  flags integer,
  ckan_api text,
  newsletter_prompted boolean DEFAULT false NOT NULL,
  valid_email boolean DEFAULT false NOT NULL,
  confirmation_email_sent boolean DEFAULT false NOT NULL,
  subscribed boolean DEFAULT false NOT NULL,
  consent boolean DEFAULT false NOT NULL,
  info jsonb DEFAULT '{}' NOT NULL,
  user_pref jsonb DEFAULT '{"languages": [], "locations": []}' NOT NULL,
  notified_at date,
  name_skeleton varchar(64),
  CONSTRAINT pk_users PRIMARY KEY (id),
  CONSTRAINT uq_users_api_key UNIQUE (api_key),
  CONSTRAINT uq_users_ckan_api UNIQUE (ckan_api),
  CONSTRAINT uq_users_ldap UNIQUE (ldap),
  CONSTRAINT uq_users_name UNIQUE (name),
  CONSTRAINT uq_users_name_skeleton UNIQUE (name_skeleton),
  CONSTRAINT ck_users_email_addr_given CHECK (email_addr <> ''),
  CONSTRAINT ck_users_name_given CHECK (name <> ''),
  CONSTRAINT ck_users_sizes CHECK (
    char_length(passwd_hash) <= 2000 AND char_length(ldap) <= 255 AND char_length(ckan_api) <= 255 AND
    pg_column_size(info) <= 6291456 AND pg_column_size(user_pref) <= 6291456
  )
);
CREATE INDEX ix_users_created ON users (created, id);
CREATE UNIQUE INDEX uq_users_lower_email_addr ON users (lower(email_addr));
CREATE UNIQUE INDEX uq_users_lower_name ON users (lower(name)) WHERE name_skeleton IS NOT NULL;

CREATE TABLE user_score (
  user_id bigint NOT NULL,
  n_runs bigint DEFAULT 0 NOT NULL,
  CONSTRAINT pk_user_score PRIMARY KEY (user_id),
  CONSTRAINT fk_user_score_user_id_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) WITH (fillfactor = 80);
CREATE INDEX ix_user_score_rank ON user_score (n_runs DESC, user_id);

CREATE TABLE announcement (
  id bigserial,
  created timestamptz DEFAULT now() NOT NULL,
  updated timestamptz DEFAULT now() NOT NULL,
  user_id bigint,
  title varchar(255) NOT NULL,
  body text NOT NULL,
  info jsonb DEFAULT '{}' NOT NULL,
  media_url text,
  published boolean DEFAULT false NOT NULL,
  CONSTRAINT pk_announcement PRIMARY KEY (id),
  CONSTRAINT fk_announcement_user_id_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE RESTRICT,
  CONSTRAINT ck_announcement_title_given CHECK (title <> ''),
  CONSTRAINT ck_announcement_sizes CHECK (
    char_length(body) <= 64000 AND char_length(media_url) <= 2000 AND pg_column_size(info) <= 6291456
  )
);
CREATE INDEX ix_announcement_user_id ON announcement (user_id);

CREATE TABLE auditlog (
  id bigserial,
  project_id bigint NOT NULL,
  project_short_name text NOT NULL,
  user_id bigint NOT NULL,
  user_name text NOT NULL,
  created timestamptz DEFAULT now() NOT NULL,
  action text NOT NULL,
  caller text NOT NULL,
  attribute text NOT NULL,
  old_value text,
  new_value text,
  CONSTRAINT pk_auditlog PRIMARY KEY (id),
  CONSTRAINT ck_auditlog_caller_known CHECK (caller IN ('web', 'api')),
  CONSTRAINT ck_auditlog_sizes CHECK (
    char_length(project_short_name) <= 255 AND char_length(user_name) <= 2000 AND char_length(action) <= 100 AND
    char_length(caller) <= 100 AND char_length(attribute) <= 2000 AND char_length(old_value) <= 64000 AND
    char_length(new_value) <= 64000
  )
);
CREATE INDEX ix_auditlog_attribute_created ON auditlog (attribute, created);
CREATE INDEX ix_auditlog_project_id_id ON auditlog (project_id, id);

CREATE TABLE revocation (
  id bigserial,
  created timestamptz DEFAULT now() NOT NULL,
  credential varchar(64),
  user_id bigint,
  session_epoch integer,
  CONSTRAINT pk_revocation PRIMARY KEY (id),
  CONSTRAINT ck_revocation_of_one_kind CHECK ((credential IS NULL) = (user_id IS NOT NULL)),
  CONSTRAINT ck_revocation_epoch_of_account CHECK ((user_id IS NULL) = (session_epoch IS NULL))
);
CREATE INDEX ix_revocation_credential ON revocation (credential) WHERE credential IS NOT NULL;
CREATE INDEX ix_revocation_created ON revocation (created);

CREATE TABLE sent_form (
  key varchar(64) NOT NULL,
  created timestamptz DEFAULT now() NOT NULL,
  target varchar(4000) DEFAULT '' NOT NULL,
  CONSTRAINT pk_sent_form PRIMARY KEY (key)
);
