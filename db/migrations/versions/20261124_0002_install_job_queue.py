"""The job queue's own tables and functions, as its package ships them."""

from alembic import op
from procrastinate.schema import SchemaManager

from db.migrations.script import run_script

revision = "20261124_0002"
down_revision = "20261124_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script(op.get_bind(), SchemaManager.get_schema())


def downgrade() -> None:
    op.execute(
        """
        DO $$
        DECLARE found record;
        BEGIN
          FOR found IN SELECT oid::regprocedure AS name FROM pg_proc WHERE proname LIKE 'procrastinate%' LOOP
            EXECUTE 'DROP FUNCTION ' || found.name || ' CASCADE';
          END LOOP;
          FOR found IN SELECT tablename AS name FROM pg_tables
                       WHERE schemaname = current_schema() AND tablename LIKE 'procrastinate%' LOOP
            EXECUTE 'DROP TABLE ' || quote_ident(found.name) || ' CASCADE';
          END LOOP;
          FOR found IN SELECT t.typname AS name FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
                       WHERE n.nspname = current_schema() AND t.typname LIKE 'procrastinate%'
                         AND t.typtype IN ('e', 'c') LOOP
            EXECUTE 'DROP TYPE IF EXISTS ' || quote_ident(found.name) || ' CASCADE';
          END LOOP;
        END $$
        """
    )
