"""The texts of projects as they are searched, in a table of their own with an index of their trigrams."""

import sqlalchemy as sa
from alembic import op

from db.migrations.functions import install, restore

revision = "20261201_0811"
down_revision = "20261201_0810"
branch_labels = None
depends_on = None

ADDED = """
CREATE TRIGGER project_search_added AFTER INSERT ON project
  FOR EACH ROW EXECUTE FUNCTION workbee_project_searched()
"""
CHANGED = """
CREATE TRIGGER project_search_changed AFTER UPDATE OF name, short_name, description, long_description ON project
  FOR EACH ROW EXECUTE FUNCTION workbee_project_searched()
"""
FILL = """
INSERT INTO project_search (project_id, words)
SELECT id, workbee_project_words(name, short_name, description, long_description) FROM project
"""


def upgrade() -> None:
    op.create_table(
        "project_search",
        sa.Column("project_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.CheckConstraint("char_length(words) <= 100000", name=op.f("ck_project_search_sizes")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_search_project_id_project"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_project_search")),
    )
    op.create_index(
        "ix_project_search_words",
        "project_search",
        ["words"],
        postgresql_using="gin",
        postgresql_ops={"words": "gin_trgm_ops"},
    )
    install(__file__)
    op.execute(ADDED)
    op.execute(CHANGED)
    op.execute(FILL)


def downgrade() -> None:
    op.execute("DROP TRIGGER project_search_changed ON project")
    op.execute("DROP TRIGGER project_search_added ON project")
    restore(__file__)
    op.drop_table("project_search")
