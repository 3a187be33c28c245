"""Mails that wait, bulk mails, and who wants the newsletter."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261202_1000"
down_revision = "20261202_0930"
branch_labels = None
depends_on = None


def _moment(name: str) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def _about() -> sa.Column[sa.JSON]:
    return sa.Column("about", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "mail",
        sa.Column("id", sa.BigInteger(), nullable=False),
        _moment("created"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("topic", sa.Text(), nullable=True),
        _about(),
        sa.Column("sent", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "char_length(kind) <= 100 AND char_length(topic) <= 255 AND pg_column_size(about) <= 6291456",
            name=op.f("ck_mail_sizes"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_mail_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
    )
    op.create_index("ix_mail_user_id", "mail", ["user_id"])
    op.create_index("ix_mail_created", "mail", ["created"])
    op.create_index("ix_mail_kind_topic_created", "mail", ["kind", "topic", "created"])
    op.create_table(
        "mailing",
        sa.Column("id", sa.BigInteger(), nullable=False),
        _moment("created"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        _about(),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("finished", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "char_length(kind) <= 100 AND char_length(key) <= 255 AND char_length(cursor) <= 255"
            " AND pg_column_size(about) <= 6291456",
            name=op.f("ck_mailing_sizes"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailing")),
        sa.UniqueConstraint("key", name=op.f("uq_mailing_key")),
    )
    op.create_index("ix_mailing_kind_created", "mailing", ["kind", "created"])
    op.create_table(
        "newsletter_subscriber",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        _moment("created"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_newsletter_subscriber_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_newsletter_subscriber")),
    )


def downgrade() -> None:
    for table in ("newsletter_subscriber", "mailing", "mail"):
        op.drop_table(table)
