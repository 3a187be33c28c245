"""Ranks."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from db.models import User
from db.queries.accounts import leaderboard, profile
from db.queries.figures.folding import fold
from db.queries.importing.backfill import PastRun, store_past_runs
from db.session import UnitOfWork
from tests.factories import give_scores, make_project, make_tasks, make_user


async def scored(session: AsyncSession, *scores: int, **values: Any) -> list[User]:
    """An account for each of these numbers of answers."""
    users = [await make_user(session, **values) for _ in scores]
    await give_scores(session, users, scores)
    return users


def places(rows: list[leaderboard.Ranked]) -> list[tuple[int, int, int]]:
    return [(row.rank, row.id, row.score) for row in rows]


async def test_the_first_are_those_who_did_most_then_the_oldest(uow: UnitOfWork) -> None:
    few, most, equal, none = await scored(uow.session, 3, 9, 3, 0)

    assert places(await leaderboard.top(uow.session, 3)) == [(1, most.id, 9), (2, few.id, 3), (3, equal.id, 3)]
    assert await leaderboard.rank_of(uow.session, none.id) == 4


async def test_restricted_accounts_have_no_rank(uow: UnitOfWork) -> None:
    (hidden,) = await scored(uow.session, 100, restrict=True)
    (shown,) = await scored(uow.session, 1)

    assert places(await leaderboard.top(uow.session, 10)) == [(1, shown.id, 1)]
    assert await leaderboard.rank_of(uow.session, hidden.id) is None
    assert await leaderboard.around(uow.session, hidden.id, 2) == []


async def test_neighbours_on_each_side(uow: UnitOfWork) -> None:
    a, b, c, d, e = await scored(uow.session, 5, 4, 3, 2, 1)

    assert [row.id for row in await leaderboard.around(uow.session, c.id, 1)] == [b.id, c.id, d.id]
    assert [row.id for row in await leaderboard.around(uow.session, a.id, 1)] == [a.id, b.id]
    assert [row.id for row in await leaderboard.around(uow.session, e.id, 0)] == [e.id]


async def test_boards_by_a_number_in_info_take_what_is_no_number_for_none(uow: UnitOfWork) -> None:
    one, two, text, missing = [
        await make_user(uow.session, info=info) for info in ({"k": 7}, {"k": "12"}, {"k": "x' OR 1"}, {})
    ]

    board = await leaderboard.top(uow.session, 10, info_key="k")

    assert places(board) == [(1, two.id, 12), (2, one.id, 7), (3, text.id, 0), (4, missing.id, 0)]
    assert await leaderboard.rank_of(uow.session, one.id, info_key="k") == 2


async def test_an_account_s_achievement_and_calendar(uow: UnitOfWork) -> None:
    session = uow.session
    user, better = await make_user(session), (await scored(session, 50))[0]
    project = await make_project(session, better)
    noon = datetime.now(UTC).replace(hour=12) - timedelta(days=2)
    days = (noon, noon + timedelta(hours=1), noon - timedelta(days=3), noon - timedelta(days=500))
    tasks = await make_tasks(session, project, len(days))
    runs = [
        PastRun(task.id, f"user:{user.id}", user.id, None, when, when, None)
        for task, when in zip(tasks, days, strict=True)
    ]
    await store_past_runs(session, project.id, runs)
    await fold(session)

    assert await profile.achievement(session, user.id) == profile.Achievement(score=4, rank=2, n_ranked=2)
    assert [(one.day, one.n) for one in await profile.calendar(session, user.id)] == [
        (days[2].date(), 1),
        (noon.date(), 2),
    ]
    assert await profile.scores(session, [user.id, better.id, 999]) == {user.id: 4, better.id: 50, 999: 0}
