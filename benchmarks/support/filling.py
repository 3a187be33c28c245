"""Projects and volunteers, written straight into the database of a running site."""

from collections.abc import Sequence

import asyncpg

PATIENCE = 3600


async def add_volunteers(database: "asyncpg.Connection", names: Sequence[str]) -> dict[int, str]:
    """Accounts: their ids and API keys."""
    rows = await database.fetch(
        """INSERT INTO users (name, fullname, email_addr)
           SELECT n, n, n || '@example.org' FROM unnest($1::text[]) n RETURNING id, api_key""",
        list(names),
    )
    return {row[0]: row[1] for row in rows}


async def add_project(database: "asyncpg.Connection", name: str, *, scheduler: str = "default") -> int:
    """A published project without tasks; its id."""
    owner = next(iter(await add_volunteers(database, [f"owner-of-{name}"])))
    return int(
        await database.fetchval(
            """INSERT INTO project (name, short_name, description, owner_id, owners_ids, category_id, published, info)
               SELECT $1::text, $1::text, 'Bench', $2::bigint, ARRAY[$2::bigint], min(id), true,
                      jsonb_build_object('sched', $3::text) FROM category
               RETURNING id""",
            name,
            owner,
            scheduler,
        )
    )


async def add_tasks(database: "asyncpg.Connection", project: int, n_tasks: int, *, n_answers: int = 3) -> None:
    """Tasks of the size that a picture to look at has."""
    await database.execute(
        """INSERT INTO task (project_id, info, n_answers)
           SELECT $1::bigint, jsonb_build_object('n', n, 'link', 'https://example.org/photos/' || n || '.jpg'), $3::int
           FROM generate_series(1, $2::bigint) n""",
        project,
        n_tasks,
        n_answers,
        timeout=PATIENCE,
    )


async def settle(database: "asyncpg.Connection") -> None:
    """As the server's own maintenance would leave the tables after a while."""
    await database.execute("VACUUM ANALYZE", timeout=PATIENCE)
