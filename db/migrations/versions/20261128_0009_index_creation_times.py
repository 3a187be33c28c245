"""Lists of what was created at some time look at the pages of that time only: indexes that cost next to nothing."""

from alembic import op

revision = "20261128_0009"
down_revision = "20261128_0008"
branch_labels = None
depends_on = None

TABLES = ("task", "task_run", "result")


def upgrade() -> None:
    for table in TABLES:
        op.create_index(
            f"ix_{table}_created",
            table,
            ["created"],
            postgresql_using="brin",
            postgresql_with={"autosummarize": "on"},
        )


def downgrade() -> None:
    for table in TABLES:
        op.drop_index(f"ix_{table}_created", table_name=table)
