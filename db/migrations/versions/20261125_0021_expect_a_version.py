"""What a process remembers of a project is good as long as the project's row is the one it was read from."""

from alembic import op

from db.migrations.script import run_script

revision = "20261125_0021"
down_revision = "20261125_0020"
branch_labels = None
depends_on = None

EXPECT = """
CREATE FUNCTION workbee_expect(p_project bigint, p_version text) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM project p WHERE p.id = p_project AND p.xmin::text = p_version) THEN
    RAISE EXCEPTION 'the project has changed since it was read' USING ERRCODE = 'WB001';
  END IF;
  RETURN p_project;
END $$;
"""


def upgrade() -> None:
    run_script(op.get_bind(), EXPECT)


def downgrade() -> None:
    op.execute("DROP FUNCTION workbee_expect(bigint, text)")
