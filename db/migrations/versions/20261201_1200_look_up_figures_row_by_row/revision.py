"""Look up what a fold changes row by row, whatever the planner believes of how much is new."""

from db.migrations.functions import install, restore

revision = "20261201_1200"
down_revision = "20261201_1100"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install(__file__)


def downgrade() -> None:
    restore(__file__)
