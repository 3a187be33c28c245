"""Who is in the list of people, and what a page of it costs."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import User
from db.paging import Part, numbered_part
from db.queries.accounts.people import count_people, page_of_people
from db.queries.figures.folding import fold
from db.session import Database, UnitOfWork
from tests.factories import give_scores, make_user
from tests.support.costs import blocks_read_by

PEOPLE = """
INSERT INTO users (name, fullname, email_addr)
SELECT 'p' || n, 'P', n || '@example.org' FROM generate_series(1, 10000) n
"""


async def listed(session: AsyncSession, part: Part) -> list[int]:
    return [user.id for user, _ in await page_of_people(session, part)]


async def test_it_has_who_has_answered_the_newest_first(uow: UnitOfWork) -> None:
    old, middle, new, idle, hidden = users = [await make_user(uow.session, restrict=number == 4) for number in range(5)]
    await give_scores(uow.session, users, [1, 7, 2, 0, 3])

    parts = {
        Part(5): [new, middle, old],
        Part(1, 1): [middle],
        Part(5, beyond=new.id): [middle, old],
        Part(1, backwards=True): [old],
        Part(1, 1, backwards=True): [middle],
        Part(5, backwards=True, beyond=old.id): [new, middle],
        Part(5, beyond=idle.id): [new, middle, old],
        Part(5, backwards=True, beyond=hidden.id): [],
    }

    assert {part: await listed(uow.session, part) for part in parts} == {
        part: [user.id for user in shown] for part, shown in parts.items()
    }
    assert await count_people(uow.session) == 3


async def test_an_account_is_in_it_while_it_has_answers(uow: UnitOfWork) -> None:
    user: User = await make_user(uow.session)
    seen = []
    for score in (1, 2, 0, 3):
        await give_scores(uow.session, [user], [score])
        seen.append((await listed(uow.session, Part(9)), await count_people(uow.session)))

    assert seen == [([user.id], 1), ([user.id], 1), ([], 0), ([user.id], 1)]


async def test_a_page_costs_what_it_shows(database: Database) -> None:
    """However many have only signed up before, between and after."""
    async with database.unit() as uow:
        await uow.session.execute(text(PEOPLE))
        await fold(uow.session)
    async with database.unit() as uow:
        ranked = text("UPDATE ranked_user SET n_runs = 1, score = 1 WHERE user_id BETWEEN 3000 AND 7000")
        await uow.session.execute(ranked)
    # Rewritten: VACUUM alone may leave pages of new versions to be looked at.
    for statement in ("VACUUM FULL ranked_user", "VACUUM ANALYZE users, ranked_user"):
        await database.autocommit.fetch(statement)
    async with database.unit(read_only=True) as uow:
        numbered = [numbered_part(number, 24, 4001) for number in (1, 80, 100, 167)]
        for part in (*numbered, Part(24, beyond=5000), Part(24, backwards=True, beyond=5000)):
            assert len(await listed(uow.session, part)) == part.limit
            assert await blocks_read_by(uow.session, page_of_people(uow.session, part)) < 150, part
