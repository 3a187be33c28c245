"""A draw begins where its contributor has got to, and still gives what looking from the beginning would give."""

import random

import pytest

from db.orders import ORDERS, IndexedOrder
from db.queries.assignment.contribution_state import has_work
from db.session import Database
from tests.factories import make_project, make_user
from tests.support.costs import blocks_read
from tests.support.invariants import breaches

ME = "anon:me"
FEW = 60
BY = {order.name: order for order in ORDERS}
VERSION = "(SELECT version FROM project WHERE id = {})"
DRAW = f"""SELECT id FROM workbee_draw($1::bigint, $2::text, $3::text, $4::text, false, true, 1, 0, 3600,
                                       {VERSION.format("$1")})"""
BREADTH = "coalesce((SELECT info ->> 'sched' = 'breadth_first' FROM project WHERE id = $1), false)"
SUBMIT = f"""SELECT outcome FROM workbee_submit($1::bigint, $2::bigint, $3::text, NULL, '10.0.0.1', NULL,
                                                NULL, NULL, NULL, '1', NULL, {BREADTH}, {VERSION.format("$1")})"""
EXPECTED = """
SELECT s.task_id FROM task_slots s LEFT JOIN assignment a ON a.task_id = s.task_id AND a.contributor = $2::text
WHERE s.project_id = $1::bigint AND (s.is_open AND coalesce(a.state, 'offered') = 'offered' OR a.state = 'leased')
ORDER BY {order} LIMIT 1"""
LEFT = """
SELECT EXISTS (SELECT 1 FROM task_slots s LEFT JOIN assignment a ON a.task_id = s.task_id AND a.contributor = $2::text
  WHERE s.project_id = $1::bigint AND NOT s.completed AND coalesce(a.state, 'offered') NOT IN ('counted', 'surplus'))"""


async def a_project(database: Database, order: IndexedOrder) -> int:
    """A project without tasks that hands out in this order."""
    info = {"sched": "breadth_first"} if order.moves else {}
    async with database.unit() as uow:
        return (await make_project(uow.session, await make_user(uow.session), info=info)).id


async def add_tasks(database: Database, project: int, number: int, priority: float = 0.0) -> None:
    await database.autocommit.fetch(
        """INSERT INTO task (project_id, n_answers, priority_0)
           SELECT $1::bigint, 2, $3::float8 FROM generate_series(1, $2::int)""",
        project,
        number,
        priority,
    )


async def drawn(database: Database, project: int, who: str, order: IndexedOrder) -> int | None:
    rows = await database.autocommit.fetch(DRAW, project, who, order.name, order.sort)
    return rows[0][0] if rows else None


async def answer(database: Database, project: int, who: str, task: int) -> None:
    [(outcome,)] = await database.autocommit.fetch(SUBMIT, project, task, who)
    assert outcome == "stored"


async def usual_blocks(database: Database, call: str) -> int:
    """How many blocks a call looks at the second time: the first looks at the catalogue too."""
    await blocks_read(database, call)
    return await blocks_read(database, call)


async def place(database: Database, project: int) -> tuple[int, str]:
    """Where my list begins, in which order."""
    [(begins, at)] = await database.autocommit.fetch(
        """SELECT cursor_task_id, cursor_order FROM contributor_progress
           WHERE project_id = $1::bigint AND contributor = $2::text""",
        project,
        ME,
    )
    return begins, at


class Happenings:
    """What may come between one draw and the next."""

    def __init__(self, database: Database, project: int, order: IndexedOrder, chance: random.Random) -> None:
        self.database, self.project, self.order, self.chance = database, project, order, chance

    async def one(self) -> None:
        """Something, now and then."""
        happening = self.chance.choice(
            (self.somebody_answers, self.somebody_holds, self.added, self.moved, self.raised, self.removed)
        )
        await happening()

    async def somebody_answers(self) -> None:
        for who in self.chance.sample(range(9), 4):
            if task := await drawn(self.database, self.project, f"anon:{who}", self.order):
                await answer(self.database, self.project, f"anon:{who}", task)

    async def somebody_holds(self) -> None:
        await drawn(self.database, self.project, f"anon:{self.chance.randrange(9)}", self.order)

    async def added(self) -> None:
        await add_tasks(self.database, self.project, 2, self.chance.choice((0.0, 0.5, 1.0)))

    async def moved(self) -> None:
        await self._of_some_task("UPDATE task SET priority_0 = round(random()::numeric, 1) WHERE id = {task}")

    async def raised(self) -> None:
        await self._of_some_task(
            """WITH more AS (UPDATE project_counter SET n_completed_tasks = n_completed_tasks - 1
                             WHERE project_id = $1::bigint AND shard = 0
                               AND (SELECT state = 'completed' FROM task WHERE id = {task}))
               UPDATE task SET n_answers = n_answers + 1, state = 'ongoing' WHERE id = {task}"""
        )

    async def removed(self) -> None:
        await self._of_some_task(
            """WITH gone AS (DELETE FROM task_run WHERE id = (SELECT min(r.id) FROM task_run r
                             JOIN task t ON t.id = r.task_id AND t.state = 'ongoing' WHERE r.task_id = {task}))
               SELECT 1"""
        )

    async def _of_some_task(self, statement: str) -> None:
        [(task,)] = await self.database.autocommit.fetch(
            "SELECT id FROM task WHERE project_id = $1::bigint ORDER BY random() LIMIT 1", self.project
        )
        values = (self.project,) if "$1" in statement else ()
        await self.database.autocommit.fetch(statement.format(task=task), *values)


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order.name)
async def test_whatever_happens_the_first_of_the_list_is_drawn(database: Database, order: IndexedOrder) -> None:
    project = await a_project(database, order)
    await add_tasks(database, project, 400)
    chance = random.Random(order.name)
    happenings = Happenings(database, project, order, chance)
    expected = EXPECTED.format(order=order.sort)
    for step in range(220):
        if step == 70:
            # Later an answer that was removed may rightly bring the place back.
            begins, at = await place(database, project)
            assert begins > 32 and at == order.name
        if step > 70 and chance.random() < 0.15:
            await happenings.one()
        [(left,)] = await database.autocommit.fetch(LEFT, project, ME)
        assert await has_work(database.autocommit, project, ME) == left
        [(first,)] = await database.autocommit.fetch(expected, project, ME)
        assert await drawn(database, project, ME, order) == first, step
        await answer(database, project, ME, first)
    async with database.unit(read_only=True) as uow:
        assert [breach for breach in await breaches(uow.session, project) if "result" not in breach.rule] == []


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order.name)
async def test_a_long_history_costs_no_more(database: Database, order: IndexedOrder) -> None:
    project = await a_project(database, order)
    await add_tasks(database, project, 3000)
    await database.autocommit.fetch(
        """WITH a AS (
             INSERT INTO assignment (task_id, project_id, contributor, state)
             SELECT id, project_id, $2::text, 'counted' FROM task
             WHERE project_id = $1::bigint ORDER BY id LIMIT 2900 RETURNING task_id
           ), p AS (
             INSERT INTO contributor_progress (project_id, contributor, n_runs) VALUES ($1::bigint, $2::text, 2900))
           UPDATE task_slots s SET n_counted = 1, n_runs = 1 FROM a WHERE a.task_id = s.task_id""",
        project,
        ME,
    )
    await drawn(database, project, ME, order)
    arguments = f"'{order.name}', '{order.sort}', false, true, 1, 0, 3600, {VERSION.format(project)}"
    assert await usual_blocks(database, f"workbee_draw({project}, '{ME}', {arguments})") < FEW
    # The task that I hold would be found at once: that it is mine alone is another matter than what this costs.
    await database.autocommit.fetch("UPDATE task_slots SET n_leased = 0 WHERE n_leased > 0")
    await database.autocommit.fetch("DELETE FROM assignment WHERE state = 'leased'")
    assert await usual_blocks(database, f"workbee_has_work({project}, '{ME}')") < FEW


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order.name)
async def test_what_many_others_hold_is_not_read_at_each_move(database: Database, order: IndexedOrder) -> None:
    """Whoever has left keeps a slot until its deadline: after a busy hour a project has tens of thousands of leases."""
    project = await a_project(database, order)
    await add_tasks(database, project, 300)
    await database.autocommit.fetch("UPDATE task SET n_answers = 30")
    await database.autocommit.fetch(
        """WITH a AS (
             INSERT INTO assignment (task_id, project_id, contributor, state, deadline)
             SELECT id, project_id, 'anon:' || n, 'reserved', now() + interval '1 hour'
             FROM task, generate_series(1, 20) n WHERE project_id = $1::bigint RETURNING task_id)
           UPDATE task_slots s SET n_leased = 20 FROM (SELECT DISTINCT task_id FROM a) a WHERE a.task_id = s.task_id""",
        project,
    )
    await database.autocommit.fetch("ANALYZE")
    arguments = f"'{order.name}', '{order.sort}', false, true, 1, 0, 3600, {VERSION.format(project)}"
    read = []
    for _ in range(140):
        read.append(await blocks_read(database, f"workbee_draw({project}, '{ME}', {arguments})"))
        await answer(database, project, ME, await drawn(database, project, ME, order) or 0)
    # 6,000 leases: read once, when 128 tasks that I have answered are passed over. Before, at every eighth draw.
    if not order.moves:
        # Where answers move tasks on, none is passed over.
        assert (await place(database, project))[0] > 0
    assert sum(blocks > 2000 for blocks in read) <= 1
    assert sorted(read)[len(read) // 2] < 500


async def test_nothing_is_left_is_said_after_a_look_from_the_beginning(database: Database) -> None:
    order = BY["id"]
    project = await a_project(database, order)
    await add_tasks(database, project, 40)
    for _ in range(39):
        await answer(database, project, ME, await drawn(database, project, ME, order) or 0)
    # As if it had not been noticed that the first one is there again.
    await database.autocommit.fetch(
        "DELETE FROM assignment WHERE contributor = $1::text AND task_id = (SELECT min(id) FROM task)", ME
    )
    last = await drawn(database, project, ME, order) or 0
    await answer(database, project, ME, last)
    [(first,)] = await database.autocommit.fetch("SELECT min(id) FROM task")
    assert last != first
    assert await has_work(database.autocommit, project, ME)
    assert await drawn(database, project, ME, order) == first
    await database.autocommit.fetch("UPDATE assignment SET state = 'counted', deadline = NULL WHERE state = 'leased'")
    assert not await has_work(database.autocommit, project, ME)


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order.name)
async def test_what_others_hold_does_not_stop_the_place_and_comes_first_once_they_let_go(
    database: Database, order: IndexedOrder
) -> None:
    """Somebody who has left keeps a slot until its deadline, mostly of one of the first tasks."""
    project = await a_project(database, order)
    await add_tasks(database, project, 200)
    held = [await drawn(database, project, other, order) for other in ("anon:ann", "anon:ben")]
    assert held[0] == held[1]
    for _ in range(60):
        await answer(database, project, ME, await drawn(database, project, ME, order) or 0)
    await drawn(database, project, ME, order)
    [(behind, gaps)] = await database.autocommit.fetch(
        """SELECT (SELECT count(*) FROM assignment a
                   WHERE a.contributor = p.contributor AND a.task_id < p.cursor_task_id), cursor_gaps
           FROM contributor_progress p WHERE contributor = $1::text""",
        ME,
    )
    assert behind >= 50 and gaps == [held[0]]
    await database.autocommit.fetch("UPDATE assignment SET deadline = now() WHERE contributor = 'anon:ann'")
    assert await drawn(database, project, ME, order) == held[0]
    await answer(database, project, ME, held[0] or 0)
    assert await drawn(database, project, ME, order) not in held
    async with database.unit(read_only=True) as uow:
        assert await breaches(uow.session, project) == []


async def test_whether_anything_is_left_is_seen_at_one_moment(database: Database) -> None:
    """A function that is not stable sees what has been committed since its caller began: a task that is neither open to
    the one nor held to the other would be overlooked."""
    names = ["workbee_has_work", "workbee_open_tasks", "workbee_next_cursor"]
    rows = await database.autocommit.fetch(
        "SELECT proname, provolatile::text FROM pg_proc WHERE proname = ANY ($1::text[])", names
    )
    assert {tuple(row) for row in rows} == {(name, "s") for name in names}


async def complete(database: Database, project: int) -> None:
    """Others answer whatever is open."""
    for who in ("anon:ann", "anon:ben"):
        while task := await drawn(database, project, who, BY["id"]):
            await answer(database, project, who, task)


async def place_at_the_last(database: Database, project: int, order: IndexedOrder, number: int) -> None:
    """I have answered so many that a place is remembered, of low priority."""
    await add_tasks(database, project, number)
    for _ in range(number - 1):
        await answer(database, project, ME, await drawn(database, project, ME, order) or 0)
    await drawn(database, project, ME, order)


async def expect(database: Database, project: int, order: IndexedOrder, *priorities: float) -> None:
    """I am given, and answer, tasks of these priorities."""
    given = []
    for _ in priorities:
        task = await drawn(database, project, ME, order) or 0
        given += await database.autocommit.fetch("SELECT priority_0 FROM task WHERE id = $1::bigint", task)
        await answer(database, project, ME, task)
    assert [priority for (priority,) in given] == list(priorities)


async def test_what_is_added_when_nothing_is_open_comes_first_by_priority(database: Database) -> None:
    order = BY["priority"]
    project = await a_project(database, order)
    await place_at_the_last(database, project, order, 12)
    await complete(database, project)
    for priority in (0.5, 0.0):
        await add_tasks(database, project, 1, priority)
    await expect(database, project, order, 0.5, 0.0)


async def test_what_is_added_below_an_open_hole_comes_before_a_place_lower_still(database: Database) -> None:
    order = BY["priority"]
    project = await a_project(database, order)
    await add_tasks(database, project, 1, priority=1.0)
    for who in ("anon:x", "anon:y"):
        await drawn(database, project, who, order)
    await place_at_the_last(database, project, order, 12)
    await complete(database, project)
    await database.autocommit.fetch("UPDATE assignment SET deadline = now() WHERE contributor IN ('anon:x', 'anon:y')")
    for priority in (0.7, 0.0):
        await add_tasks(database, project, 1, priority)
    await expect(database, project, order, 1.0, 0.7, 0.0)


async def test_with_more_holes_than_can_be_looked_at_the_list_begins_at_one(database: Database) -> None:
    order = BY["id"]
    project = await a_project(database, order)
    await add_tasks(database, project, 100)
    held = [await drawn(database, project, f"anon:{n}", order) for n in range(140)]
    assert len(set(held)) == 70
    for _ in range(20):
        await answer(database, project, ME, await drawn(database, project, ME, order) or 0)
    [(begins, gaps)] = await database.autocommit.fetch(
        "SELECT cursor_task_id, cursor_gaps FROM contributor_progress WHERE contributor = $1::text", ME
    )
    assert [*gaps, begins] == sorted({task for task in held if task})[:51]
    await database.autocommit.fetch(
        "UPDATE assignment SET deadline = now() WHERE contributor IN ('anon:138', 'anon:2')"
    )
    for expected in (held[2], held[138]):
        assert await drawn(database, project, ME, order) == expected
        await answer(database, project, ME, expected or 0)
