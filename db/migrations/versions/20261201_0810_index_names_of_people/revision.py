"""Any part of accounts' names, for searching."""

from alembic import op
from sqlalchemy import text

revision = "20261201_0810"
down_revision = "20261201_0809"
branch_labels = None
depends_on = None

NAME = "ix_users_names"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(NAME, "users", postgresql_concurrently=True, if_exists=True)
        names = text("workbee_names(name, fullname) gin_trgm_ops")
        op.create_index(NAME, "users", [names], postgresql_using="gin", postgresql_concurrently=True)


def downgrade() -> None:
    op.drop_index(NAME, "users")
