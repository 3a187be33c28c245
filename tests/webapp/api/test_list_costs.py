"""What a list costs does not grow with its rows, nor with how deep one is in it (issue C, item 2)."""

from typing import Any
from urllib.parse import quote

import orjson
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from db import json
from db.errors import ListTooLong
from db.models import Project, Result, Task, TaskRun, User
from db.queries.reading import listing
from db.queries.reading.large_json import MOST_FOR_ANYBODY, Allowance
from db.queries.reading.listing import InfoFilter, ListQuery, SearchHit, list_rows, parts_of, statement_of
from db.queries.reading.visibility import Viewer
from db.session import Database
from tests.factories import leased_and_answered, make_project, make_tasks
from tests.support.client import Client
from tests.support.costs import blocks_read_by
from tests.support.statements import statements
from webapp.services.contributing.contributing import Contributor

FEW, MANY = 2, 12
LISTS = (
    "task?related=1",
    "taskrun?related=1",
    "result?related=1",
    "project?stats=1",
    "projectstats?full=1",
    "task",
    "user",
)


@pytest.fixture
async def answered(database: Database, owner: User, as_owner: Client) -> None:
    """As many projects, each with an answered task and its result."""
    async with database.unit() as uow:
        for number in range(MANY):
            project = await make_project(uow.session, owner)
            (task,) = await make_tasks(uow.session, project, 1, n_answers=1)
            await leased_and_answered(uow.session, project, Contributor(f"anon:{number}", user_ip="10.0.0.1"), task.id)


async def test_lists_cost_the_same_statements_for_few_rows_as_for_many(as_owner: Client, answered: None) -> None:
    for path in LISTS:
        counts = []
        for limit in (FEW, MANY):
            with statements() as seen:
                answer = await as_owner.api("GET", f"/api/{path}{'&' if '?' in path else '?'}limit={limit}&all=1")
            assert answer.status == 200, answer.text
            assert len(answer.json) == limit or path in ("user", "projectstats?full=1"), path
            counts.append(len(seen))
        assert counts[0] == counts[1] and counts[0] <= 10, (path, counts)


N_TASKS = 20_000
FILL = """
INSERT INTO task (project_id, info, n_answers)
SELECT :project, jsonb_build_object('n', n), 2 FROM generate_series(1, :n) AS n
"""


async def blocks(session: AsyncSession, query: ListQuery, viewer: Viewer) -> int:
    """How many pages of tables and indices the list reads."""
    statement = statement_of(Task, query, viewer)
    compiled = statement.compile(dialect=session.get_bind().dialect)
    values = [compiled.params[name] for name in compiled.positiontup or ()]
    connection: Any = (await (await session.connection()).get_raw_connection()).driver_connection
    plan = await connection.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {compiled}", *values)
    plan = orjson.loads(plan) if isinstance(plan, str | bytes) else plan
    top: dict[str, Any] = plan[0]["Plan"]
    assert top["Actual Rows"] == query.limit, top
    return int(top["Shared Hit Blocks"] + top["Shared Read Blocks"])


async def test_pages_by_last_id_cost_the_same_at_any_depth(database: Database, owner: User) -> None:
    async with database.unit() as uow:
        projects = [await make_project(uow.session, owner) for _ in range(2)]
        for project in projects:
            await uow.session.execute(text(FILL), {"project": project.id, "n": N_TASKS})
        await uow.session.execute(text("ANALYZE task, project"))
        first, last = (
            await uow.session.execute(
                text("SELECT min(id), max(id) FROM task WHERE project_id = :p"), {"p": projects[0].id}
            )
        ).one()
        (end,) = (await uow.session.execute(text("SELECT max(id) FROM task"))).one()
        mine = {"project_id": [projects[0].id]}
        for viewer in (Viewer(), Viewer(user_id=owner.id), Viewer(admin=True)):
            for any_of, deepest in ((mine, last), ({}, end)):
                costs = [
                    await blocks(uow.session, ListQuery(limit=100, last_id=at, any_of=any_of), viewer)
                    for at in (first - 1, (first + deepest) // 2, deepest - 101)
                ]
                assert max(costs) <= min(costs) + 20 and max(costs) < 150, (viewer, any_of, costs)
        for order in ("priority_0", "created"):
            deep = ListQuery(limit=100, last_id=last - 101, any_of=mine, order=order)
            same, _behind = await parts_of(uow.session, Task, deep, Viewer())
            assert await blocks(uow.session, same, Viewer()) < 150, order


ANSWERED = """
INSERT INTO task_run (project_id, task_id, user_ip, contributor, info)
SELECT project_id, id, '10.0.0.1', 'anon:1', jsonb_build_object('n', id % 2) FROM task ORDER BY id;
INSERT INTO result (project_id, task_id, task_run_ids) SELECT project_id, task_id, ARRAY[id] FROM task_run ORDER BY id;
UPDATE task SET state = 'completed', n_answers = 1, priority_0 = 0.5
WHERE id <= (SELECT min(id) + 15000 FROM task WHERE project_id = (SELECT max(project_id) FROM task));
"""
LATEST = {"descending": True}
OF_A_PROJECT: list[tuple[Any, dict[str, Any]]] = [
    *((model, {}) for model in (Task, TaskRun, Result)),
    *((model, LATEST) for model in (Task, TaskRun, Result)),
    *((model, {"order": "created"}) for model in (Task, TaskRun, Result)),
    *((model, {"order": "created"} | LATEST) for model in (Task, TaskRun, Result)),
    (Task, {"order": "priority_0"} | LATEST),
    (Task, {"order": "priority_0"}),
    (Task, {"order": "n_answers"}),
    (Task, {"order": "n_answers"} | LATEST),
    (TaskRun, {"order": "finish_time"}),
    (TaskRun, {"order": "finish_time"} | LATEST),
    (Task, {"equals": {"state": "ongoing"}}),
    (Task, {"equals": {"state": "completed"}} | LATEST),
    (Task, {"equals": {"n_answers": 2}}),
    (Result, {"equals": {"last_version": True}}),
    (Task, {"info": InfoFilter(pairs=(("n", "-1"),))}),
    (TaskRun, {"info": InfoFilter(pairs=(("n", "1"),))}),
]


async def read(session: AsyncSession, model: Any, query: ListQuery, viewer: Viewer) -> list[SearchHit]:
    return await list_rows(session, model, query, viewer, Allowance(MOST_FOR_ANYBODY))


async def two_projects(database: Database, owner: User) -> list[Project]:
    """One behind the other, each with so many tasks, answered, and the results; three quarters of those of the second
    are complete, like all of the first."""
    async with database.unit() as uow:
        projects = [await make_project(uow.session, owner) for _ in range(2)]
        for project in projects:
            await uow.session.execute(text(FILL), {"project": project.id, "n": N_TASKS})
        for statement in ANSWERED.split(";")[:-1]:
            await uow.session.execute(text(statement))
        await uow.session.execute(text("ANALYZE task, task_run, result, project"))
    async with database.unit() as uow:
        # What the server's maintenance does: new entries wait in a list until then.
        await uow.session.execute(text("SELECT gin_clean_pending_list('ix_task_info')"))
    return projects


async def test_a_project_s_lists_cost_the_same_behind_others(database: Database, owner: User) -> None:
    """In every order and by every filter that an index is for."""
    _, last = await two_projects(database, owner)
    wrong = []
    async with database.unit(read_only=True) as uow:
        for model, asked in OF_A_PROJECT:
            query = ListQuery(any_of={"project_id": [last.id]}, **asked)
            for viewer in (Viewer(), Viewer(admin=True)):
                cost = await blocks_read_by(uow.session, read(uow.session, model, query, viewer))
                if cost > 100:
                    wrong.append((model.__name__, asked, cost))
    assert wrong == []


async def test_lists_of_several_projects_cost_what_they_show(database: Database, owner: User) -> None:
    """As of whoever owns several and does not say which, also from the middle of one on; in the order of all."""
    first, last = [project.id for project in await two_projects(database, owner)]
    async with database.unit(read_only=True) as uow:
        its_first = text("SELECT min(id) FROM task WHERE project_id = :p")
        (between,) = (await uow.session.execute(its_first, {"p": last})).one()
        for asked in (
            {},
            {"last_id": between - 10},
            {"offset": N_TASKS // 100},
            {"order": "priority_0"} | LATEST,
            LATEST,
        ):
            mine = ListQuery(own_only=True, **asked)
            found = [hit.row for hit in await read(uow.session, Task, mine, Viewer(user_id=owner.id))]
            every = [hit.row for hit in await read(uow.session, Task, ListQuery(**asked), Viewer(admin=True))]
            assert found == every and len(found) == 20, asked
            cost = await blocks_read_by(uow.session, read(uow.session, Task, mine, Viewer(user_id=owner.id)))
            assert cost < 400, (asked, cost)
    assert first < last


async def test_favourites_are_not_looked_for_among_all_tasks(database: Database, owner: User) -> None:
    """Even where they are so many that one might be met soon."""
    await two_projects(database, owner)
    async with database.unit() as uow:
        (first,) = (await uow.session.execute(text("SELECT max(id) - 2999 FROM task"))).one()
        marked = text("UPDATE task SET fav_user_ids = ARRAY[CAST(:owner AS bigint)] WHERE id >= :first")
        await uow.session.execute(marked, {"owner": owner.id, "first": first})
        await uow.session.execute(text("ANALYZE task"))
    async with database.unit(read_only=True) as uow:
        query = ListQuery(marked_by=owner.id)
        found = [hit.row.id for hit in await read(uow.session, Task, query, Viewer())]
        assert found == list(range(first, first + 20))
        assert await blocks_read_by(uow.session, read(uow.session, Task, query, Viewer())) < 400


async def test_what_no_index_sorts_is_sorted_if_it_is_short(
    client: Client, database: Database, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MOST_SORTED", 3)
    async with database.unit() as uow:
        short, long = [await make_project(uow.session, owner) for _ in range(2)]
        for project, n in ((short, 3), (long, 4)):
            await make_tasks(uow.session, project, n)
    by_quorum = "/api/task?orderby=quorum&project_id="
    assert len((await client.api("GET", f"{by_quorum}{short.id}")).json) == 3
    refused = await client.api("GET", f"{by_quorum}{long.id}")
    assert (refused.status, refused.json["exception_cls"]) == (413, "TooLarge")
    assert "quorum" in refused.json["exception_msg"]
    assert len((await client.api("GET", f"{by_quorum}{long.id}&calibration=0&n_answers=3")).json) == 0
    assert (await client.api("GET", f"/api/task?orderby=priority_0&desc=1&project_id={long.id}")).status == 200
    async with database.unit(read_only=True) as uow:
        with pytest.raises(ListTooLong):
            await read(uow.session, Task, ListQuery(order="created"), Viewer())


@pytest.mark.parametrize(
    ("stored", "asked", "found"),
    [
        (7, "7", True),
        ("7", "7", True),
        (7.5, "7.5", True),
        (True, "true", True),
        ("true", "true", True),
        (7, "7.0", False),
        (700, "7e2", False),
        (-1, "-1", True),
        ([1], "[1]", True),
        ({"a": 1}, '{"a": 1}', True),
        (None, "null", False),
        ('"7"', '"7"', True),
        (json.loads(str(2**70)), str(2**70), True),
        ("9" * 300, "9" * 300, True),
    ],
)
async def test_a_value_of_info_is_found_by_its_text(
    client: Client, database: Database, project: Project, stored: Any, asked: str, found: bool
) -> None:
    async with database.unit() as uow:
        await make_tasks(uow.session, project, 1, info={"n": stored})
        await make_tasks(uow.session, project, 1, info={"other": stored})
    answer = await client.api("GET", f"/api/task?info={quote('n::' + asked)}")
    assert [one["info"]["n"] for one in answer.json] == ([stored] if found else [])


async def test_a_time_leads_to_its_pages(database: Database, owner: User) -> None:
    """Also by its beginning alone; what was created later need not be looked at."""
    async with database.unit() as uow:
        project = await make_project(uow.session, owner)
        await uow.session.execute(text(FILL), {"project": project.id, "n": 2 * N_TASKS})
        await uow.session.execute(
            text("UPDATE task SET created = timestamptz '2026-01-01 00:00Z' + id * interval '1 minute'")
        )
    async with database.unit() as uow:
        await uow.session.execute(text("SELECT brin_summarize_new_values('ix_task_created')"))
        await uow.session.execute(text("ANALYZE task, project"))
        (all_of_it,) = (await uow.session.execute(text("SELECT pg_relation_size('task') / 8192"))).one()
        for prefix in ("2026-01-02", "2026-01-02T03", "2026-01-02T03:0", "2026-01-27T2"):
            cost = await blocks(uow.session, ListQuery(limit=9, created_prefix=prefix), Viewer(admin=True))
            assert cost < all_of_it / 2, (prefix, cost, all_of_it)


async def test_a_heavy_project_is_light_in_lists_of_others(
    client: Client, as_owner: Client, database: Database, owner: User
) -> None:
    words = " ".join(f"w{n:07}" for n in range(60_000))
    heavy = {
        "task_presenter": f"<p>{words}",
        "tutorial": "t",
        "sched": "default",
        "thumbnail": "bee.png",
    }
    async with database.unit() as uow:
        await make_project(uow.session, owner, short_name="heavy", info=heavy)
        await make_project(uow.session, owner, short_name="light", info={"task_presenter": "<p>", "tutorial": "t"})
    shown = {one["short_name"]: one["info"] for one in (await client.api("GET", "/api/project")).json}
    assert (shown["heavy"]["task_presenter"], shown["heavy"]["sched"]) == (None, "default")
    assert (shown["light"]["task_presenter"], shown["light"]["tutorial"]) == ("<p>", "t")
    [own] = (await as_owner.api("GET", "/api/project?short_name=heavy")).json
    assert own["info"] == heavy, "its owner changes it and sends it back"
    assert (await client.api("GET", f"/api/project/{own['id']}")).json["info"]["tutorial"] == "t"
    listed = (await client.get("/project/", json=True)).json["projects"]
    assert {one["short_name"]: one["info"]["task_presenter"] for one in listed} == {"heavy": None, "light": "<p>"}


async def test_one_long_task_does_not_end_the_search_of_all(client: Client, database: Database, owner: User) -> None:
    """Its words would make a tsvector of more than the megabyte that one may have."""
    words = " ".join(f"w{n:07}" for n in range(220_000))
    async with database.unit() as uow:
        project = await make_project(uow.session, owner)
        await make_tasks(uow.session, project, 2)
        await uow.session.execute(
            text("UPDATE task SET info = jsonb_build_object('q', CAST(:words AS text)) WHERE id % 2 = 0"),
            {"words": f"moon {words}"},
        )
    found = await client.api("GET", "/api/task?all=1&fulltextsearch=1&info=q::moon")
    assert found.status == 200 and len(found.json) == 1
