"""The sizes of texts and documents hold for all rows: the site goes on being served while they are looked at."""

from alembic import op

revision = "20261129_0021"
down_revision = "20261129_0020"
branch_labels = None
depends_on = None

TABLES = (
    "announcement",
    "assignment",
    "auditlog",
    "blogpost",
    "category",
    "contributor_progress",
    "helpingmaterial",
    "pages",
    "project",
    "project_stats",
    "result",
    "task",
    "task_import",
    "task_run",
    "users",
    "webhook",
)
VALIDATE = """
DO $$ BEGIN
  ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_sizes;
EXCEPTION WHEN check_violation THEN
  RAISE WARNING '{table} has rows from before that are too large: they stay, and can be changed once they are smaller';
END $$
"""


def upgrade() -> None:
    for table in TABLES:
        op.execute(VALIDATE.format(table=table))


def downgrade() -> None:
    """What is valid stays so until the constraint goes."""
