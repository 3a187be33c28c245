"""Sessions that people see, and what they sign in with beside a password."""

import sqlalchemy as sa
from alembic import op

revision = "20261202_1200"
down_revision = "20261202_1100"
branch_labels = None
depends_on = None


def _of_account(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_user_id_users")
    return sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=name, ondelete="CASCADE")


def _created() -> sa.Column[object]:
    return sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "account_session",
        sa.Column("id", sa.BigInteger(), nullable=False),
        _created(),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("credential", sa.String(64), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("proven", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "char_length(browser) <= 100 AND char_length(system) <= 100", name=op.f("ck_account_session_sizes")
        ),
        _of_account("account_session"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_session")),
        sa.UniqueConstraint("credential", name=op.f("uq_account_session_credential")),
    )
    op.create_index("ix_account_session_user_id_id", "account_session", ["user_id", "id"])
    op.create_index("ix_account_session_created", "account_session", ["created"])
    op.create_table(
        "second_step",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        _created(),
        sa.Column("mail_codes", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("char_length(secret) <= 2000", name=op.f("ck_second_step_sizes")),
        _of_account("second_step"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_second_step")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.CheckConstraint("char_length(digest) <= 100", name=op.f("ck_recovery_code_sizes")),
        _of_account("recovery_code"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
    )
    op.create_index(op.f("ix_recovery_code_user_id"), "recovery_code", ["user_id"])
    op.create_table(
        "passkey",
        sa.Column("id", sa.BigInteger(), nullable=False),
        _created(),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("credential", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_used", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "char_length(name) <= 255 AND char_length(credential) <= 2000 AND char_length(public_key) <= 2000",
            name=op.f("ck_passkey_sizes"),
        ),
        _of_account("passkey"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential", name=op.f("uq_passkey_credential")),
    )
    op.create_index(op.f("ix_passkey_user_id"), "passkey", ["user_id"])


def downgrade() -> None:
    for table in ("passkey", "recovery_code", "second_step", "account_session"):
        op.drop_table(table)
