"""What volunteers do, as steps of a load."""

from collections.abc import Iterator
from itertools import count

from benchmarks.support.client import Connection, request
from benchmarks.support.load import Failed, Step

BROWSER_ORDER = "orderby=priority_0&desc=true"
"""The order that our contribute page asks for."""


def draw(project: int, key: str, order: str = "") -> Step:
    """Draw the next task, over and over: the same one, which is leased."""
    sent = request("GET", f"/api/project/{project}/newtask?{order}", key=key)

    async def step(connection: Connection) -> bool:
        await _drawn(connection, sent)
        return True

    return step


def pair(project: int, key: str, order: str = "") -> Step:
    """Draw, answer."""
    sent = request("GET", f"/api/project/{project}/newtask?{order}", key=key)

    async def step(connection: Connection) -> bool:
        return await _answer(connection, project, await _drawn(connection, sent), key)

    return step


def submit(project: int, key: str, tasks: Iterator[int]) -> Step:
    """Answer tasks that were offered before."""

    async def step(connection: Connection) -> bool:
        return await _answer(connection, project, next(tasks), key)

    return step


def browse(project: int, key: str) -> Step:
    """What a browser does a task: fetch the next one ahead, send the answer, hold the next as it is shown."""
    now, ahead, further = (
        request("GET", f"/api/project/{project}/newtask?offset={offset}&{BROWSER_ORDER}", key=key)
        for offset in range(3)
    )
    numbers = count()
    current = 0

    async def step(connection: Connection) -> bool:
        nonlocal current
        current = current or await _drawn(connection, now)
        following = await _drawn(connection, ahead)
        if following == current:  # slots before it have come free
            following = await _drawn(connection, further)
        answered, current = current, 0
        await _answer(connection, project, answered, key, f"{key}-{answered}-{next(numbers)}")
        current = following if await _held(connection, project, following, key) else 0
        return True

    return step


async def _drawn(connection: Connection, sent: bytes) -> int:
    """The id of the task that this request gives. Raises Failed if it gives none."""
    answer = await connection.send(sent)
    task = answer.json() if answer.ok else {}
    if "id" not in task:
        raise Failed(f"a draw gave {answer.status} {answer.body[-120:]!r}")
    return int(task["id"])


async def _answer(connection: Connection, project: int, task: int, key: str, once: str | None = None) -> bool:
    """Answer a task; True. Raises Failed if the answer is not taken."""
    body = {"project_id": project, "task_id": task, "info": {"answer": 1}}
    headers = {"Idempotency-Key": once} if once else {}
    answer = await connection.send(request("POST", "/api/taskrun", key=key, body=body, headers=headers))
    if not answer.ok:
        raise Failed(f"an answer got {answer.status} {answer.body[-120:]!r}")
    return True


async def _held(connection: Connection, project: int, task: int, key: str) -> bool:
    """Whether a slot of the task could be leased."""
    answer = await connection.send(request("POST", f"/api/project/{project}/hold", key=key, body={"task_id": task}))
    if not answer.ok:
        raise Failed(f"holding gave {answer.status} {answer.body[-120:]!r}")
    return bool(answer.json()["held"])
