"""How many tasks of a project were completed by day, from the index alone."""

import sqlalchemy as sa
from alembic import op

revision = "20261201_0817"
down_revision = "20261201_0816"
branch_labels = None
depends_on = None

NAME = "ix_project_day_completed"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(NAME, "project_day", postgresql_concurrently=True, if_exists=True)
        op.create_index(
            NAME,
            "project_day",
            ["project_id", "day"],
            postgresql_concurrently=True,
            postgresql_include=["n_completed"],
            postgresql_where=sa.text("n_completed <> 0"),
        )


def downgrade() -> None:
    op.drop_index(NAME, "project_day")
