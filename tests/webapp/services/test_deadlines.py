"""The upkeep of deadlines looks at the projects at work, and at no other."""

from db.session import Database
from tests.factories import make_project, make_user
from webapp.services.contributing import deadlines


async def test_projects_at_work_are_looked_at(database: Database) -> None:
    async with database.unit() as uow:
        owner = await make_user(uow.session)
        busy, idle, new = [(await make_project(uow.session, owner)).id for _ in range(3)]
    # Answers are counted in shards of their own.
    await database.autocommit.fetch(
        """INSERT INTO project_counter (project_id, shard, last_activity)
           VALUES ($1::bigint, 3, now()), ($1::bigint, 5, now()), ($2::bigint, 3, now() - interval '1 day')""",
        busy,
        idle,
    )

    assert await deadlines.remember_none_due(database) == 1

    rows = await database.autocommit.fetch(
        """SELECT project_id, deadline_watermark BETWEEN now() - interval '2 min' AND now() FROM project_counter
           WHERE shard = 0 ORDER BY project_id"""
    )
    assert [tuple(row) for row in rows] == [(busy, True), (idle, None), (new, None)]
