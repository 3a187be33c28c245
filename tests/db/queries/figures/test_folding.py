"""The figures kept of answers: whatever happens, they are what a recount says (db.queries.figures)."""

import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import make_url, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import Blogpost, Project, Task, TaskRun, User
from db.queries.accounts import leaving
from db.queries.assignment import redundancy
from db.queries.assignment.merging_runs import merge_runs
from db.queries.figures import folding
from db.queries.figures.recount import Difference, differences
from db.queries.importing.backfill import PastRun, store_past_runs
from db.queries.projects.publishing import publish
from db.session import Database
from tests.factories import leased_and_answered, make_project, make_tasks, make_user
from tests.support.blocks import BlockCounter, block_counter
from tests.support.services import TestServices
from webapp.services.contributing.contributing import Contributor

STEPS = 40


async def fold(database: Database, *, most: int = folding.MOST_ROWS) -> int | None:
    async with database.unit() as uow:
        return await folding.fold(uow.session, most=most)


async def found_wrong(database: Database) -> list[Difference]:
    async with database.unit() as uow:
        return await differences(uow.session)


NOW = ("ranked_user", "score_count", "score_block", "project_total", "project_order")


def ahead(one: Difference) -> bool:
    """Since when somebody has been here, whether they are ranked, and what is counted of a project, is read as it is
    now, not as of the last fold."""
    new_volunteers = len(one.kept) == 2 and one.kept[0] == one.counted[0]
    return new_volunteers or one.table.split()[-1] in NOW


async def total(database: Database) -> int:
    async with database.unit(read_only=True) as uow:
        return int((await uow.session.execute(text("SELECT coalesce(sum(n_runs), 0) FROM site_day"))).scalar_one())


class History:
    """A site on which anything may happen next, drawn from a seed."""

    def __init__(self, database: Database, seed: int) -> None:
        self.database = database
        self.random = random.Random(seed)
        self.strangers = [Contributor(f"anon:{name}", user_ip=f"10.0.0.{name}") for name in range(4)]
        self.external = Contributor("ext:1:eve", external_uid="eve")

    async def begin(self) -> None:
        async with self.database.unit() as uow:
            owner = await make_user(uow.session)
            for _project in range(2):
                project = await make_project(uow.session, owner)
                await make_tasks(uow.session, project, 12, n_answers=2)
            for _user in range(4):
                await make_user(uow.session)

    async def step(self) -> str:
        """Do something; its name."""
        happenings: list[tuple[int, Callable[[AsyncSession], Awaitable[None]]]] = [
            (12, self.answer),
            (3, self.past_answers),
            (3, self.remove_run),
            (2, self.merge),
            (1, self.leave),
            (2, self.restrict),
            (2, self.change_redundancy),
            (1, self.remove_task),
            (1, self.remove_project),
            (1, self.publish_again),
            (2, self.write_post),
            (1, self.remove_post),
            (2, self.rename),
            (1, self.feature),
        ]
        weights, does = zip(*happenings, strict=True)
        (happens,) = self.random.choices(does, weights)
        async with self.database.unit() as uow:
            await happens(uow.session)
            if self.random.random() < 0.1:
                uow.set_rollback_only()
        return str(happens.__name__)

    async def _any(self, session: AsyncSession, model: type[Project] | type[Task] | type[User]) -> int | None:
        ids = (await session.scalars(select(model.id).order_by(model.id))).all()
        return self.random.choice(ids) if ids else None

    async def _somebody(self, session: AsyncSession) -> Contributor:
        users = (await session.scalars(select(User.id).order_by(User.id))).all()
        accounts = [Contributor(f"user:{number}", user_id=number) for number in users[1:]]
        return self.random.choice([*self.strangers, self.external, *accounts])

    async def answer(self, session: AsyncSession) -> None:
        task_id = await self._any(session, Task)
        if task_id is None:
            return
        project = await session.get_one(Project, (await session.get_one(Task, task_id)).project_id)
        who = await self._somebody(session)
        mine = select(TaskRun.id).where(TaskRun.task_id == task_id, TaskRun.contributor == who.key)
        if (await session.scalars(mine)).first() is None:
            await leased_and_answered(session, project, who, task_id)

    async def past_answers(self, session: AsyncSession) -> None:
        task_id = await self._any(session, Task)
        if task_id is None:
            return
        task = await session.get_one(Task, task_id)
        who = await self._somebody(session)
        mine = select(TaskRun.id).where(TaskRun.task_id == task_id, TaskRun.contributor == who.key)
        if who.external_uid or (await session.scalars(mine)).first() is not None:
            return
        then = datetime.now(UTC) - timedelta(hours=self.random.randrange(40 * 24))
        run = PastRun(task_id, who.key, who.user_id, who.user_ip, then, then + timedelta(seconds=9), {"was": "there"})
        await store_past_runs(session, task.project_id, [run])

    async def remove_run(self, session: AsyncSession) -> None:
        runs = (await session.scalars(select(TaskRun.id).order_by(TaskRun.id))).all()
        chosen = self.random.sample(runs, min(len(runs), self.random.choice([1, 1, 5])))
        await session.execute(text("DELETE FROM task_run WHERE id = ANY (:ids)"), {"ids": chosen})

    async def merge(self, session: AsyncSession) -> None:
        users = (await session.scalars(select(User.id).order_by(User.id))).all()
        if users[1:]:
            await merge_runs(session, self.random.choice(self.strangers).key, self.random.choice(users[1:]))

    async def leave(self, session: AsyncSession) -> None:
        users = (await session.scalars(select(User.id).order_by(User.id))).all()
        if users[2:]:
            gone = self.random.choice(users[2:])
            await leaving.leave(session, gone, nobody=f"anon:gone{gone}", ip="10.9.9.9")

    async def restrict(self, session: AsyncSession) -> None:
        user_id = await self._any(session, User)
        await session.execute(text("UPDATE users SET restrict = NOT restrict WHERE id = :id"), {"id": user_id})

    async def change_redundancy(self, session: AsyncSession) -> None:
        project_id = await self._any(session, Project)
        if project_id is not None:
            await redundancy.set_for_project(session, project_id, self.random.randint(1, 4))

    async def remove_task(self, session: AsyncSession) -> None:
        task_id = await self._any(session, Task)
        await session.execute(text("DELETE FROM task WHERE id = :id"), {"id": task_id})

    async def remove_project(self, session: AsyncSession) -> None:
        projects = (await session.scalars(select(Project.id).order_by(Project.id))).all()
        if len(projects) > 1 and self.random.random() < 0.3:
            await session.execute(text("DELETE FROM project WHERE id = :id"), {"id": projects[0]})

    async def publish_again(self, session: AsyncSession) -> None:
        """As where what was tried out goes."""
        project_id = await self._any(session, Project)
        if project_id is not None and self.random.random() < 0.3:
            await session.execute(text("UPDATE project SET published = false WHERE id = :id"), {"id": project_id})
            await publish(session, project_id)

    async def write_post(self, session: AsyncSession) -> None:
        """A new one, or one that is published now or no longer."""
        posts = (await session.scalars(select(Blogpost).order_by(Blogpost.id))).all()
        project_id = await self._any(session, Project)
        if posts and self.random.random() < 0.5:
            post = self.random.choice(posts)
            post.published = not post.published
        elif project_id is not None:
            session.add(Blogpost(project_id=project_id, title="News", body="Half", published=True))

    async def remove_post(self, session: AsyncSession) -> None:
        await session.execute(text("DELETE FROM blogpost WHERE id = (SELECT min(id) FROM blogpost)"))

    async def rename(self, session: AsyncSession) -> None:
        """The owner, or a project and what is said of it."""
        user_id, project_id = await self._any(session, User), await self._any(session, Project)
        name = f"name {self.random.randrange(10**9)}"
        await session.execute(text("UPDATE users SET fullname = :name WHERE id = :id"), {"id": user_id, "name": name})
        change = text("UPDATE project SET name = :name, description = :name WHERE id = :id")
        await session.execute(change, {"id": project_id, "name": name})

    async def feature(self, session: AsyncSession) -> None:
        project_id = await self._any(session, Project)
        await session.execute(text("UPDATE project SET featured = NOT featured WHERE id = :id"), {"id": project_id})


COLUMNS = "orderby, category_id, published, featured, is_listed, number, words"
ORDERS = (
    f"SELECT t.project_id, {COLUMNS} FROM project_total t CROSS JOIN LATERAL workbee_project_orders(t.project_id)",
    f"SELECT project_id, {COLUMNS} FROM project_order",
)


async def wrong_orders(database: Database) -> list[tuple[object, ...]]:
    """Where projects stand in lists and should not, or the other way round; unlike in the recount, also of those that
    are being answered."""
    real, kept = ORDERS
    differences = f"({real} EXCEPT {kept}) UNION ALL ({kept} EXCEPT {real})"
    async with database.unit(read_only=True) as uow:
        return [tuple(row) for row in await uow.session.execute(text(differences))]


@pytest.mark.parametrize("seed", range(8))
async def test_whatever_happens_the_figures_are_what_a_recount_says(database: Database, seed: int) -> None:
    history = History(database, seed)
    await history.begin()
    happened = []
    for _step in range(STEPS):
        happened.append(await history.step())
        if history.random.random() < 0.4:
            await fold(database, most=history.random.choice([1, 3, folding.MOST_ROWS]))
            happened.append("fold")
        if history.random.random() < 0.05:
            async with database.unit() as uow:
                await folding.rebuild(uow.session)
            happened.append("rebuild")
        wrong = await found_wrong(database)
        assert [one for one in wrong if not ahead(one)] == [], happened
    while await fold(database):
        pass
    assert await found_wrong(database) == []
    assert await wrong_orders(database) == []
    async with database.unit(read_only=True) as uow:
        runs = (await uow.session.execute(text("SELECT count(*) FROM task_run"))).scalar_one()
        assert not await folding.is_behind(uow.session)
    assert await total(database) == runs


async def test_an_answer_that_is_committed_after_later_ones_is_counted_then(database: Database) -> None:
    async with database.unit() as uow:
        project = await make_project(uow.session, await make_user(uow.session))
        (task,) = await make_tasks(uow.session, project, 1, n_answers=9)
    ann, ben = (Contributor(f"anon:{name}", user_ip="10.0.0.1") for name in ("ann", "ben"))
    async with database.unit() as slow:
        await leased_and_answered(slow.session, project, ann, task.id)
        (run_id,) = (await slow.session.scalars(select(TaskRun.id))).all()
        # What the slow one has locked of the task, nobody else can answer now: what is later stands for an answer.
        async with database.unit() as uow:
            (other,) = await make_tasks(uow.session, project, 1, n_answers=9)
            await leased_and_answered(uow.session, project, ben, other.id)
        for _again in range(4):
            await fold(database)
            assert await total(database) == 1
            assert await missing(database) == {run_id}
        assert await found_wrong(database) == []
    await fold(database)
    assert await total(database) == 2
    assert await missing(database) == set()
    assert await found_wrong(database) == []


async def test_an_answer_that_was_rolled_back_is_not_looked_for_for_ever(database: Database) -> None:
    async with database.unit() as uow:
        project = await make_project(uow.session, await make_user(uow.session))
        first, second = await make_tasks(uow.session, project, 2, n_answers=9)
    ann = Contributor("anon:ann", user_ip="10.0.0.1")
    async with database.unit() as uow:
        await leased_and_answered(uow.session, project, ann, first.id)
        uow.set_rollback_only()
    async with database.unit() as uow:
        await leased_and_answered(uow.session, project, ann, second.id)
    await fold(database)
    assert len(await missing(database)) == 1
    await fold(database)
    await fold(database)
    assert await missing(database) == set()
    assert await total(database) == 1


async def missing(database: Database) -> set[int]:
    """The ids of runs that are looked for at each fold."""
    statement = """SELECT generate_series(lower(m), upper(m) - 1)
                   FROM figure_state, unnest(missing + missing_before) m WHERE source = 'task_run'"""
    async with database.unit(read_only=True) as uow:
        return set((await uow.session.scalars(text(statement))).all())


async def test_two_do_not_fold_at_once(database: Database) -> None:
    async with database.unit() as uow:
        assert await folding.fold(uow.session) == 0
        assert await fold(database) is None


async def test_what_is_a_day_old_is_not_recent(database: Database) -> None:
    async with database.unit() as uow:
        user = await make_user(uow.session)
        project = await make_project(uow.session, user)
        first, second = await make_tasks(uow.session, project, 2)
        who = Contributor(f"user:{user.id}", user_id=user.id)
        await leased_and_answered(uow.session, project, who, first.id)
    await fold(database)
    async with database.unit() as uow:
        # As if a day had passed: the figures are not told of it.
        await uow.session.execute(text("UPDATE task_run SET finish_time = finish_time - interval '1 day'"))
        await uow.session.execute(text("DELETE FROM run_change"))
        await uow.session.execute(text("UPDATE activity_hour SET hour = hour - interval '1 day'"))
    async with database.unit() as uow:
        await leased_and_answered(uow.session, project, who, second.id)
    await fold(database)
    async with database.unit(read_only=True) as uow:
        rows = await uow.session.execute(text("SELECT kind, subject_id, n_runs FROM recent_activity ORDER BY kind"))
        assert [tuple(row) for row in rows] == [("project", project.id, 1), ("user", user.id, 1)]


async def test_a_difference_is_found_and_mended_by_a_rebuild(database: Database) -> None:
    history = History(database, 99)
    await history.begin()
    for _step in range(20):
        await history.step()
    await fold(database)
    async with database.unit() as uow:
        await uow.session.execute(text("UPDATE project_day SET n_active = n_active + 1"))
        await uow.session.execute(text("UPDATE site_day SET n_runs = n_runs + 1"))
        await uow.session.execute(text("UPDATE project_order SET words = 'other' WHERE orderby = 'owner'"))
        # The recount leaves projects alone that are being answered.
        await uow.session.execute(text("UPDATE project_counter SET last_activity = last_activity - interval '1 day'"))
    found = {one.table.split()[-1] for one in await found_wrong(database)}
    assert found >= {"project_day", "site_day", "project_order"}
    async with database.unit() as uow:
        await folding.rebuild(uow.session)
    assert await found_wrong(database) == []
    assert not await fold(database)


CROWD = """
INSERT INTO users (name, fullname, email_addr) SELECT 'c' || n, 'C', 'c' || n || '@example.org'
FROM generate_series(1, 4000) n;
INSERT INTO contributor_progress (project_id, contributor, n_runs, first_at, last_at)
SELECT p.id, 'anon:' || n, 1, now(), now() FROM project p, generate_series(1, 4000) n;
INSERT INTO contributor_day (project_id, contributor, day, n_runs, is_new)
SELECT p.id, 'anon:' || n, current_date, 1, true FROM project p, generate_series(1, 4000) n;
INSERT INTO project_contributor (project_id, kind, key, n_runs)
SELECT p.id, 'user', u.id, 1 FROM project p, users u WHERE u.name LIKE 'c%';
INSERT INTO project (name, short_name, description, owner_id, owners_ids, category_id, published)
SELECT 'p' || n, 'p' || n, 'P', owner_id, owners_ids, category_id, true FROM project, generate_series(1, 1500) n
"""


async def test_an_answer_is_folded_at_the_same_cost_however_many_have_answered(
    services: TestServices, database: Database
) -> None:
    async with database.unit() as uow:
        project = await make_project(uow.session, await make_user(uow.session))
        tasks = await make_tasks(uow.session, project, 12, n_answers=2)
        volunteer = await make_user(uow.session)
    who = Contributor(f"user:{volunteer.id}", user_id=volunteer.id)
    answers = iter(tasks)

    async def n_blocks(counter: BlockCounter) -> int:
        """That the second of two folds looks at: the first one's plans are made again for the tables as they are."""
        for _fold in range(2):
            async with database.unit() as uow:
                await leased_and_answered(uow.session, project, who, next(answers).id)
            counter.begin()
            assert await fold(database) == 1
        return next(one.n_blocks for one in counter.statements() if "workbee_fold_answers" in one.query)

    role = make_url(services.database_url).username
    assert role is not None
    with block_counter(services.superuser_url, role) as counter:
        await fold(database)
        few = await n_blocks(counter)
        async with database.unit() as uow:
            for statement in CROWD.split(";"):
                await uow.session.execute(text(statement))
        await fold(database)
        many = await n_blocks(counter)
    # Indexes are deeper and tables looser after other tests; reading all contributors would be fifty times as much.
    assert many < 3 * few


async def test_what_is_committed_during_a_rebuild_is_counted_after_it(database: Database) -> None:
    async with database.unit() as uow:
        project = await make_project(uow.session, await make_user(uow.session))
        first, second = await make_tasks(uow.session, project, 2, n_answers=9)
    ann, ben = (Contributor(f"anon:{name}", user_ip="10.0.0.1") for name in ("ann", "ben"))
    async with database.unit() as slow:
        await leased_and_answered(slow.session, project, ann, first.id)
        async with database.unit() as uow:
            await leased_and_answered(uow.session, project, ben, second.id)
        async with database.unit() as uow:
            await folding.rebuild(uow.session)
        assert await total(database) == 1
        async with database.unit() as uow:
            await uow.session.execute(text("DELETE FROM task_run WHERE contributor = 'anon:ben'"))
    await fold(database)
    assert await total(database) == 1
    assert await found_wrong(database) == []
