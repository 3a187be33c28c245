"""What somebody has helped by their last answer, counted from the index alone."""

from alembic import op

revision = "20261201_0815"
down_revision = "20261201_0814"
branch_labels = None
depends_on = None

NAME = "ix_contributor_progress_user_id_last_at_project_id"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(NAME, "contributor_progress", postgresql_concurrently=True, if_exists=True)
        op.create_index(
            NAME,
            "contributor_progress",
            ["user_id", "last_at", "project_id"],
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    op.drop_index(NAME, "contributor_progress")
