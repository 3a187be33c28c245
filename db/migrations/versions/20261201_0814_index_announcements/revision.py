"""Announcements by their creation."""

from alembic import op

revision = "20261201_0814"
down_revision = "20261201_0813"
branch_labels = None
depends_on = None

NAME = "ix_announcement_created_id"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(NAME, "announcement", postgresql_concurrently=True, if_exists=True)
        op.create_index(
            NAME,
            "announcement",
            ["created", "id"],
            postgresql_concurrently=True,
            postgresql_include=["published"],
        )


def downgrade() -> None:
    op.drop_index(NAME, "announcement")
