"""No two accounts, projects or categories have names that look alike, from now on."""

import sqlalchemy as sa
from alembic import op

from db.naming import look as look_of

revision = "20261129_0041"
down_revision = "20261129_0040"
branch_labels = None
depends_on = None

NAMES = (("users", "name"), ("project", "short_name"), ("category", "short_name"))


def upgrade() -> None:
    for table, name in NAMES:
        op.add_column(table, sa.Column(f"{name}_skeleton", sa.String(64), nullable=True))
        _fill(table, name)
        op.create_unique_constraint(op.f(f"uq_{table}_{name}_skeleton"), table, [f"{name}_skeleton"])
        op.create_index(
            f"uq_{table}_lower_{name}",
            table,
            [sa.text(f"lower({name})")],
            unique=True,
            postgresql_where=sa.text(f"{name}_skeleton IS NOT NULL"),
        )


def _fill(table: str, name: str) -> None:
    """The oldest of those that look alike has the look; the others keep their names, and no look."""
    connection = op.get_bind()
    rows = connection.execute(sa.text(f"SELECT id, {name}, lower({name}) FROM {table} ORDER BY id")).all()
    taken: set[str] = set()
    looks: dict[int, str] = {}
    for identity, written, lower in rows:
        look = look_of(written)
        if not taken & {f"look {look}", f"lower {lower}"}:
            looks[identity] = look
            taken |= {f"look {look}", f"lower {lower}"}
    connection.execute(
        sa.text(f"""
            UPDATE {table} SET {name}_skeleton = filled.look
            FROM unnest(CAST(:ids AS bigint[]), CAST(:looks AS text[])) filled (id, look) WHERE {table}.id = filled.id
        """),
        {"ids": list(looks), "looks": list(looks.values())},
    )


def downgrade() -> None:
    for table, name in NAMES:
        op.drop_index(f"uq_{table}_lower_{name}", table_name=table)
        op.drop_column(table, f"{name}_skeleton")
