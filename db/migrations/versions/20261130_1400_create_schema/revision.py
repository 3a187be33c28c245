"""The whole schema, with the two categories that a fresh installation has."""

from pathlib import Path

from alembic import op

from db.migrations.functions import install
from db.migrations.script import run_script

revision = "20261130_1400"
down_revision = None
branch_labels = None
depends_on = None

TABLES = ("accounts", "projects", "content", "contributing")
"""Scripts beside this one, those first that others refer to."""


def upgrade() -> None:
    for name in TABLES:
        _run(name)
    install(__file__)
    _run("triggers")


def downgrade() -> None:
    raise NotImplementedError("There is nothing before the first revision: drop the database.")


def _run(name: str) -> None:
    run_script(op.get_bind(), Path(__file__).with_name(f"{name}.sql").read_text())
