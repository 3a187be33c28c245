"""The posts of a project by their creation, counted from the index alone."""

from alembic import op

revision = "20261201_0813"
down_revision = "20261201_0812"
branch_labels = None
depends_on = None

NAME = "ix_blogpost_project_id_created_id"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(NAME, "blogpost", postgresql_concurrently=True, if_exists=True)
        op.create_index(
            NAME,
            "blogpost",
            ["project_id", "created", "id"],
            postgresql_concurrently=True,
            postgresql_include=["published"],
        )


def downgrade() -> None:
    op.drop_index(NAME, "blogpost")
