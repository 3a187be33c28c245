"""Which projects lists show to whom, in which order, with which counts."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import Blogpost, Project, ProjectCounter, ProjectSearch, ProjectTotal, User
from db.queries.figures.folding import fold
from db.queries.importing.backfill import PastRun, store_past_runs
from db.queries.projects import project_listing
from db.queries.projects.project_cards import ProjectCard, cards_by_id
from db.queries.projects.project_listing import ORDERS, PageRequest, ProjectPage
from db.session import UnitOfWork
from tests.factories import make_category, make_project, make_tasks, make_user
from tests.support.costs import blocks_read_by

NOW = datetime.now(UTC)


async def answered(session: AsyncSession, project: Project, user: User, *, days_ago: float = 0, n: int = 1) -> None:
    """`n` new tasks of the project, answered by the account so many days ago and complete by it."""
    when = NOW - timedelta(days=days_ago)
    tasks = await make_tasks(session, project, n, n_answers=1)
    runs = [PastRun(task.id, f"user:{user.id}", user.id, None, when, when, None) for task in tasks]
    await store_past_runs(session, project.id, runs)


def names(page: project_listing.ProjectPage) -> list[str]:
    return [card.name for card in page.projects]


async def test_a_category_lists_what_everybody_may_see(uow: UnitOfWork) -> None:
    session = uow.session
    owner, restricted = await make_user(session), await make_user(session, restrict=True)
    category, other = await make_category(session), await make_category(session)
    here = {"category_id": category.id}
    shown = await make_project(session, owner, **here)
    await make_project(session, owner, **here, published=False)
    await make_project(session, owner, **here, info={"passwd_hash": "x"})
    await make_project(session, restricted, **here)
    await make_project(session, owner, category_id=other.id)

    page = await project_listing.in_category(session, category.id, PageRequest())

    assert names(page) == [shown.name]
    assert page.total == 1


async def test_a_card_has_the_owner_and_fresh_counts(uow: UnitOfWork) -> None:
    session = uow.session
    owner = await make_user(session, fullname="Ada Owner")
    project = await make_project(session, owner)
    await make_tasks(session, project, 3)
    await answered(session, project, owner)
    session.add(ProjectCounter(project_id=project.id, shard=5, n_tasks=4))

    card = (await cards_by_id(session, [project.id]))[project.id]

    assert (card.owner, card.owner_name, card.category_short_name) == ("Ada Owner", owner.name, "thinking")
    assert (card.n_tasks, card.n_completed_tasks, card.n_task_runs, card.n_volunteers) == (8, 1, 1, 1)
    assert (card.overall_progress, card.n_results, card.n_blogposts) == (12.5, 0, 0)
    assert card.last_activity == NOW


async def test_projects_without_tasks_have_no_progress(uow: UnitOfWork) -> None:
    project = await make_project(uow.session, await make_user(uow.session))

    card = (await cards_by_id(uow.session, [project.id]))[project.id]

    assert (card.overall_progress, card.n_tasks, card.last_activity) == (0, 0, None)


async def test_the_ranking_puts_work_left_first_and_trials_last(uow: UnitOfWork) -> None:
    session = uow.session
    owner = await make_user(session)
    complete = await make_project(session, owner, name="complete")
    await answered(session, complete, owner)
    trial = await make_project(session, owner, name="A Test of things")
    plain = await make_project(session, owner, name="plain")
    pictured = await make_project(session, owner, name="pictured", info={"thumbnail": "a.png"})
    large = await make_project(session, owner, name="large")
    await make_tasks(session, large, 60)
    fresh = await make_project(session, owner, name="fresh")
    await answered(session, fresh, owner)
    await make_tasks(session, fresh, 60)

    found = await project_listing.public(session, PageRequest())

    assert names(found) == [one.name for one in (pictured, fresh, large, plain, trial, complete)]


@pytest.mark.parametrize(
    ("orderby", "descending", "expected"),
    [
        ("name", False, ["alpha", "Beta", "gamma"]),
        ("name", True, ["gamma", "Beta", "alpha"]),
        ("n_tasks", True, ["gamma", "alpha", "Beta"]),
        ("created", False, ["alpha", "Beta", "gamma"]),
        ("last_activity", True, ["alpha", "Beta", "gamma"]),
    ],
)
async def test_lists_are_ordered_by_any_key_of_their_items(
    uow: UnitOfWork, orderby: str, descending: bool, expected: list[str]
) -> None:
    session = uow.session
    owner = await make_user(session)
    first, _, third = [
        await make_project(session, owner, name=name, created=NOW + timedelta(hours=place))
        for place, name in enumerate(["alpha", "Beta", "gamma"])
    ]
    await answered(session, first, owner, n=2)
    await make_tasks(session, third, 5)

    found = await project_listing.public(session, PageRequest(orderby=orderby, descending=descending))

    assert names(found) == expected


def _value(card: ProjectCard, orderby: str) -> Any:
    """By what the card stands in a list of this order."""
    value = getattr(card, orderby.removesuffix("_raw"))
    return value.lower() if orderby in ("name", "short_name", "owner") else value


def _in_order(cards: Sequence[ProjectCard], orderby: str, descending: bool) -> list[str]:
    """The names of the cards as they are to come: what has no value is the least, equals come by their ids."""
    older_first = sorted(cards, key=lambda card: card.id)
    values = {card.id: _value(card, orderby) for card in cards}
    keys = {number: (value is not None, value or 0) for number, value in values.items()}
    found = sorted(older_first, key=lambda card: keys[card.id], reverse=descending)
    return [card.name for card in found]


async def _varied(session: AsyncSession) -> list[Project]:
    """Projects that differ in everything that lists are ordered by, and some that differ in nothing."""
    owners = [await make_user(session, fullname=name) for name in ("zoe", "Adam", "ben")]
    categories = [await make_category(session), await make_category(session)]
    projects = []
    for n in range(9):
        values = {"category_id": categories[n % 2].id, "featured": n % 3 == 0, "created": NOW - timedelta(days=n % 4)}
        named = {"name": f"{'xY'[n % 2]}{n * 7 % 9}", "description": "abc"[n % 3]}
        project = await make_project(session, owners[n % 3], **values, **named, published=n != 4)
        projects.append(project)
        await make_tasks(session, project, n % 4 + 1)
        if n % 3:
            await answered(session, project, owners[n % 2], days_ago=n, n=n % 3)
        session.add(Blogpost(project_id=project.id, title="News", body="Half", published=n % 2 == 0))
    await session.flush()
    return projects


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("orderby", list(ORDERS))
async def test_every_order_of_every_list_is_kept_and_the_same_where_it_is_not_known_yet(
    uow: UnitOfWork, orderby: str, descending: bool
) -> None:
    session = uow.session
    projects = await _varied(session)
    await fold(session)
    cards = await cards_by_id(session, [one.id for one in projects])
    public = [card for card in cards.values() if card.published]
    category = projects[0].category_id
    lists: list[tuple[Callable[[PageRequest], Awaitable[ProjectPage]], list[ProjectCard]]] = [
        (partial(project_listing.public, session), public),
        (partial(project_listing.featured, session), [card for card in public if card.featured]),
        (
            partial(project_listing.in_category, session, category),
            [card for card in public if card.category_id == category],
        ),
        (partial(project_listing.drafts, session), [card for card in cards.values() if not card.published]),
        (partial(project_listing.search, session, "x"), [card for card in public if "x" in card.name]),
    ]
    for changed in ("none", "all", "one"):
        for read, shown in lists:
            parts = [
                await read(PageRequest(limit=2, offset=at, orderby=orderby, descending=descending))
                for at in range(0, len(shown), 2)
            ]
            expected = _in_order(shown, orderby, descending)
            assert [name for part in parts for name in names(part)] == expected, changed
            assert {part.total for part in parts} == {len(shown)}
        if changed == "none":
            await session.execute(text("INSERT INTO project_change (project_id) SELECT id FROM project"))
        else:
            await fold(session)
            projects[3].info = {"thumbnail": "a.png"}
            await session.flush()


async def test_an_unknown_order_is_refused(uow: UnitOfWork) -> None:
    await make_project(uow.session, await make_user(uow.session))

    with pytest.raises(KeyError):
        await project_listing.public(uow.session, PageRequest(orderby="secret_key"))


async def test_pages_share_the_list_and_end_empty(uow: UnitOfWork) -> None:
    owner = await make_user(uow.session)
    for name in ("a", "b", "c"):
        await make_project(uow.session, owner, name=name)

    pages = [
        await project_listing.public(uow.session, PageRequest(limit=2, offset=at, orderby="name")) for at in (0, 2, 4)
    ]

    assert [names(page) for page in pages] == [["a", "b"], ["c"], []]
    assert [page.total for page in pages] == [3, 3, 3]


async def test_featured_projects_and_drafts(uow: UnitOfWork) -> None:
    session = uow.session
    owner = await make_user(session)
    assert not await project_listing.any_featured(session)
    star = await make_project(session, owner, featured=True)
    draft = await make_project(session, owner, featured=True, published=False)

    assert names(await project_listing.featured(session, PageRequest())) == [star.name]
    assert names(await project_listing.drafts(session, PageRequest())) == [draft.name]
    assert await project_listing.any_featured(session)


async def test_search_wants_every_word_somewhere(uow: UnitOfWork) -> None:
    session = uow.session
    owner = await make_user(session)
    await make_project(session, owner, name="Old maps", description="Read the names of 100% of the streets")
    await make_project(session, owner, name="New maps", long_description="Paris")
    await make_project(session, owner, name="Maps of nobody", published=False)

    found = [
        names(await project_listing.search(session, words, PageRequest(orderby="name")))
        for words in (
            "MAPS",
            "maps street",
            "paris",
            "0% o",
            "_",
            " ",
        )
    ]

    assert found == [["New maps", "Old maps"], ["Old maps"], ["New maps"], ["Old maps"], [], []]


async def test_search_takes_letters_with_and_without_accents_for_the_same(uow: UnitOfWork) -> None:
    owner = await make_user(uow.session)
    names_of = ("Café Øresund", "Cafe\u0301 Łódź", "Straße", "Москва")
    for name in names_of:
        await make_project(uow.session, owner, name=name)

    asked = ("cafe", "CAFÉ lodz", "oresund", "strasse", "straß", "МОСК", "afé x")
    found = {words: names(await project_listing.search(uow.session, words, PageRequest())) for words in asked}

    assert {words: sorted(names_of.index(name) for name in listed) for words, listed in found.items()} == {
        "cafe": [0, 1],
        "CAFÉ lodz": [1],
        "oresund": [0],
        "strasse": [2],
        "straß": [2],
        "МОСК": [3],
        "afé x": [],
    }


async def test_search_follows_what_projects_say(uow: UnitOfWork) -> None:
    project = await make_project(uow.session, await make_user(uow.session), long_description=None)

    async def finds(words: str) -> bool:
        return (await project_listing.search(uow.session, words, PageRequest())).total == 1

    assert not await finds("whales")
    for values in ({"name": "Whales"}, {"name": "Sea", "description": "Whales?"}):
        await uow.session.execute(update(Project).values(values))
        assert await finds("whales")
    await uow.session.execute(update(Project).values(description="Seals", long_description="x" * 64_000))
    assert (await finds("whales"), await finds("seals"), await finds("x" * 99)) == (False, True, True)
    await uow.session.delete(project)
    await uow.session.flush()
    assert (await uow.session.scalars(select(ProjectSearch))).all() == []


TEXTS = """
INSERT INTO project (name, short_name, description, long_description, owner_id, owners_ids, category_id, published)
SELECT 'Project ' || md5(CAST(n AS text)), 's' || n, 'About ' || n,
       (SELECT string_agg(translate(md5(CAST(n * k AS text)), '0123456789', 'ghijklmnop'), ' ')
        FROM generate_series(1, 20) k),
       :owner, ARRAY[CAST(:owner AS bigint)], (SELECT min(id) FROM category), true FROM generate_series(1, 3000) n
"""


async def test_a_rare_word_leads_to_its_projects(uow: UnitOfWork) -> None:
    """By an index, whatever all the others say."""
    owner = await make_user(uow.session)
    await uow.session.execute(text(TEXTS), {"owner": owner.id})
    await uow.session.execute(text("SELECT gin_clean_pending_list('ix_project_search_words')"))
    await uow.session.execute(text("ANALYZE project, project_search, users, category"))
    for words, total in (("c4ca4238a0b9", 1), ("project c4ca4238a0b9", 1), ("whales", 0)):
        assert (await project_listing.search(uow.session, words, PageRequest())).total == total
        cost = await blocks_read_by(uow.session, project_listing.search(uow.session, words, PageRequest()))
        assert cost < 200, (words, cost)


async def test_histories_hold_what_the_account_may_still_see(uow: UnitOfWork) -> None:
    session = uow.session
    owner, volunteer = await make_user(session), await make_user(session)
    older, newer = await make_project(session, owner), await make_project(session, owner)
    hidden = await make_project(session, owner, published=False)
    own = await make_project(session, owner, published=False, owners_ids=[owner.id, volunteer.id])
    for days, project in enumerate((own, newer, hidden, older)):
        await answered(session, project, volunteer, days_ago=days)

    found = await project_listing.contributed(session, volunteer.id, PageRequest())

    assert names(found) == [own.name, newer.name, older.name]
    assert found.total == 3
    assert found.projects[1].last_contribution == NOW - timedelta(days=1)


async def test_owned_projects_are_the_co_owned_too_created_ones_are_not(uow: UnitOfWork) -> None:
    session = uow.session
    user, other = await make_user(session), await make_user(session)
    both = [other.id, user.id]
    mine = await make_project(session, user)
    shared = await make_project(session, other, owners_ids=both, created=NOW + timedelta(days=1))
    draft = await make_project(session, other, owners_ids=both, published=False)

    whole = PageRequest()
    owned = await project_listing.owned(session, user.id, whole, published=True)
    assert [one.id for one in owned.projects] == [shared.id, mine.id]
    assert names(await project_listing.owned(session, user.id, whole, published=False)) == [draft.name]
    assert names(await project_listing.created_by(session, user.id, whole)) == [mine.name]
    second = await project_listing.owned(session, user.id, PageRequest(limit=1, offset=1), published=True)
    assert (names(second), second.total) == ([mine.name], 2)


async def test_places_are_kept_and_what_changed_since_is_looked_at_anew(uow: UnitOfWork) -> None:
    session = uow.session
    owner = await make_user(session)
    projects = [await make_project(session, owner, name=f"p{place}") for place in range(5)]
    for n, project in enumerate(projects):
        await make_tasks(session, project, n * 15 + 1)
    before = names(await project_listing.public(session, PageRequest()))
    await fold(session)
    kept = await project_listing.public(session, PageRequest())
    assert names(kept) == before == ["p4", "p3", "p2", "p1", "p0"]
    assert kept.total == 5

    projects[4].published = False
    projects[0].info = {"thumbnail": "a.png"}
    projects[1].featured = True
    await session.flush()
    late = await make_project(session, owner, name="late", category_id=projects[0].category_id)
    for _folded in range(2):
        now = await project_listing.public(session, PageRequest())
        assert (names(now), now.total) == (["p0", "p3", "p2", "p1", "late"], 5)
        part = await project_listing.public(session, PageRequest(limit=2, offset=1))
        assert (names(part), part.total) == (["p3", "p2"], 5)
        assert names(await project_listing.featured(session, PageRequest())) == ["p1"]
        listed = await project_listing.in_category(session, late.category_id, PageRequest(offset=4))
        assert (names(listed), listed.total) == (["late"], 5)
        await fold(session)

    owner.restrict = True
    await session.flush()
    for _folded in range(2):
        assert (await project_listing.public(session, PageRequest())).total == 0
        await fold(session)


async def test_a_place_changes_as_days_pass_without_an_answer(uow: UnitOfWork) -> None:
    session = uow.session
    owner = await make_user(session)
    old, new = [await make_project(session, owner, name=name) for name in ("old", "new")]
    await answered(session, old, owner, days_ago=0.5)
    await answered(session, new, owner, days_ago=0.1)
    await fold(session)
    rank = select(ProjectTotal.rank).where(ProjectTotal.project_id == old.id)
    assert (await session.scalars(rank)).one() % 500 == 50 + 1 + 2
    # As if most of a day had passed; nobody tells the figures.
    await session.execute(text("UPDATE project_counter SET last_activity = last_activity - interval '0.7 days'"))
    await session.execute(text("UPDATE project_total SET rank_until = rank_until - interval '0.7 days'"))
    await fold(session)
    assert (await session.scalars(rank)).one() % 500 == 20 + 1 + 2
    assert names(await project_listing.public(session, PageRequest())) == ["new", "old"]
