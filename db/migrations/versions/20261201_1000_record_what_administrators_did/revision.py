"""A record of what administrators did, which is only added to; and an index of who they are."""

import sqlalchemy as sa
from alembic import op

from db.migrations.functions import install, restore

revision = "20261201_1000"
down_revision = "20261201_0819"
branch_labels = None
depends_on = None

SIZES = (
    "char_length(admin_name) <= 2000 AND char_length(action) <= 100 AND char_length(subject) <= 100"
    " AND char_length(subject_name) <= 255 AND char_length(detail) <= 64000"
)
KEPT = """
CREATE TRIGGER admin_action_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON admin_action
  FOR EACH STATEMENT EXECUTE FUNCTION workbee_admin_action_kept()
"""


def upgrade() -> None:
    op.create_table(
        "admin_action",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("admin_id", sa.BigInteger(), nullable=False),
        sa.Column("admin_name", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("subject_name", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.CheckConstraint(SIZES, name=op.f("ck_admin_action_sizes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admin_action")),
    )
    op.create_index("ix_admin_action_subject", "admin_action", ["subject", "subject_id", "id"])
    install(__file__)
    op.execute(KEPT)
    op.create_index("ix_users_admin", "users", ["id"], postgresql_where=sa.text("admin"))


def downgrade() -> None:
    op.drop_index("ix_users_admin", table_name="users")
    op.drop_table("admin_action")
    restore(__file__)
