"""Accounts by their full name: for lists of the API by it and in its order."""

from alembic import op

revision = "20261201_0808"
down_revision = "20261201_0807"
branch_labels = None
depends_on = None

NAME = "ix_users_fullname_id"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(NAME, "users", postgresql_concurrently=True, if_exists=True)
        op.create_index(NAME, "users", ["fullname", "id"], postgresql_concurrently=True)


def downgrade() -> None:
    op.drop_index(NAME, "users")
