"""Files from before they were rows: each is attached to the one row that names it.

What a row's `info` says was written by whoever could write the row, so a file that several rows name is recorded for
none of them: it stays where it is, and nobody can have it removed. In a transaction of its own, which only reads the
tables that people work on.
"""

from alembic import op

revision = "20261129_0051"
down_revision = "20261129_0050"
branch_labels = None
depends_on = None

OF_A_PROJECT = ("blogpost", "helpingmaterial", "pages")


def upgrade() -> None:
    content = "".join(
        f"""
        UNION ALL
        SELECT '{table}', c.id, c.info->>'container', c.info->>'file_name', p.owner_id, p.id
        FROM {table} c JOIN project p ON p.id = c.project_id WHERE c.media_url IS NOT NULL"""
        for table in OF_A_PROJECT
    )
    op.execute(
        f"""
        INSERT INTO file (attached_to, attached_id, container, name, owner_id, project_id)
        SELECT attached_to, attached_id, container, name, owner_id, project_id
        FROM (
          SELECT *, count(*) OVER (PARTITION BY container, name) AS n_rows
          FROM (
            SELECT 'users' AS attached_to, id AS attached_id, info->>'container' AS container, info->>'avatar' AS name,
                   id AS owner_id, CAST(NULL AS bigint) AS project_id
            FROM users
            UNION ALL
            SELECT 'project', id, info->>'container', info->>'thumbnail', owner_id, id FROM project
            UNION ALL
            SELECT 'announcement', id, info->>'container', info->>'file_name', user_id, NULL FROM announcement
            WHERE media_url IS NOT NULL
            UNION ALL
            SELECT 'task_run', id, info->>'container', info->>'file_name', user_id, NULL FROM task_run
            WHERE media_url IS NOT NULL{content}
          ) named
          WHERE container ~ '^(user|project)_[0-9]+$|^anonymous$' AND name ~ '^[A-Za-z0-9][A-Za-z0-9_-]*[.][a-z0-9]+$'
            AND length(container) <= 64 AND length(name) <= 106
        ) counted
        WHERE n_rows = 1
        """
    )


def downgrade() -> None:
    op.execute("DELETE FROM file")
