"""Every text and every JSON document has a greatest size: of new rows from here on, of all with the next revision."""

from alembic import op

revision = "20261129_0020"
down_revision = "20261129_0052"
branch_labels = None
depends_on = None

SIZES = {
    "announcement": (
        "char_length(body) <= 64000",
        "char_length(media_url) <= 2000",
        "pg_column_size(info) <= 6291456",
    ),
    "assignment": (
        "char_length(contributor) <= 400",
        "char_length(state) <= 100",
    ),
    "auditlog": (
        "char_length(project_short_name) <= 255",
        "char_length(user_name) <= 2000",
        "char_length(action) <= 100",
        "char_length(caller) <= 100",
        "char_length(attribute) <= 2000",
        "char_length(old_value) <= 64000",
        "char_length(new_value) <= 64000",
    ),
    "blogpost": (
        "char_length(body) <= 64000",
        "char_length(media_url) <= 2000",
        "pg_column_size(info) <= 6291456",
    ),
    "category": (
        "char_length(name) <= 2000",
        "char_length(short_name) <= 2000",
        "char_length(description) <= 64000",
        "pg_column_size(info) <= 6291456",
    ),
    "contributor_progress": (
        "char_length(contributor) <= 400",
        "char_length(list_order) <= 100",
    ),
    "helpingmaterial": (
        "char_length(media_url) <= 2000",
        "pg_column_size(info) <= 6291456",
    ),
    "pages": (
        "char_length(media_url) <= 2000",
        "pg_column_size(info) <= 6291456",
    ),
    "project": (
        "char_length(long_description) <= 64000",
        "char_length(webhook) <= 2000",
        "char_length(secret_key) <= 100",
        "pg_column_size(info) <= 201326592",
    ),
    "project_stats": ("pg_column_size(info) <= 201326592",),
    "result": ("pg_column_size(info) <= 201326592",),
    "task": (
        "char_length(state) <= 100",
        "pg_column_size(info) <= 25165824",
    ),
    "task_import": (
        "char_length(source) <= 100",
        "char_length(state) <= 100",
        "char_length(error) <= 64000",
        "pg_column_size(options) <= 6291456",
        "pg_column_size(refusals) <= 6291456",
        "pg_column_size(notes) <= 6291456",
    ),
    "task_run": (
        "char_length(user_ip) <= 100",
        "char_length(external_uid) <= 255",
        "char_length(media_url) <= 2000",
        "char_length(contributor) <= 400",
        "char_length(idempotency_key) <= 100",
        "pg_column_size(info) <= 201326592",
    ),
    "users": (
        "char_length(passwd_hash) <= 2000",
        "char_length(ldap) <= 255",
        "char_length(ckan_api) <= 255",
        "pg_column_size(info) <= 6291456",
        "pg_column_size(user_pref) <= 6291456",
    ),
    "webhook": (
        "char_length(response) <= 64000",
        "pg_column_size(payload) <= 25165824",
    ),
}
"""Of each table: characters of its texts, stored bytes of its documents."""


def upgrade() -> None:
    for table, checks in SIZES.items():
        # Without looking at the rows that are there, which would keep everybody from the table meanwhile.
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_sizes CHECK ({' AND '.join(checks)}) NOT VALID")


def downgrade() -> None:
    for table in SIZES:
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_sizes")
