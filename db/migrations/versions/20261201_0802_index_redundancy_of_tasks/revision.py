"""The tasks of a project by the number of answers that they want."""

from alembic import op

revision = "20261201_0802"
down_revision = "20261201_0801"
branch_labels = None
depends_on = None

NAME = "ix_task_project_id_n_answers_id"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(NAME, "task", postgresql_concurrently=True, if_exists=True)
        op.create_index(NAME, "task", ["project_id", "n_answers", "id"], postgresql_concurrently=True)


def downgrade() -> None:
    op.drop_index(NAME, "task")
