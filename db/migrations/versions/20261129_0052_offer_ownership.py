"""A project is handed over by an offer that its new owner accepts."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_0052"
down_revision = "20261129_0051"
branch_labels = None
depends_on = None

PEOPLE = ("user_id", "offered_by")


def upgrade() -> None:
    op.create_table(
        "ownership_offer",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("email_addr", sa.String(254), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in PEOPLE),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_ownership_offer_project_id_project"), ondelete="CASCADE"
        ),
        *(
            sa.ForeignKeyConstraint(
                [name], ["users.id"], name=op.f(f"fk_ownership_offer_{name}_users"), ondelete="SET NULL"
            )
            for name in PEOPLE
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ownership_offer")),
        sa.UniqueConstraint("project_id", name=op.f("uq_ownership_offer_project_id")),
    )
    for name in PEOPLE:
        op.create_index(f"ix_ownership_offer_{name}", "ownership_offer", [name])


def downgrade() -> None:
    op.drop_table("ownership_offer")
