"""What every list has in common: paging, order, filters, whose rows they are, links (docs/contract/api.md 1)."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import update

from db.models import Project, Task, TaskRun, User
from db.session import Database
from tests.factories import leased_and_answered, make_project, make_tasks, make_user
from tests.support.client import Client
from webapp.services.contributing.contributing import Contributor

ROWS: list[dict[str, Any]] = [
    {"info": {"n": 0, "kind": "cat", "text": "a lazy dog sleeps"}},
    {
        "info": {"n": 1, "kind": "dog", "text": "the quick brown fox", "size": {"w": 3}},
        "priority_0": 1.0,
        "n_answers": 7,
        "created": datetime(2026, 3, 4, 5, 6, tzinfo=UTC),
    },
    {"info": {"n": 2, "kind": "cat", "text": "foxes jump over dogs", "tags": ["x", "y"]}, "priority_0": 0.5},
]


@pytest.fixture
async def listed(database: Database, project: Project, owner: User) -> Project:
    """A project with the three tasks of `ROWS`; the last one is somebody's favourite."""
    async with database.unit() as uow:
        for values in ROWS:
            await make_tasks(uow.session, project, 1, **values)
        (last,) = await make_tasks(uow.session, project, 1, info={"n": 3})
        last.fav_user_ids = [owner.id]
    return project


async def numbers(client: Client, query: str) -> list[int]:
    """The `n` in the info of the tasks that the query finds."""
    answer = await client.api("GET", f"/api/task?{query}")
    assert answer.status == 200, answer.text
    return [task["info"]["n"] for task in answer.json]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("limit=2", [0, 1]),
        ("limit=2&offset=1", [1, 2]),
        ("limit=0", []),
        ("limit=x&offset=x", [0, 1, 2, 3]),
        ("desc=true", [3, 2, 1, 0]),
        ("desc=OFF", [0, 1, 2, 3]),
        ("orderby=priority_0&desc=1", [1, 2, 0, 3]),
        ("orderby=created", [1, 0, 2, 3]),
        ("orderby=fav_user_ids&desc=true", [3, 0, 1, 2]),
        ("n_answers=7", [1]),
        ("state=ongoing&n_answers=2", [0, 2, 3]),
        ("state=completed", []),
        ("fav_user_ids=5", [0, 1, 2, 3]),
        ("created=2026-03", [1]),
        ("created=2026-03-04T05:06", [1]),
        ("created=1999", []),
        ("created=%25", []),
    ],
)
async def test_paging_order_and_columns(client: Client, listed: Project, query: str, found: list[int]) -> None:
    assert await numbers(client, query) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("orderby=created", [1, 0, 2, 3]),
        ("orderby=created&desc=1", [3, 2, 0, 1]),
        ("orderby=priority_0&desc=1", [1, 2, 0, 3]),
        ("orderby=priority_0", [3, 0, 2, 1]),
        ("orderby=n_answers", [0, 2, 3, 1]),
        ("orderby=n_answers&desc=1", [1, 3, 2, 0]),
        ("orderby=fav_user_ids&desc=1", [3, 0, 1, 2]),
    ],
)
async def test_what_is_equal_comes_by_id_in_the_direction_of_an_index(
    client: Client, listed: Project, query: str, found: list[int]
) -> None:
    asked = f"project_id={listed.id}&{query}"
    assert await numbers(client, asked) == found
    assert [(await numbers(client, f"{asked}&limit=1&offset={at}"))[0] for at in range(4)] == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("info=kind::cat", [0, 2]),
        ("info=kind::cat|n::2", [2]),
        ("info=kind::bird", []),
        ('info={"size":{"w":3}}', [1]),
        ('info={"tags":["x"]}', [2]),
        ("fulltextsearch=1&info=text::fox", [1, 2]),
        ("fulltextsearch=1&info=text::fox%26quick", [1]),
        ("fulltextsearch=1&info=text::lazy|quick", [0, 1]),
        ("fulltextsearch=1&info=text::!fox|kind::cat", [0]),
        ("fulltextsearch=1&info=kind::cat|text::lazy|jump", [0, 2]),
    ],
)
async def test_what_info_holds(client: Client, listed: Project, query: str, found: list[int]) -> None:
    assert sorted(await numbers(client, query)) == found


@pytest.mark.parametrize(
    ("stored", "asked", "matches"),
    [("9", "9", True), (9, "9", True), (9, '"9"', True), ("foo", "foo", True), ("foo", '"foo"', True), (8, "9", False)],
)
async def test_info_that_is_a_word_or_a_number(
    client: Client, database: Database, project: Project, stored: Any, asked: str, matches: bool
) -> None:
    async with database.unit() as uow:
        (task,) = await make_tasks(uow.session, project, 1, info=stored)
    found = (await client.api("GET", f"/api/task?info={asked}")).json
    assert [one["id"] for one in found] == ([task.id] if matches else [])


async def test_a_search_by_words_marks_and_ranks_them(client: Client, listed: Project) -> None:
    (best, *_) = (await client.api("GET", "/api/task?fulltextsearch=1&info=text::fox")).json
    assert "<b>fox</b>" in best["headline"] or "<b>foxes</b>" in best["headline"]
    assert best["rank"] > 0
    (plain, *_) = (await client.api("GET", "/api/task?info=kind::cat")).json
    assert "headline" not in plain and "rank" not in plain


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("limit=-1", "DataError"),
        ("offset=-1", "DataError"),
        ("last_id=x", "DataError"),
        ("last_id=", "DataError"),
        ("last_id=99999&orderby=created", "DataError"),
        ("last_id=1&orderby=info", "DataError"),
        ("last_id=1&orderby=fav_user_ids", "DataError"),
        ("last_id=1&fulltextsearch=1&info=text::fox", "DataError"),
        ("offset=99999999999999999999", "DataError"),
        ("desc=maybe", "ValueError"),
        ("orderby=nosuch", "AttributeError"),
        ("nosuch=1", "AttributeError"),
        ("_=123", "AttributeError"),
        ("callback=cb", "AttributeError"),
        ("n_answers=x", "DataError"),
        ("n_answers=99999999999", "DataError"),
        ("id=1.5", "DataError"),
        ("project_id=99999999999999999999", "DataError"),
        ("info=k::v::w", "ValueError"),
        ("fulltextsearch=1&info=text::fox fox", "DataError"),
        ("info_hash=x", "AttributeError"),
        ("orderby=info_hash", "AttributeError"),
        ("state=%00", "DataError"),
        ("info=k::%00", "DataError"),
        ("created=%00", "DataError"),
    ],
)
async def test_unusable_arguments_are_named(client: Client, listed: Project, query: str, kind: str) -> None:
    answer = await client.api("GET", f"/api/task?{query}")
    assert (answer.status, answer.json["exception_cls"]) == (415, kind)
    assert (answer.json["action"], answer.json["status"], answer.json["target"]) == ("GET", "failed", "task")


async def test_last_id_goes_on_where_a_page_ended(client: Client, listed: Project) -> None:
    first = (await client.api("GET", "/api/task?limit=2")).json
    rest = (await client.api("GET", f"/api/task?last_id={first[-1]['id']}&desc=true&offset=50")).json
    assert [task["info"]["n"] for task in first + rest] == [0, 1, 2, 3]


async def walked(client: Client, path: str) -> list[int]:
    """The ids of the whole list, two at a time by `last_id`."""
    ids, last_id = list[int](), 0
    while True:
        answer = await client.api("GET", f"{path}&limit=2&last_id={last_id}")
        assert answer.status == 200, answer.text
        if not answer.json:
            return ids
        ids += [row["id"] for row in answer.json]
        assert len(ids) < 100, "it does not end"
        last_id = ids[-1]


@pytest.mark.parametrize("desc", ["false", "true"])
@pytest.mark.parametrize("order", ["priority_0", "created", "n_answers", "state", "quorum", "calibration"])
@pytest.mark.parametrize("scope", ["all", "one", "both", "filtered"])
async def test_last_id_goes_on_in_every_order_of_tasks(
    client: Client, database: Database, listed: Project, scope: str, order: str, desc: str
) -> None:
    async with database.unit() as uow:
        other = await make_project(uow.session, await make_user(uow.session))
        await make_tasks(uow.session, other, 3)
        await make_tasks(uow.session, other, 2, n_answers=7, priority_0=0.5)
    scopes = {"all": "", "one": f"project_id={other.id}", "both": f"project_id={listed.id},{other.id}"}
    path = f"/api/task?{scopes.get(scope, 'n_answers=7')}&orderby={order}&desc={desc}"
    whole = [row["id"] for row in (await client.api("GET", path)).json]
    assert len(whole) == {"all": 9, "one": 5, "both": 9, "filtered": 3}[scope]
    assert await walked(client, path) == whole


@pytest.mark.parametrize("desc", ["false", "true"])
@pytest.mark.parametrize("order", ["user_id", "media_url", "finish_time"])
async def test_last_id_goes_on_where_there_is_no_value(
    client: Client, database: Database, listed: Project, order: str, desc: str
) -> None:
    async with database.unit() as uow:
        who = [Contributor(f"anon:{n}", user_ip="10.0.0.1") for n in range(3)]
        for _ in range(2):
            user = await make_user(uow.session)
            who.append(Contributor(f"user:{user.id}", user_id=user.id))
        for task in await make_tasks(uow.session, listed, 2, n_answers=5):
            for one in who:
                await leased_and_answered(uow.session, listed, one, task.id)
        await uow.session.execute(update(TaskRun).where(TaskRun.id % 3 == 0).values(media_url="/uploads/a.png"))
    path = f"/api/taskrun?orderby={order}&desc={desc}"
    whole = [row["id"] for row in (await client.api("GET", path)).json]
    assert len(whole) == 10
    assert await walked(client, path) == whole


async def test_last_id_tells_nothing_of_a_row_that_one_may_not_see(
    client: Client, with_key: Callable[[User], Client], database: Database, listed: Project, owner: User
) -> None:
    async with database.unit() as uow:
        draft = await make_project(uow.session, owner, published=False)
        [task] = await make_tasks(uow.session, draft, 1)
        shy = await make_user(uow.session, privacy_mode=True)
    assert (await client.api("GET", f"/api/task?orderby=priority_0&last_id={task.id}")).status == 415
    assert (await with_key(owner).api("GET", f"/api/task?orderby=priority_0&last_id={task.id}")).status == 200
    assert (await client.api("GET", f"/api/user?orderby=fullname&last_id={shy.id}")).status == 415
    assert (await client.api("GET", f"/api/user?orderby=name&last_id={shy.id}")).status == 200


async def test_a_page_holds_a_hundred_rows_at_most(client: Client, database: Database, project: Project) -> None:
    async with database.unit() as uow:
        await make_tasks(uow.session, project, 101)
    assert len((await client.api("GET", "/api/task?limit=300")).json) == 100
    assert len((await client.api("GET", "/api/task")).json) == 20


async def test_every_number_in_project_id_is_a_project(client: Client, database: Database, listed: Project) -> None:
    async with database.unit() as uow:
        others = [await make_project(uow.session, await make_user(uow.session)) for _ in range(2)]
        for number, other in enumerate(others):
            await make_tasks(uow.session, other, 1, info={"n": 10 + number})
    assert await numbers(client, f"project_id={listed.id}") == [0, 1, 2, 3]
    assert await numbers(client, f"project_id={listed.id},{others[0].id}") == [0, 1, 2, 3, 10]
    assert await numbers(client, f"project_id=[{others[0].id}, {others[1].id}]") == [10, 11]
    assert await numbers(client, f"project_id={others[0].id},{others[0].id}&limit=2") == [10]
    assert await numbers(client, f"project_id={others[0].id},{listed.id}&limit=2&offset=3") == [3, 10]
    assert await numbers(client, f"project_id={others[0].id},{listed.id}&desc=1&limit=2") == [10, 3]
    assert await numbers(client, f"project_id={others[0].id},{listed.id}&state=ongoing&n_answers=2") == [0, 2, 3, 10]
    assert await numbers(client, f"project_id={others[0].id},{listed.id}&orderby=priority_0&desc=1&limit=3") == [
        1,
        2,
        0,
    ]
    assert await numbers(client, "project_id=none") == []


async def test_signed_in_callers_see_their_own_projects_first(
    client: Client, with_key: Callable[[User], Client], database: Database, listed: Project
) -> None:
    async with database.unit() as uow:
        me = await make_user(uow.session)
        mine = await make_project(uow.session, me)
        shared = await make_project(uow.session, await make_user(uow.session), published=False)
        shared.owners_ids = [*shared.owners_ids, me.id]
        await make_tasks(uow.session, mine, 1, info={"n": 10})
        await make_tasks(uow.session, shared, 1, info={"n": 11})
    caller = with_key(me)
    assert await numbers(caller, "") == [10, 11]
    assert await numbers(caller, "all=0") == [10, 11]
    assert await numbers(caller, f"project_id={listed.id}") == []
    assert await numbers(caller, f"project_id={mine.id}") == [10]
    assert await numbers(caller, "all=1") == [0, 1, 2, 3, 10, 11]
    assert await numbers(client, "") == [0, 1, 2, 3, 10]


@pytest.mark.parametrize("hidden", [{"published": False}, {"info": {"passwd_hash": "secret"}}])
async def test_rows_of_closed_projects_are_for_their_owners(
    client: Client,
    as_admin: Client,
    as_stranger: Client,
    with_key: Callable[[User], Client],
    database: Database,
    hidden: dict[str, Any],
) -> None:
    async with database.unit() as uow:
        keeper = await make_user(uow.session)
        closed = await make_project(uow.session, keeper, **hidden)
        (task,) = await make_tasks(uow.session, closed)
        empty = await make_project(uow.session, keeper)
    lists = [
        f"/api/task?all=1{asked}"
        for asked in ("", f"&project_id={closed.id}", f"&project_id={closed.id},{empty.id}", f"&id={task.id}")
    ]
    for path in (*lists, lists[1] + "&orderby=created&desc=1", lists[2] + "&state=ongoing"):
        for outsider in (client, as_stranger):
            assert (await outsider.api("GET", path)).json == [], path
        for insider in (with_key(keeper), as_admin):
            assert len((await insider.api("GET", path)).json) == 1, path
    for outsider, status in ((client, 401), (as_stranger, 403)):
        assert (await outsider.api("GET", f"/api/task/{task.id}")).status == status
        assert (await insider.api("GET", f"/api/task/{task.id}")).status == 200


async def test_pages_are_full_although_rows_are_hidden(client: Client, database: Database, owner: User) -> None:
    async with database.unit() as uow:
        draft = await make_project(uow.session, owner, published=False)
        await make_tasks(uow.session, draft, 5)
        await make_tasks(uow.session, await make_project(uow.session, owner), 5)
    assert len((await client.api("GET", "/api/task?limit=5")).json) == 5


async def test_links_are_absolute_and_laid_out_as_clients_parse_them(client: Client, tasks: list[Task]) -> None:
    task = (await client.api("GET", f"/api/task/{tasks[0].id}?_=123")).json
    assert task["link"] == f"<link rel='self' title='task' href='http://localhost/api/task/{task['id']}'/>"
    parent = f"<link rel='parent' title='project' href='http://localhost/api/project/{task['project_id']}'/>"
    assert task["links"] == [parent]


async def test_what_leads_nowhere_is_counted_too(client: Client) -> None:
    for method, path in (("GET", "/api/nosuch"), ("GET", "/api/task/abc"), ("PATCH", "/api/task"), ("GET", "/nosuch")):
        answer = await client.api(method, path)
        assert answer.status in (404, 405)
        assert int(answer.headers["X-RateLimit-Remaining"]) < int(answer.headers["X-RateLimit-Limit"]), path


async def test_head_options_and_verbs_that_do_not_exist(client: Client, as_owner: Client, tasks: list[Task]) -> None:
    head = await client.api("HEAD", "/api/task")
    assert head.status == 200 and int(head.headers["X-RateLimit-Remaining"]) > 0
    options = await client.api("OPTIONS", "/api/task")
    assert (options.status, options.content) == (200, b"")
    assert options.headers["Access-Control-Allow-Origin"] == "*" and "X-RateLimit-Limit" not in options.headers
    for method, path in (("PUT", "/api/task"), ("DELETE", "/api/task"), ("POST", f"/api/task/{tasks[0].id}")):
        assert (await as_owner.api(method, path, {})).status == 405
    assert (await client.api("GET", "/api/task/abc")).status == 404


async def test_ids_that_cannot_be_are_not_there(client: Client, tasks: list[Task]) -> None:
    for number in ("0", "99999", "99999999999999999999999"):
        answer = await client.api("GET", f"/api/task/{number}")
        assert (answer.status, answer.json["exception_cls"]) == (404, "NotFound")
        assert answer.json["exception_msg"].startswith("404 Not Found")


async def test_one_row_as_jsonp(client: Client, tasks: list[Task]) -> None:
    answer = await client.api("GET", f"/api/task/{tasks[0].id}?callback=my.cb")
    assert answer.headers["Content-Type"] == "application/javascript"
    assert answer.text.startswith('/**/my.cb({"id":') and answer.text.endswith(");")
    for name in ("alert(1)//", "a b", "x" * 101, "%C3%A9"):
        assert (await client.api("GET", f"/api/task/{tasks[0].id}?callback={name}")).status == 415
