"""Lists show exactly the rows that the policy table lets each viewer read, one by one."""

from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import (
    Announcement,
    Blogpost,
    Category,
    HelpingMaterial,
    Page,
    Project,
    ProjectStats,
    Result,
    Task,
    TaskRun,
    User,
)
from db.queries.reading.large_json import MOST_FOR_ANYBODY, Allowance
from db.queries.reading.listing import ListQuery, list_rows
from db.queries.reading.visibility import Viewer, owned, visible
from db.session import Database
from webapp.actor import ANONYMOUS, Actor
from webapp.policies import Action, about_content, about_project, about_task, can
from webapp.policies.facts import Facts

USERS = (1, 2, 3)
OWNED = {
    Project: Action.PROJECT_READ,
    Task: Action.TASK_READ,
    TaskRun: Action.TASKRUN_READ,
    Result: Action.RESULT_READ,
    HelpingMaterial: Action.MATERIAL_READ,
    Page: Action.MATERIAL_READ,
    ProjectStats: Action.PROJECT_VIEW,
    Blogpost: Action.BLOGPOST_READ,
}
"""What reading one row of a project asks for."""


@dataclass(frozen=True)
class Plan:
    """A project to be made."""

    owners: tuple[int, ...]
    """The first is its owner."""
    published: bool
    passwd_hash: object
    post_published: bool


PLANS = st.builds(
    Plan,
    owners=st.permutations(USERS).flatmap(lambda users: st.integers(1, 3).map(lambda n: tuple(users[:n]))),
    published=st.booleans(),
    passwd_hash=st.sampled_from([..., None, "", "a hash"]),
    post_published=st.booleans(),
)
VIEWERS = st.one_of(
    st.just((ANONYMOUS, Viewer())),
    st.sampled_from(USERS).map(lambda n: (Actor(user_id=n), Viewer(user_id=n))),
    st.sampled_from(USERS).map(lambda n: (Actor(user_id=n, admin=True), Viewer(user_id=n, admin=True))),
)


async def build(session: AsyncSession, plans: list[Plan]) -> None:
    """Projects 1, 2, … as planned, each with one row of every kind."""
    session.add_all([User(id=n, name=f"u{n}", fullname=f"U {n}", email_addr=f"u{n}@example.org") for n in USERS])
    await session.flush()
    for number, plan in enumerate(plans, 1):
        info = {} if plan.passwd_hash is ... else {"passwd_hash": plan.passwd_hash}
        names = {"name": f"P {number}", "short_name": f"p{number}", "description": "A question"}
        session.add(
            Project(
                id=number,
                **names,
                owner_id=plan.owners[0],
                owners_ids=list(plan.owners),
                category_id=1,
                published=plan.published,
                info=info,
            )
        )
        await session.flush()
        of_project: dict[str, Any] = {"project_id": number}
        session.add_all(
            [
                Task(id=number, **of_project),
                HelpingMaterial(**of_project),
                Page(slug="about", **of_project),
                Blogpost(title="News", body="None", published=plan.post_published, **of_project),
            ]
        )
        await session.flush()
        session.add(TaskRun(task_id=number, contributor="ip:1", user_ip="1", **of_project))
        session.add(Result(task_id=number, task_run_ids=[], **of_project))
    await session.flush()


async def listed(session: AsyncSession, model: Any, condition: Any) -> set[int]:
    """The projects of the rows that the condition lets through."""
    column = Project.id if model is Project else model.project_id
    return set((await session.scalars(select(column).where(condition))).all())


async def listed_by_project(session: AsyncSession, model: Any, viewer: Viewer, projects: list[int]) -> set[int]:
    """The projects of the rows that a list of the API has of these projects."""
    query = ListQuery(any_of={"project_id": projects})
    return {hit.row.project_id for hit in await list_rows(session, model, query, viewer, Allowance(MOST_FOR_ANYBODY))}


def facts_for(model: Any, project: Project, plan: Plan, *, admitted: bool) -> Facts:
    if model is Blogpost:
        return about_content(project, author_id=None, published=plan.post_published)
    if model is Project:
        return about_project(project, admitted=admitted)
    return about_task(project, admitted=admitted)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plans=st.lists(PLANS, min_size=1, max_size=4), who=VIEWERS)
async def test_rows_of_projects_are_listed_as_the_policy_lets_them_be_read(
    database: Database, plans: list[Plan], who: tuple[Actor, Viewer]
) -> None:
    actor, viewer = who
    async with database.unit() as uow:
        uow.set_rollback_only()
        await build(uow.session, plans)
        projects = {one.id: one for one in await uow.session.scalars(select(Project))}
        for model, action in OWNED.items():
            readable = {
                number
                for number, project in projects.items()
                if can(actor, action, facts_for(model, project, plans[number - 1], admitted=False))
            }
            assert await listed(uow.session, model, visible(model, viewer)) == readable, model
            if model is not Project:
                assert await listed_by_project(uow.session, model, viewer, list(projects)) == readable, model
                by_one = [await listed_by_project(uow.session, model, viewer, [number]) for number in projects]
                assert set[int]().union(*by_one) == readable, model


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plans=st.lists(PLANS, min_size=2, max_size=3), number=st.integers(1, 2))
async def test_a_frame_sees_inside_its_own_project_besides_what_is_public(
    database: Database, plans: list[Plan], number: int
) -> None:
    """A frame was let in by its page; it has none of its volunteer's other rights."""
    async with database.unit() as uow:
        uow.set_rollback_only()
        await build(uow.session, plans)
        projects = {one.id: one for one in await uow.session.scalars(select(Project))}
        for model in (Task, TaskRun, Result, HelpingMaterial, Page):
            readable = {
                project.id
                for project in projects.values()
                if can(ANONYMOUS, Action.TASK_READ, about_task(project, admitted=project.id == number))
            }
            assert await listed(uow.session, model, visible(model, Viewer(project_id=number))) == readable, model


async def test_one_s_own_rows_are_those_of_owned_and_co_owned_projects(database: Database) -> None:
    plans = [Plan(owners, True, None, True) for owners in ((1,), (2, 1), (3, 2))]
    async with database.unit() as uow:
        uow.set_rollback_only()
        await build(uow.session, plans)

        found = {model: await listed(uow.session, model, owned(model, Viewer(user_id=1))) for model in OWNED}

        assert set(map(frozenset, found.values())) == {frozenset({1, 2})}
        assert await listed(uow.session, Task, owned(Task, Viewer())) == set()


async def test_accounts_categories_and_announcements(database: Database) -> None:
    async with database.unit() as uow:
        uow.set_rollback_only()
        await build(uow.session, [])
        await uow.session.execute(text("UPDATE users SET restrict = true WHERE id = 2"))
        uow.session.add_all(
            [Announcement(title=title, body="x", published=title == "out") for title in ("out", "draft")]
        )
        await uow.session.flush()

        async def seen(column: Any, model: Any, viewer: Viewer) -> list[Any]:
            return sorted((await uow.session.scalars(select(column).where(visible(model, viewer)))).all())

        everybody = [Viewer(), Viewer(user_id=2), Viewer(user_id=3, admin=True)]
        assert [await seen(User.id, User, viewer) for viewer in everybody] == [[1, 3]] * 3
        assert [len(await seen(Category.id, Category, viewer)) for viewer in everybody] == [2, 2, 2]
        assert [await seen(Announcement.title, Announcement, viewer) for viewer in everybody] == [
            ["out"],
            ["out"],
            ["draft", "out"],
        ]
