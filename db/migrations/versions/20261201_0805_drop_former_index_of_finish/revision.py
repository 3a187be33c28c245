"""The index of answers by time without their id goes: the one of the revision before takes its place."""

from alembic import op

revision = "20261201_0805"
down_revision = "20261201_0804"
branch_labels = None
depends_on = None

NAME = "ix_task_run_project_id_finish_time"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(NAME, "task_run", postgresql_concurrently=True, if_exists=True)


def downgrade() -> None:
    op.create_index(NAME, "task_run", ["project_id", "finish_time"])
