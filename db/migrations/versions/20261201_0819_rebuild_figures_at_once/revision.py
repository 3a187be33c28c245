"""Rebuild figures by one count of everything."""

from db.migrations.functions import install, restore

revision = "20261201_0819"
down_revision = "20261201_0818"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install(__file__)


def downgrade() -> None:
    restore(__file__)
