"""Projects that wait for an administrator's look, those that are paused, and what visitors report."""

import sqlalchemy as sa
from alembic import op

revision = "20261201_1002"
down_revision = "20261201_1001"
branch_labels = None
depends_on = None

REPORT_SIZES = (
    "char_length(subject) <= 100 AND char_length(subject_name) <= 255 AND char_length(path) <= 255"
    " AND char_length(reporter) <= 400 AND char_length(reason) <= 100 AND char_length(text) <= 64000"
)
OPEN = sa.text("closed IS NULL")


def upgrade() -> None:
    op.create_table(
        "report",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("subject_name", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("reporter", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("closed", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "reason IN ('spam', 'offensive', 'private', 'misleading', 'other')", name=op.f("ck_report_reason_known")
        ),
        sa.CheckConstraint("subject IN ('project', 'blogpost', 'user')", name=op.f("ck_report_subject_known")),
        sa.CheckConstraint(REPORT_SIZES, name=op.f("ck_report_sizes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
    )
    op.create_index("ix_report_open", "report", ["id"], postgresql_where=OPEN)
    op.create_index("ix_report_reporter_created", "report", ["reporter", "created"])
    op.create_index(
        "uq_report_open", "report", ["subject", "subject_id", "reporter"], unique=True, postgresql_where=OPEN
    )
    op.create_table(
        "project_review",
        sa.Column("project_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("asked", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.CheckConstraint("char_length(answer) <= 64000", name=op.f("ck_project_review_sizes")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_review_project_id_project"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_project_review")),
    )
    op.create_index("ix_project_review_asked", "project_review", ["asked"], postgresql_where=sa.text("answer IS NULL"))
    op.add_column("project", sa.Column("paused", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("project", sa.Column("first_published", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE project SET first_published = created WHERE published")


def downgrade() -> None:
    op.drop_column("project", "first_published")
    op.drop_column("project", "paused")
    op.drop_table("project_review")
    op.drop_table("report")
