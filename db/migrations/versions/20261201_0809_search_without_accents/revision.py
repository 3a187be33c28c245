"""What searches by words need: texts without accents, and their trigrams. Both extensions come with PostgreSQL, and who
may create something in the database may create them."""

from alembic import op

from db.migrations.functions import install, restore

revision = "20261201_0809"
down_revision = "20261201_0808"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.execute("CREATE EXTENSION IF NOT EXISTS unaccent")
    install(__file__)


def downgrade() -> None:
    restore(__file__)
    op.execute("DROP EXTENSION unaccent")
    op.execute("DROP EXTENSION pg_trgm")
