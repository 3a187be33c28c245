"""The tasks of a project in the order of their priority, for lists."""

from alembic import op
from sqlalchemy import text

revision = "20261201_0800"
down_revision = "20261130_1757"
branch_labels = None
depends_on = None

NAME = "ix_task_project_id_priority_0_id"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(NAME, "task", postgresql_concurrently=True, if_exists=True)
        op.create_index(NAME, "task", ["project_id", text("priority_0 DESC"), "id"], postgresql_concurrently=True)


def downgrade() -> None:
    op.drop_index(NAME, "task")
