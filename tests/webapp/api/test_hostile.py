"""Requests that nobody sends by accident: each is refused in the envelope, and none is a failure of ours."""

from urllib.parse import quote

import pytest

from db.models import Project, Task, User
from tests.support.client import Client

FAR_TOO_LARGE = "9" * 5000
NUL = quote("\x00")


def nested(depth: int) -> str:
    """The JSON of an array in an array in an array…"""
    return "[" * depth + "]" * depth


@pytest.mark.parametrize(
    "query",
    [
        f"project_id={FAR_TOO_LARGE}",
        f"project_id={2**63}",
        f"id={2**63}",
        f"limit={FAR_TOO_LARGE}",
        f"offset={2**63 - 1}",
        f"last_id={2**63 - 1}",
        f"n_answers={2**31}",
        "priority_0=nan",
        f"state={NUL}",
        f"created={NUL}",
        f"info={NUL}",
        f"info=n::{NUL}",
        f"info=n::{NUL}&fulltextsearch=1",
        f"info={quote(chr(34) + chr(92) + 'u0000' + chr(34))}",
        f"info={quote('{' + chr(34) + 'a' + chr(34) + ':1e400}')}",
        f"info={nested(500)}",
        "info=n::(&fulltextsearch=1",
        "info=n::%5C&fulltextsearch=1",
        "info=n::'&fulltextsearch=1",
        "participated=1&external_uid=x&project_id=none",
        "participated=1&external_uid=x&project_id=",
        f"participated=1&external_uid={NUL}&project_id=1",
        f"participated=1&external_uid=x&project_id={2**63}",
    ],
)
async def test_no_list_fails(client: Client, tasks: list[Task], query: str) -> None:
    answer = await client.api("GET", f"/api/task?{query}")
    assert answer.status in (200, 413, 415), answer.text
    assert answer.status != 415 or answer.json["exception_cls"] in ("ValueError", "DataError")


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "0001-01-01"])
async def test_times_at_the_ends_of_the_calendar(client: Client, tasks: list[Task], moment: str) -> None:
    assert (await client.api("GET", f"/api/taskrun?finish_time={quote(moment)}")).status in (200, 415)


@pytest.mark.parametrize("key", [NUL, f"a{NUL}b", "%FF", "unknown"])
async def test_a_key_that_is_none_is_nobody_s(client: Client, tasks: list[Task], key: str) -> None:
    assert (await client.api("GET", f"/api/task?api_key={key}")).status == 200
    assert (await client.api("GET", f"/api/token?api_key={key}")).status == 401
    assert (await client.get(f"/about?api_key={key}")).status == 200


@pytest.mark.parametrize("day", ["2026-01-31", "2026-13-45", "yesterday", "%C2%8F", ""])
async def test_days_that_are_none(as_admin: Client, day: str) -> None:
    answer = await as_admin.api("GET", f"/api/user?notified_at={day}")
    assert answer.status == (200 if day == "2026-01-31" else 415), answer.text


@pytest.mark.parametrize(
    ("preferences", "status", "found"),
    [
        ("", 415, 0),
        ("{", 415, 0),
        ("1", 200, 0),
        ('"x"', 200, 0),
        ("null", 200, 0),
        ('{"locations": [], "languages": []}', 200, 2),
    ],
)
async def test_preferences_are_asked_for_as_json(
    as_admin: Client, owner: User, preferences: str, status: int, found: int
) -> None:
    answer = await as_admin.api("GET", f"/api/user?user_pref={quote(preferences)}")
    assert answer.status == status, answer.text
    assert status != 200 or len(answer.json) == found


@pytest.mark.parametrize(
    "ids", [b"[1e30]", b"[-9223372036854775809]", b'["x"]', b"[true]", b"[1.5]", b"7", b'"7"', b"[[1]]"]
)
async def test_lists_of_ids_that_are_none(as_admin: Client, as_owner: Client, project: Project, ids: bytes) -> None:
    body = b'{"owners_ids": ' + ids + b"}"
    for client in (as_admin, as_owner):
        answer = await client.api("PUT", f"/api/project/{project.id}", body)
        assert answer.status in (403, 415) or answer.json["owners_ids"] == project.owners_ids, answer.text


@pytest.mark.parametrize("key", ["²", "٣", FAR_TOO_LARGE, "-1", "1e3", NUL])
async def test_no_key_of_a_project_fails(client: Client, project: Project, key: str) -> None:
    for path in ("newtask", "userprogress"):
        assert (await client.api("GET", f"/api/project/{quote(key, safe='%')}/{path}")).status in (404, 415)


@pytest.mark.parametrize(
    "header", ["\xa0", "\x85 \xa0", "Bearer", "Bearer \xa0", "Bearer \xff", "Basic x", "Bearer a.b.c"]
)
async def test_no_header_of_a_project_s_app_fails(
    client: Client, project: Project, tasks: list[Task], header: str
) -> None:
    for path in (f"/api/project/{project.id}/newtask?external_uid=x", "/api/auth/project/bees/token"):
        answer = await client.api("GET", path, headers={"Authorization": header})
        assert answer.status in (401, 404), answer.text


@pytest.mark.parametrize("depth", [101, 250, 253, 300, 1000])
async def test_json_too_deep_to_be_shown_again_is_not_stored(
    client: Client, as_owner: Client, project: Project, tasks: list[Task], depth: int
) -> None:
    await refused_as_info(client, as_owner, project, nested(depth))


@pytest.mark.parametrize("info", [r'"a\u0000b"', r'{"a\u0000": 1}', r'{"a": ["\u0000"]}'])
async def test_json_with_characters_that_no_database_holds(
    client: Client, as_owner: Client, project: Project, tasks: list[Task], info: str
) -> None:
    """An answer is kept all the same, with what stands for such a character; a task is refused."""
    task = (await client.api("GET", f"/api/project/{project.id}/newtask")).json
    answer = f'{{"project_id": {project.id}, "task_id": {task["id"]}, "info": {info}}}'
    stored = await client.api("POST", "/api/taskrun", answer.encode())
    assert stored.status == 200 and "\ufffd" in str(stored.json["info"])
    added = f'{{"project_id": {project.id}, "info": {info}}}'
    assert (await as_owner.api("POST", "/api/task", added.encode())).status in (400, 415)


async def test_json_that_is_merely_deep_is_stored_and_shown(
    client: Client, as_owner: Client, project: Project, tasks: list[Task]
) -> None:
    body = f'{{"project_id": {project.id}, "info": {nested(60)}}}'
    assert (await as_owner.api("POST", "/api/task", body.encode())).status == 200
    assert len((await client.api("GET", "/api/task?related=1")).json) == 4


async def refused_as_info(client: Client, as_owner: Client, project: Project, info: str) -> None:
    """Neither an answer nor a task is made of it, and lists go on being read."""
    task = (await client.api("GET", f"/api/project/{project.id}/newtask")).json
    answer = f'{{"project_id": {project.id}, "task_id": {task["id"]}, "info": {info}}}'
    assert (await client.api("POST", "/api/taskrun", answer.encode())).status in (400, 415)
    added = f'{{"project_id": {project.id}, "info": {info}}}'
    assert (await as_owner.api("POST", "/api/task", added.encode())).status in (400, 415)
    for path in ("/api/taskrun?related=1", "/api/task?related=1"):
        assert (await client.api("GET", path)).status == 200


async def test_what_is_refused_is_not_sent_back_whole(as_owner: Client, project: Project) -> None:
    sent = {"project_id": project.id, "n_answers": "9" * 100_000}
    answer = await as_owner.api("POST", "/api/task", sent)
    assert answer.status == 415 and len(answer.content) < 1000
    answer = await as_owner.api("POST", "/api/task", {"x" * 100_000: 1})
    assert answer.status == 415 and len(answer.content) < 1000
