"""The tables, with their constraints and indices."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261124_0000"
down_revision = None
branch_labels = None
depends_on = None


def _create_auditlog() -> None:
    op.create_table('auditlog',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('project_id', sa.BigInteger(), nullable=False),
    sa.Column('project_short_name', sa.Text(), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=False),
    sa.Column('user_name', sa.Text(), nullable=False),
    sa.Column('created', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('caller', sa.Text(), nullable=False),
    sa.Column('attribute', sa.Text(), nullable=False),
    sa.Column('old_value', sa.Text(), nullable=True),
    sa.Column('new_value', sa.Text(), nullable=True),
    sa.CheckConstraint("caller IN ('web', 'api')", name=op.f('ck_auditlog_caller_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_auditlog'))
    )
    op.create_index('ix_auditlog_attribute_created', 'auditlog', ['attribute', 'created'], unique=False)
    op.create_index('ix_auditlog_project_id_id', 'auditlog', ['project_id', 'id'], unique=False)


def _create_category() -> None:
    op.create_table('category',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('short_name', sa.Text(), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('created', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('info', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.CheckConstraint("name <> ''", name=op.f('ck_category_name_given')),
    sa.CheckConstraint("short_name <> ''", name=op.f('ck_category_short_name_given')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_category')),
    sa.UniqueConstraint('name', name=op.f('uq_category_name')),
    sa.UniqueConstraint('short_name', name=op.f('uq_category_short_name'))
    )


def _create_users() -> None:
    op.create_table('users',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('created', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('email_addr', sa.String(length=254), nullable=False),
    sa.Column('name', sa.String(length=254), nullable=False),
    sa.Column('fullname', sa.String(length=500), nullable=False),
    sa.Column('locale', sa.String(length=254), server_default='en', nullable=False),
    sa.Column('api_key', sa.String(length=36), server_default=sa.text('(gen_random_uuid())::text'), nullable=True),
    sa.Column('passwd_hash', sa.Text(), nullable=True),
    sa.Column('session_epoch', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('ldap', sa.Text(), nullable=True),
    sa.Column('admin', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('pro', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('privacy_mode', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('restrict', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('category', sa.Integer(), nullable=True),
    sa.Column('flags', sa.Integer(), nullable=True),
    sa.Column('ckan_api', sa.Text(), nullable=True),
    sa.Column('newsletter_prompted', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('valid_email', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('confirmation_email_sent', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('subscribed', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('consent', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('info', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.Column('user_pref', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text('\'{"languages": [], "locations": []}\'::jsonb'), nullable=False),
    sa.Column('notified_at', sa.Date(), nullable=True),
    sa.CheckConstraint("email_addr <> ''", name=op.f('ck_users_email_addr_given')),
    sa.CheckConstraint("name <> ''", name=op.f('ck_users_name_given')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_users')),
    sa.UniqueConstraint('api_key', name=op.f('uq_users_api_key')),
    sa.UniqueConstraint('ckan_api', name=op.f('uq_users_ckan_api')),
    sa.UniqueConstraint('ldap', name=op.f('uq_users_ldap')),
    sa.UniqueConstraint('name', name=op.f('uq_users_name'))
    )
    op.create_index('ix_users_created', 'users', ['created', 'id'], unique=False)
    op.create_index('uq_users_lower_email_addr', 'users', [sa.literal_column('lower(email_addr)')], unique=True)


def _create_announcement() -> None:
    op.create_table('announcement',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('created', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=True),
    sa.Column('title', sa.String(length=255), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('info', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.Column('media_url', sa.Text(), nullable=True),
    sa.Column('published', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.CheckConstraint("title <> ''", name=op.f('ck_announcement_title_given')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_announcement_user_id_users'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_announcement'))
    )
    op.create_index('ix_announcement_user_id', 'announcement', ['user_id'], unique=False)


def _create_project() -> None:
    op.create_table('project',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('created', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('short_name', sa.String(length=255), nullable=False),
    sa.Column('description', sa.String(length=255), nullable=False),
    sa.Column('long_description', sa.Text(), nullable=True),
    sa.Column('webhook', sa.Text(), nullable=True),
    sa.Column('allow_anonymous_contributors', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('published', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('featured', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('contacted', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('secret_key', sa.Text(), server_default=sa.text('(gen_random_uuid())::text'), nullable=False),
    sa.Column('zip_download', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('owner_id', sa.BigInteger(), nullable=False),
    sa.Column('category_id', sa.BigInteger(), nullable=False),
    sa.Column('info', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.Column('owners_ids', sa.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'::bigint[]"), nullable=False),
    sa.CheckConstraint("description <> ''", name=op.f('ck_project_description_given')),
    sa.CheckConstraint("name <> ''", name=op.f('ck_project_name_given')),
    sa.CheckConstraint("short_name <> ''", name=op.f('ck_project_short_name_given')),
    sa.CheckConstraint('owner_id = ANY (owners_ids)', name=op.f('ck_project_owner_among_owners')),
    sa.ForeignKeyConstraint(['category_id'], ['category.id'], name=op.f('fk_project_category_id_category'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['owner_id'], ['users.id'], name=op.f('fk_project_owner_id_users'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_project')),
    sa.UniqueConstraint('name', name=op.f('uq_project_name')),
    sa.UniqueConstraint('short_name', name=op.f('uq_project_short_name'))
    )
    op.create_index('ix_project_autoimporter', 'project', ['id'], unique=False, postgresql_where=sa.text("info ? 'autoimporter'"))
    op.create_index('ix_project_category_id', 'project', ['category_id'], unique=False, postgresql_where=sa.text('published'))
    op.create_index('ix_project_featured', 'project', ['id'], unique=False, postgresql_where=sa.text('featured'))
    op.create_index('ix_project_owner_id', 'project', ['owner_id'], unique=False)
    op.create_index('ix_project_owners_ids', 'project', ['owners_ids'], unique=False, postgresql_using='gin')


def _create_user_score() -> None:
    op.create_table('user_score',
    sa.Column('user_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('n_runs', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_user_score_user_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_user_score')),
    postgresql_with={'fillfactor': 80}
    )
    op.create_index('ix_user_score_rank', 'user_score', [sa.literal_column('n_runs DESC'), 'user_id'], unique=False)


def _create_blogpost() -> None:
    op.create_table('blogpost',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('created', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('project_id', sa.BigInteger(), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=True),
    sa.Column('title', sa.String(length=255), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('info', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.Column('media_url', sa.Text(), nullable=True),
    sa.Column('published', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.CheckConstraint("title <> ''", name=op.f('ck_blogpost_title_given')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_blogpost_project_id_project'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_blogpost_user_id_users'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_blogpost'))
    )
    op.create_index('ix_blogpost_project_id_id', 'blogpost', ['project_id', 'id'], unique=False)
    op.create_index('ix_blogpost_user_id', 'blogpost', ['user_id'], unique=False)


def _create_contributor_progress() -> None:
    op.create_table('contributor_progress',
    sa.Column('project_id', sa.BigInteger(), nullable=False),
    sa.Column('contributor', sa.Text(), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=True),
    sa.Column('n_runs', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('first_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('last_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_contributor_progress_project_id_project'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_contributor_progress_user_id_users'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('project_id', 'contributor', name=op.f('pk_contributor_progress')),
    postgresql_with={'fillfactor': 80}
    )
    op.create_index('ix_contributor_progress_user_id', 'contributor_progress', ['user_id', 'last_at'], unique=False)


def _create_feed_event() -> None:
    op.create_table('feed_event',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('created', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('project_id', sa.BigInteger(), nullable=True),
    sa.Column('user_id', sa.BigInteger(), nullable=True),
    sa.Column('payload', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.CheckConstraint("kind IN ('Project', 'Task', 'TaskCompleted', 'UserContribution', 'Blog', 'User')", name=op.f('ck_feed_event_kind_known')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_feed_event_project_id_project'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_feed_event_user_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_feed_event'))
    )
    op.create_index('ix_feed_event_created', 'feed_event', ['created', 'id'], unique=False)
    op.create_index('ix_feed_event_project_id', 'feed_event', ['project_id'], unique=False)
    op.create_index('ix_feed_event_user_id', 'feed_event', ['user_id'], unique=False)


def _create_helpingmaterial() -> None:
    op.create_table('helpingmaterial',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('created', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('project_id', sa.BigInteger(), nullable=False),
    sa.Column('info', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.Column('media_url', sa.Text(), nullable=True),
    sa.Column('priority', sa.Double(), server_default=sa.text('0'), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_helpingmaterial_project_id_project'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_helpingmaterial'))
    )
    op.create_index('ix_helpingmaterial_project_id_id', 'helpingmaterial', ['project_id', 'id'], unique=False)


def _create_pages() -> None:
    op.create_table('pages',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('created', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('slug', sa.String(length=255), nullable=False),
    sa.Column('project_id', sa.BigInteger(), nullable=False),
    sa.Column('info', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.Column('media_url', sa.Text(), nullable=True),
    sa.CheckConstraint("slug <> ''", name=op.f('ck_pages_slug_given')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_pages_project_id_project'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pages'))
    )
    op.create_index('ix_pages_project_id_id', 'pages', ['project_id', 'id'], unique=False)


def _create_project_counter() -> None:
    op.create_table('project_counter',
    sa.Column('project_id', sa.BigInteger(), nullable=False),
    sa.Column('shard', sa.SmallInteger(), autoincrement=False, nullable=False),
    sa.Column('n_tasks', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('n_slots', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('n_completed_tasks', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('n_task_runs', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('n_counted', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('n_results', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('n_volunteers', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('n_anonymous', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('last_activity', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_project_counter_project_id_project'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('project_id', 'shard', name=op.f('pk_project_counter')),
    postgresql_with={'fillfactor': 50}
    )


def _create_project_stats() -> None:
    op.create_table('project_stats',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('project_id', sa.BigInteger(), nullable=False),
    sa.Column('n_tasks', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('n_task_runs', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('n_results', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('n_volunteers', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('n_completed_tasks', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('overall_progress', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('average_time', sa.Double(), server_default=sa.text('0'), nullable=False),
    sa.Column('n_blogposts', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('last_activity', sa.DateTime(timezone=True), nullable=True),
    sa.Column('refreshed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('info', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_project_stats_project_id_project'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_project_stats')),
    sa.UniqueConstraint('project_id', name=op.f('uq_project_stats_project_id'))
    )


def _create_task() -> None:
    op.create_table('task',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('created', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('project_id', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Text(), server_default='ongoing', nullable=False),
    sa.Column('quorum', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('calibration', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('priority_0', sa.Double(), server_default=sa.text('0'), nullable=False),
    sa.Column('info', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('n_answers', sa.Integer(), server_default=sa.text('30'), nullable=False),
    sa.Column('fav_user_ids', sa.ARRAY(sa.BigInteger()), nullable=True),
    sa.Column('info_hash', sa.LargeBinary(), sa.Computed("decode(md5(info::text), 'hex')", persisted=True), nullable=True),
    sa.CheckConstraint("state IN ('ongoing', 'completed')", name=op.f('ck_task_state_known')),
    sa.CheckConstraint('n_answers > 0', name=op.f('ck_task_n_answers_positive')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_task_project_id_project'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_task')),
    sa.UniqueConstraint('project_id', 'id', name=op.f('uq_task_project_id_id'))
    )
    op.create_index('ix_task_fav_user_ids', 'task', ['fav_user_ids'], unique=False, postgresql_using='gin')
    op.create_index('ix_task_info', 'task', ['info'], unique=False, postgresql_using='gin', postgresql_ops={'info': 'jsonb_path_ops'})
    op.create_index('ix_task_project_id_info_hash', 'task', ['project_id', 'info_hash'], unique=False)
    op.create_index('ix_task_project_id_state_id', 'task', ['project_id', 'state', 'id'], unique=False)


def _create_task_import() -> None:
    op.create_table('task_import',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('created', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('started', sa.DateTime(timezone=True), nullable=True),
    sa.Column('finished', sa.DateTime(timezone=True), nullable=True),
    sa.Column('project_id', sa.BigInteger(), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=True),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('options', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.Column('state', sa.Text(), server_default='queued', nullable=False),
    sa.Column('n_total', sa.BigInteger(), nullable=True),
    sa.Column('n_read', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('n_added', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('n_present', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('n_refused', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('refusals', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name=op.f('ck_task_import_state_known')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_task_import_project_id_project'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_task_import_user_id_users'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_task_import'))
    )
    op.create_index('ix_task_import_project_id_id', 'task_import', ['project_id', 'id'], unique=False)


def _create_webhook() -> None:
    op.create_table('webhook',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('created', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('project_id', sa.BigInteger(), nullable=False),
    sa.Column('payload', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('response', sa.Text(), nullable=True),
    sa.Column('response_status_code', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_webhook_project_id_project'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_webhook'))
    )
    op.create_index('ix_webhook_project_id_id', 'webhook', ['project_id', 'id'], unique=False)


def _create_assignment() -> None:
    op.create_table('assignment',
    sa.Column('task_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('contributor', sa.Text(), nullable=False),
    sa.Column('project_id', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('requested_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('deadline', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state IN ('held', 'reserved')) = (deadline IS NOT NULL)", name=op.f('ck_assignment_deadline_if_holding')),
    sa.CheckConstraint("state IN ('held', 'reserved', 'lent', 'counted', 'surplus')", name=op.f('ck_assignment_state_known')),
    sa.ForeignKeyConstraint(['project_id', 'task_id'], ['task.project_id', 'task.id'], name=op.f('fk_assignment_project_id_task_id_task'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('task_id', 'contributor', name=op.f('pk_assignment')),
    postgresql_with={'fillfactor': 80}
    )
    op.create_index('ix_assignment_contributor', 'assignment', ['project_id', 'contributor', 'task_id'], unique=False)
    op.create_index('ix_assignment_deadline', 'assignment', ['project_id', 'deadline'], unique=False, postgresql_where=sa.text("state IN ('held', 'reserved')"))
    op.create_index('uq_assignment_one_held', 'assignment', ['project_id', 'contributor'], unique=True, postgresql_where=sa.text("state = 'held'"))


def _create_result() -> None:
    op.create_table('result',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('created', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('project_id', sa.BigInteger(), nullable=False),
    sa.Column('task_id', sa.BigInteger(), nullable=False),
    sa.Column('task_run_ids', sa.ARRAY(sa.BigInteger()), nullable=False),
    sa.Column('last_version', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('info', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.ForeignKeyConstraint(['project_id', 'task_id'], ['task.project_id', 'task.id'], name=op.f('fk_result_project_id_task_id_task'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_result'))
    )
    op.create_index('ix_result_info', 'result', ['info'], unique=False, postgresql_using='gin', postgresql_ops={'info': 'jsonb_path_ops'})
    op.create_index('ix_result_project_id_id', 'result', ['project_id', 'id'], unique=False)
    op.create_index('ix_result_task_id_id', 'result', ['task_id', 'id'], unique=False)
    op.create_index('uq_result_last_version', 'result', ['task_id'], unique=True, postgresql_where=sa.text('last_version'))


def _create_task_run() -> None:
    op.create_table('task_run',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('created', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('project_id', sa.BigInteger(), nullable=False),
    sa.Column('task_id', sa.BigInteger(), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=True),
    sa.Column('user_ip', sa.Text(), nullable=True),
    sa.Column('finish_time', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('timeout', sa.Integer(), nullable=True),
    sa.Column('calibration', sa.Integer(), nullable=True),
    sa.Column('external_uid', sa.Text(), nullable=True),
    sa.Column('media_url', sa.Text(), nullable=True),
    sa.Column('info', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('contributor', sa.Text(), nullable=False),
    sa.Column('counted', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('idempotency_key', sa.Text(), nullable=True),
    sa.CheckConstraint('num_nonnulls(user_id, user_ip, external_uid) = 1', name=op.f('ck_task_run_one_identity')),
    sa.ForeignKeyConstraint(['project_id', 'task_id'], ['task.project_id', 'task.id'], name=op.f('fk_task_run_project_id_task_id_task'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_task_run_user_id_users'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_task_run')),
    sa.UniqueConstraint('task_id', 'contributor', name=op.f('uq_task_run_task_id_contributor'))
    )
    op.create_index('ix_task_run_info', 'task_run', ['info'], unique=False, postgresql_using='gin', postgresql_ops={'info': 'jsonb_path_ops'})
    op.create_index('ix_task_run_project_id_finish_time', 'task_run', ['project_id', 'finish_time'], unique=False)
    op.create_index('ix_task_run_project_id_id', 'task_run', ['project_id', 'id'], unique=False)
    op.create_index('ix_task_run_task_id_id', 'task_run', ['task_id', 'id'], unique=False)
    op.create_index('ix_task_run_user_id_id', 'task_run', ['user_id', 'id'], unique=False)
    op.create_index('uq_task_run_idempotency_key', 'task_run', ['project_id', 'contributor', 'idempotency_key'], unique=True, postgresql_where=sa.text('idempotency_key IS NOT NULL'))


def _create_task_slots() -> None:
    op.create_table('task_slots',
    sa.Column('task_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('project_id', sa.BigInteger(), nullable=False),
    sa.Column('priority_0', sa.Double(), server_default=sa.text('0'), nullable=False),
    sa.Column('created', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('n_answers', sa.Integer(), nullable=False),
    sa.Column('ceiling', sa.Integer(), nullable=False),
    sa.Column('n_counted', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('n_held', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('n_runs', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('is_open', sa.Boolean(), sa.Computed('n_counted + n_held < n_answers', persisted=True), nullable=False),
    sa.Column('completed', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.CheckConstraint('ceiling >= n_answers', name=op.f('ck_task_slots_ceiling_high_enough')),
    sa.CheckConstraint('n_counted + n_held <= ceiling', name=op.f('ck_task_slots_ceiling_kept')),
    sa.CheckConstraint('n_counted >= 0 AND n_held >= 0 AND n_runs >= n_counted', name=op.f('ck_task_slots_counts_sane')),
    sa.ForeignKeyConstraint(['project_id', 'task_id'], ['task.project_id', 'task.id'], name=op.f('fk_task_slots_project_id_task_id_task'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('task_id', name=op.f('pk_task_slots')),
    postgresql_with={'fillfactor': 80}
    )
    op.create_index('ix_task_slots_open_created', 'task_slots', ['project_id', 'created', 'task_id'], unique=False, postgresql_where=sa.text('is_open'))
    op.create_index('ix_task_slots_open_id', 'task_slots', ['project_id', 'task_id'], unique=False, postgresql_where=sa.text('is_open'))
    op.create_index('ix_task_slots_open_priority', 'task_slots', ['project_id', sa.literal_column('priority_0 DESC'), 'task_id'], unique=False, postgresql_where=sa.text('is_open'))
    op.create_index('ix_task_slots_open_runs', 'task_slots', ['project_id', 'n_runs', 'task_id'], unique=False, postgresql_where=sa.text('is_open'))


def upgrade() -> None:
    _create_auditlog()
    _create_category()
    _create_users()
    _create_announcement()
    _create_project()
    _create_user_score()
    _create_blogpost()
    _create_contributor_progress()
    _create_feed_event()
    _create_helpingmaterial()
    _create_pages()
    _create_project_counter()
    _create_project_stats()
    _create_task()
    _create_task_import()
    _create_webhook()
    _create_assignment()
    _create_result()
    _create_task_run()
    _create_task_slots()
    op.execute(
        """
        INSERT INTO category (name, short_name, description) VALUES
          ('Thinking', 'thinking', 'Projects that ask for judgement: reading, comparing, deciding'),
          ('Volunteer Sensing', 'sensing', 'Projects that ask for observations of the world around you')
        """
    )


def downgrade() -> None:
    op.drop_table("task_slots")
    op.drop_table("task_run")
    op.drop_table("result")
    op.drop_table("assignment")
    op.drop_table("webhook")
    op.drop_table("task_import")
    op.drop_table("task")
    op.drop_table("project_stats")
    op.drop_table("project_counter")
    op.drop_table("pages")
    op.drop_table("helpingmaterial")
    op.drop_table("feed_event")
    op.drop_table("contributor_progress")
    op.drop_table("blogpost")
    op.drop_table("user_score")
    op.drop_table("project")
    op.drop_table("announcement")
    op.drop_table("users")
    op.drop_table("category")
    op.drop_table("auditlog")
