"""The feed is read off the rows themselves (`db.queries.feed`): nothing is written for it."""

from alembic import op

from db.migrations.first.projects import create_feed_event

revision = "20261124_0004"
down_revision = "20261124_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("feed_event")


def downgrade() -> None:
    create_feed_event()
