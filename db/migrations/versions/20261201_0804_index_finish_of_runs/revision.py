"""The runs of a project in the order of their answers, with the id, for lists."""

from alembic import op

revision = "20261201_0804"
down_revision = "20261201_0803"
branch_labels = None
depends_on = None

NAME = "ix_task_run_project_id_finish_time_id"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(NAME, "task_run", postgresql_concurrently=True, if_exists=True)
        op.create_index(NAME, "task_run", ["project_id", "finish_time", "id"], postgresql_concurrently=True)


def downgrade() -> None:
    op.drop_index(NAME, "task_run")
