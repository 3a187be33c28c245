"""Keep figures of answers."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from db.migrations.functions import install, restore
from db.migrations.script import run_script

revision = "20261130_1757"
down_revision = "20261130_1400"
branch_labels = None
depends_on = None

contracts = ("column project_stats.refreshed_at", "column project_stats.refresh_seconds")

TABLES = (
    "figure_state",
    "run_change",
    "result_change",
    "user_change",
    "project_change",
    "site_day",
    "site_total",
    "category_total",
    "activity_hour",
    "recent_activity",
    "project_total",
    "project_people",
    "project_day",
    "project_hour",
    "project_contributor",
    "contributor_day",
    "user_day",
    "ranked_user",
    "score_count",
    "score_block",
)


def upgrade() -> None:
    run_script(op.get_bind(), Path(__file__).with_name("tables.sql").read_text())
    op.execute("UPDATE project_stats SET info = '{}' WHERE info <> '{}'")
    op.drop_column("project_stats", "refreshed_at")
    op.drop_column("project_stats", "refresh_seconds")
    install(__file__)
    op.execute(
        """CREATE TRIGGER user_gone AFTER DELETE ON users FOR EACH ROW EXECUTE FUNCTION workbee_user_changed()"""
    )
    op.execute(
        """CREATE TRIGGER project_gone AFTER DELETE ON project FOR EACH ROW EXECUTE FUNCTION workbee_project_gone()"""
    )
    op.execute(
        """CREATE TRIGGER user_restricted AFTER UPDATE OF restrict ON users FOR EACH ROW
           WHEN (OLD.restrict IS DISTINCT FROM NEW.restrict) EXECUTE FUNCTION workbee_user_changed()"""
    )
    op.execute(
        """CREATE TRIGGER run_changed AFTER UPDATE ON task_run REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
           FOR EACH STATEMENT EXECUTE FUNCTION workbee_run_changed()"""
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER run_changed ON task_run")
    op.execute("DROP TRIGGER user_restricted ON users")
    op.execute("DROP TRIGGER project_gone ON project")
    op.execute("DROP TRIGGER user_gone ON users")
    op.add_column("project_stats", sa.Column("refreshed_at", sa.DateTime(timezone=True)))
    op.add_column(
        "project_stats", sa.Column("refresh_seconds", sa.Double(), server_default=sa.text("0"), nullable=False)
    )
    restore(__file__)
    for table in TABLES:
        op.drop_table(table)
