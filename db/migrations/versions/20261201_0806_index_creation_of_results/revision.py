"""The results of a project in the order of their creation, for lists."""

from alembic import op

revision = "20261201_0806"
down_revision = "20261201_0805"
branch_labels = None
depends_on = None

NAME = "ix_result_project_id_created_id"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(NAME, "result", postgresql_concurrently=True, if_exists=True)
        op.create_index(NAME, "result", ["project_id", "created", "id"], postgresql_concurrently=True)


def downgrade() -> None:
    op.drop_index(NAME, "result")
