"""Accounts that have answered anything and are ranked, the newest first: the list of people."""

from alembic import op
from sqlalchemy import text

revision = "20261201_0807"
down_revision = "20261201_0806"
branch_labels = None
depends_on = None

NAME = "ix_ranked_user_newest"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(NAME, "ranked_user", postgresql_concurrently=True, if_exists=True)
        columns, ranked = [text("(-user_id)"), "user_id"], text("score > 0")
        op.create_index(NAME, "ranked_user", columns, postgresql_where=ranked, postgresql_concurrently=True)


def downgrade() -> None:
    op.drop_index(NAME, "ranked_user")
