"""Find the answers of the last hours without reading all: an index of block ranges, tiny as runs come in order."""

from alembic import op

revision = "20261124_0003"
down_revision = "20261124_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_task_run_finish_time", "task_run", ["finish_time"], postgresql_using="brin")


def downgrade() -> None:
    op.drop_index("ix_task_run_finish_time", table_name="task_run")
