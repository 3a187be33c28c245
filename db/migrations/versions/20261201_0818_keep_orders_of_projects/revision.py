"""Keep where projects stand in lists that are ordered by a value of theirs."""

import sqlalchemy as sa
from alembic import op

from db.migrations.functions import install, restore

revision = "20261201_0818"
down_revision = "20261201_0817"
branch_labels = None
depends_on = None

FLAGS = ("published", "featured", "is_listed")
UPWARDS = ("orderby", sa.text("number NULLS FIRST"), sa.text("words NULLS FIRST"), "project_id")
DOWNWARDS = ("orderby", sa.text("number DESC NULLS LAST"), sa.text("words DESC NULLS LAST"), "project_id")
INDEXES = (
    ("ix_project_order_upwards", UPWARDS, "is_listed"),
    ("ix_project_order_downwards", DOWNWARDS, "is_listed"),
    ("ix_project_order_upwards_in_category", ("category_id", *UPWARDS), "is_listed"),
    ("ix_project_order_downwards_in_category", ("category_id", *DOWNWARDS), "is_listed"),
    ("ix_project_order_upwards_in_featured", UPWARDS, "is_listed AND featured"),
    ("ix_project_order_downwards_in_featured", DOWNWARDS, "is_listed AND featured"),
    ("ix_project_order_upwards_in_drafts", UPWARDS, "NOT published"),
    ("ix_project_order_downwards_in_drafts", DOWNWARDS, "NOT published"),
)
DRAFTS = "ix_project_total_place_of_drafts"
PLACE = (sa.text("rank DESC"), sa.text("last_activity DESC NULLS LAST"), sa.text("project_id DESC"))
RENAMED = """
CREATE TRIGGER user_renamed AFTER UPDATE OF fullname ON users FOR EACH ROW
  WHEN (OLD.fullname IS DISTINCT FROM NEW.fullname) EXECUTE FUNCTION workbee_user_changed()
"""
POST_CAME_OR_WENT = """
CREATE TRIGGER post_came_or_went AFTER INSERT OR DELETE ON blogpost FOR EACH ROW EXECUTE FUNCTION workbee_post_changed()
"""
POST_PUBLISHED = """
CREATE TRIGGER post_published AFTER UPDATE OF published ON blogpost FOR EACH ROW
  WHEN (OLD.published IS DISTINCT FROM NEW.published) EXECUTE FUNCTION workbee_post_changed()
"""
FILL = "INSERT INTO project_change (project_id) SELECT id FROM project"
"""Until the figures have looked at all of them, lists do so themselves."""


def upgrade() -> None:
    flags = (sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False) for name in FLAGS)
    op.create_table(
        "project_order",
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("orderby", sa.Text(), nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=False),
        *flags,
        sa.Column("number", sa.Double(), nullable=True),
        sa.Column("words", sa.String(500), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_order_project_id_project"), ondelete="CASCADE"
        ),
        sa.CheckConstraint("char_length(orderby) <= 100", name=op.f("ck_project_order_sizes")),
        sa.PrimaryKeyConstraint("project_id", "orderby", name=op.f("pk_project_order")),
    )
    for name, keys, where in INDEXES:
        op.create_index(name, "project_order", keys, postgresql_where=sa.text(where))
    op.create_index(DRAFTS, "project_total", PLACE, postgresql_where=sa.text("NOT published"))
    install(__file__)
    for statement in (RENAMED, POST_CAME_OR_WENT, POST_PUBLISHED, FILL):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TRIGGER post_published ON blogpost")
    op.execute("DROP TRIGGER post_came_or_went ON blogpost")
    op.execute("DROP TRIGGER user_renamed ON users")
    restore(__file__)
    op.drop_index(DRAFTS, "project_total")
    op.drop_table("project_order")
