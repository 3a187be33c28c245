"""Repositories: what is found, what is missing, and what goes along when something is removed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.errors import InUse, NotFound
from db.models import Announcement, Auditlog, Blogpost, Category, Result, Task, TaskRun, User, Webhook
from db.queries.importing.backfill import PastRun, store_past_runs
from db.repositories import (
    AnnouncementRepository,
    AuditlogRepository,
    BlogpostRepository,
    CategoryRepository,
    ProjectRepository,
    ResultRepository,
    Slice,
    TaskRepository,
    TaskRunRepository,
    UserRepository,
    WebhookRepository,
)
from db.session import UnitOfWork
from tests.factories import make_category, make_project, make_tasks, make_user
from tests.support.costs import blocks_read_by
from tests.support.invariants import breaches

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


async def answered(session: AsyncSession, task: Task, n: int = 1) -> None:
    """`n` strangers answer the task."""
    runs = [PastRun(task.id, f"anon:{one}", None, "10.0.0.1", NOON, NOON, one) for one in range(n)]
    await store_past_runs(session, task.project_id, runs)


def ids(rows: list[Any]) -> list[int]:
    return [row.id for row in rows]


@pytest.mark.parametrize("identity", [7, 0, -1, 2**63 - 1, 2**63, 10**30])
async def test_an_id_without_a_row_is_not_found(uow: UnitOfWork, identity: int) -> None:
    assert await UserRepository(uow.session).find(identity) is None
    with pytest.raises(NotFound, match="no users with id="):
        await UserRepository(uow.session).get(identity)


async def test_an_added_row_has_its_id_and_defaults(uow: UnitOfWork) -> None:
    user = await UserRepository(uow.session).add(User(name="ann", fullname="Ann", email_addr="ann@example.org"))

    assert (user.id, user.locale, user.info, user.admin) == (1, "en", {}, False)
    assert user.api_key is not None
    assert datetime.now(UTC) - user.created < timedelta(minutes=1)


async def test_a_row_in_use_is_not_removed(uow: UnitOfWork) -> None:
    project = await make_project(uow.session, await make_user(uow.session))
    categories = CategoryRepository(uow.session)
    used = await categories.get(project.category_id)
    uow.set_rollback_only()

    with pytest.raises(InUse):
        await categories.remove(used)


async def test_accounts_are_found_by_name_and_by_address_in_any_case(uow: UnitOfWork) -> None:
    ann = await make_user(uow.session, name="ann", email_addr="Ann@Example.org")
    users = UserRepository(uow.session)

    assert (await users.get_by_name("ann")).id == ann.id
    assert await users.find_by_name("Ann") is None
    assert await users.find_by_email(" ann@EXAMPLE.org ") is ann
    assert await users.find_by_email("bob@example.org") is None
    assert await users.named([ann.id, 999]) == {ann.id: ann}
    with pytest.raises(NotFound):
        await users.get_by_name("bob")


PEOPLE = """
INSERT INTO users (name, fullname, email_addr)
SELECT 'p' || n, 'Person ' || md5(CAST(n AS text)), n || '@example.org' FROM generate_series(1, 10000) n
"""


async def test_a_name_is_searched_by_an_index(uow: UnitOfWork) -> None:
    await uow.session.execute(text(PEOPLE))
    await uow.session.execute(text("SELECT gin_clean_pending_list('ix_users_names')"))
    await uow.session.execute(text("ANALYZE users"))
    users = UserRepository(uow.session)
    for words, n_found in (("person c4ca4", 1), ("nobody", 0)):
        assert len(await users.search(words)) == n_found
        assert await blocks_read_by(uow.session, users.search(words)) < 100, words


async def test_accounts_are_searched_by_any_part_of_their_names(uow: UnitOfWork) -> None:
    ann = await make_user(uow.session, name="ann", fullname="Ann 100% Smith")
    bob = await make_user(uow.session, name="bob_smith", fullname="Bøb Žižek")
    users = UserRepository(uow.session)

    assert ids(await users.search("SMITH")) == [ann.id, bob.id]
    assert ids(await users.search("smith", besides=ann.id)) == [bob.id]
    assert [ids(await users.search(words)) for words in ("0%", "b_s", "%", "", "  ")] == [
        [ann.id],
        [bob.id],
        [ann.id],
        [],
        [],
    ]
    assert [ids(await users.search(words)) for words in ("BOB ziz", "bøb", "ｂｏｂ", "ann\nAnn", r"\\")] == [
        [bob.id],
        [bob.id],
        [bob.id],
        [ann.id],
        [],
    ]


async def test_only_the_first_account_is_the_first(uow: UnitOfWork) -> None:
    users = UserRepository(uow.session)
    assert await users.is_first()

    await make_user(uow.session)

    assert not await users.is_first()


async def test_categories_in_use_and_the_first(uow: UnitOfWork) -> None:
    owner, new = await make_user(uow.session), await make_category(uow.session)
    await make_project(uow.session, owner, category_id=new.id)
    await make_project(uow.session, owner, published=False)
    categories = CategoryRepository(uow.session)

    assert [one.short_name for one in await categories.all()] == ["thinking", "sensing", new.short_name]
    assert ids(await categories.used()) == [new.id]
    assert await categories.first_id() == (await categories.get_by_short_name("thinking")).id
    assert [await categories.exists(number) for number in (new.id, 999)] == [True, False]


async def test_a_site_without_categories_has_no_first(uow: UnitOfWork) -> None:
    uow.set_rollback_only()
    await uow.session.execute(delete(Category))

    with pytest.raises(NotFound):
        await CategoryRepository(uow.session).first_id()


async def test_projects_are_found_by_their_address(uow: UnitOfWork) -> None:
    owner, co_owner = await make_user(uow.session), await make_user(uow.session)
    project = await make_project(uow.session, owner, short_name="flags", owners_ids=[owner.id, co_owner.id])
    projects = ProjectRepository(uow.session)

    assert await projects.get_by_short_name("flags") is project
    assert await projects.find_by_short_name("Flags") is None
    assert await projects.by_ids([project.id, 999]) == {project.id: project}


async def test_a_removed_project_takes_its_answers_along(uow: UnitOfWork) -> None:
    project = await make_project(uow.session, await make_user(uow.session))
    (task,) = await make_tasks(uow.session, project, n_answers=1)
    await answered(uow.session, task)
    projects = ProjectRepository(uow.session)
    assert await projects.has_results(project.id)

    await projects.remove(project)

    assert await projects.find(project.id) is None
    assert (await uow.session.scalars(select(func.count()).select_from(TaskRun))).one() == 0


async def test_tasks_belong_to_their_project(uow: UnitOfWork) -> None:
    owner = await make_user(uow.session)
    here, there = await make_project(uow.session, owner), await make_project(uow.session, owner)
    (ours, second), (theirs,) = await make_tasks(uow.session, here, 2), await make_tasks(uow.session, there)
    tasks = TaskRepository(uow.session)

    assert await tasks.get_in_project(here.id, ours.id) is ours
    with pytest.raises(NotFound):
        await tasks.get_in_project(here.id, theirs.id)
    assert await tasks.prioritise(here.id, [second.id, ours.id, theirs.id, 999], 0.5) == {ours.id: 0, second.id: 0}
    found = await uow.session.scalars(select(Task.priority_0).order_by(Task.id))
    assert found.all() == [0.5, 0.5, 0]


async def test_tasks_without_results_go_with_their_answers(uow: UnitOfWork) -> None:
    project = await make_project(uow.session, await make_user(uow.session))
    complete, begun, _ = await make_tasks(uow.session, project, 3, n_answers=2)
    await answered(uow.session, complete, 2)
    await answered(uow.session, begun)

    assert await TaskRepository(uow.session).remove_without_results(project.id) == 2

    assert (await uow.session.scalars(select(Task.id))).all() == [complete.id]
    assert await breaches(uow.session, project.id) == []


async def test_runs_and_the_current_result_of_a_task(uow: UnitOfWork) -> None:
    project = await make_project(uow.session, await make_user(uow.session))
    complete, open_task = await make_tasks(uow.session, project, 2, n_answers=2)
    await answered(uow.session, complete, 2)
    runs, results = TaskRunRepository(uow.session), ResultRepository(uow.session)

    first, second = await runs.of_task(project.id, complete.id)
    assert (first.info, second.info) == (0, 1)
    assert await runs.of_task(project.id + 1, complete.id) == []
    current = await results.current(complete.id)
    assert current is not None
    assert current.task_run_ids == [first.id, second.id]
    assert [await results.any_of(task.id) for task in (complete, open_task)] == [True, False]
    assert await results.current_has(complete.id, second.id)
    await uow.session.execute(update(Result).values(task_run_ids=[first.id]))
    await uow.session.refresh(current)
    assert not await results.current_has(complete.id, second.id)
    assert not await results.current_has(open_task.id, second.id)


async def test_posts_of_a_project_the_newest_first(uow: UnitOfWork) -> None:
    project = await make_project(uow.session, await make_user(uow.session))
    posts = BlogpostRepository(uow.session)
    old, new, draft = [
        await posts.add(
            Blogpost(project_id=project.id, title="T", body="B", published=day < 2, created=NOON + timedelta(days=day))
        )
        for day in range(3)
    ]

    assert await posts.page(project.id, limit=9) == Slice([new, old], 2)
    assert await posts.page(project.id, limit=2, drafts=True) == Slice([draft, new], 3)
    assert await posts.page(project.id, limit=2, offset=2, drafts=True) == Slice([old], 3)
    assert [await posts.count(project.id), await posts.count(project.id, drafts=True)] == [2, 3]
    assert await posts.get_in_project(project.id, old.id) is old
    with pytest.raises(NotFound):
        await posts.get_in_project(project.id + 1, old.id)


async def test_announcements_the_newest_first(uow: UnitOfWork) -> None:
    news = AnnouncementRepository(uow.session)
    old, new, draft = [
        await news.add(Announcement(title="T", body="B", published=day < 2, created=NOON + timedelta(days=day)))
        for day in range(3)
    ]

    assert await news.page(limit=9) == Slice([new, old], 2)
    assert await news.page(limit=2, drafts=True) == Slice([draft, new], 3)


async def test_calls_of_webhooks_the_newest_first_and_those_that_failed(uow: UnitOfWork) -> None:
    project = await make_project(uow.session, await make_user(uow.session))
    calls = WebhookRepository(uow.session)
    delivered, refused, unreached = [
        await calls.add(Webhook(project_id=project.id, response_status_code=code)) for code in (200, 500, None)
    ]

    assert await calls.page(project.id, limit=2, offset=0) == Slice([unreached, refused], 3)
    assert await calls.failed(project.id) == [refused, unreached]
    assert await calls.get_in_project(project.id, delivered.id) is delivered
    with pytest.raises(NotFound):
        await calls.get_in_project(project.id + 1, delivered.id)


async def test_the_record_of_changes_the_newest_first(uow: UnitOfWork) -> None:
    record = AuditlogRepository(uow.session)
    first, second = [
        await record.add(
            Auditlog(
                project_id=1,
                project_short_name="p",
                user_id=1,
                user_name="ann",
                action="update",
                caller="web",
                attribute=name,
            )
        )
        for name in ("name", "webhook")
    ]

    assert await record.page(1, limit=5, offset=0) == Slice([second, first], 2)
    assert await record.page(2, limit=5, offset=0) == Slice([], 0)
