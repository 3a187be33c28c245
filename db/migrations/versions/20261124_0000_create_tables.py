"""Every table, and the two categories that a fresh installation has."""

from alembic import op

from db.migrations.first import accounts, content, contributing, projects

revision = "20261124_0000"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    ("category", projects.create_category),
    ("users", accounts.create_users),
    ("announcement", accounts.create_announcement),
    ("auditlog", accounts.create_auditlog),
    ("user_score", accounts.create_user_score),
    ("project", projects.create_project),
    ("project_stats", projects.create_project_stats),
    ("project_counter", projects.create_project_counter),
    ("contributor_progress", projects.create_contributor_progress),
    ("feed_event", projects.create_feed_event),
    ("blogpost", content.create_blogpost),
    ("helpingmaterial", content.create_helpingmaterial),
    ("pages", content.create_pages),
    ("webhook", content.create_webhook),
    ("task_import", content.create_task_import),
    ("task", contributing.create_task),
    ("task_slots", contributing.create_task_slots),
    ("assignment", contributing.create_assignment),
    ("task_run", contributing.create_task_run),
    ("result", contributing.create_result),
)
"""Each table with what creates it, those that others refer to first."""


def upgrade() -> None:
    for _name, create in TABLES:
        create()
    op.execute(
        """
        INSERT INTO category (name, short_name, description) VALUES
          ('Thinking', 'thinking', 'Projects that ask for judgement: reading, comparing, deciding'),
          ('Volunteer Sensing', 'sensing', 'Projects that ask for observations of the world around you')
        """
    )


def downgrade() -> None:
    for name, _create in reversed(TABLES):
        op.drop_table(name)
