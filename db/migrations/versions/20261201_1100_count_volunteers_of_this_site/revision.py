"""Count as volunteers of a project accounts and anonymous people, and no users of its own app."""

from alembic import op

from db.migrations.functions import install, restore

revision = "20261201_1100"
down_revision = "20261201_1004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install(__file__)
    _recount("-")


def downgrade() -> None:
    restore(__file__)
    _recount("+")


def _recount(sign: str) -> None:
    """Take the users of the projects' own apps out of the counts, or back in: projects that have some are few."""
    op.execute(f"""
    WITH external AS (
      SELECT project_id, count(*) AS n FROM contributor_progress WHERE contributor LIKE 'ext:%' GROUP BY project_id
    ), changed AS (
      INSERT INTO project_change (project_id) SELECT project_id FROM external
    )
    UPDATE project_counter c SET n_volunteers = c.n_volunteers {sign} e.n
    FROM external e WHERE c.project_id = e.project_id AND c.shard = 0
    """)
