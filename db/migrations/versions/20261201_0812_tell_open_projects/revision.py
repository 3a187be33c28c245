"""Whether everybody may see inside a project, as a column: the planner knows how many are so."""

import sqlalchemy as sa
from alembic import op

from db.migrations.functions import install, restore

revision = "20261201_0812"
down_revision = "20261201_0811"
branch_labels = None
depends_on = None

IS_OPEN = "published AND coalesce(info ->> 'passwd_hash', '') = ''"


def upgrade() -> None:
    # The table is rewritten: as many rows as there are projects.
    op.add_column("project", sa.Column("is_open", sa.Boolean(), sa.Computed(IS_OPEN, persisted=True), nullable=False))
    op.create_index("ix_project_is_open", "project", ["id"], postgresql_where=sa.text("is_open"))
    install(__file__)


def downgrade() -> None:
    restore(__file__)
    op.drop_column("project", "is_open")
