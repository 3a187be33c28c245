"""The index of what somebody has helped without its projects goes: the one of the revision before takes its place."""

from alembic import op

revision = "20261201_0816"
down_revision = "20261201_0815"
branch_labels = None
depends_on = None

NAME = "ix_contributor_progress_user_id"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(NAME, "contributor_progress", postgresql_concurrently=True, if_exists=True)


def downgrade() -> None:
    op.create_index(NAME, "contributor_progress", ["user_id", "last_at"])
