"""Move cursors on without reading all leases of a project each time."""

from db.migrations.functions import install, restore

revision = "20261202_0900"
down_revision = "20261201_1200"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install(__file__)


def downgrade() -> None:
    restore(__file__)
