"""Simulated volunteers: they draw tasks and answer them through the API of a running server, all at the same time."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

Json = dict[str, Any]
Answer = Callable[[Json, "Volunteer", random.Random], Json]
"""What a volunteer says to a task."""


@dataclass(frozen=True, slots=True)
class Volunteer:
    """One of them: signed in by an API key, or anonymous with a cookie as a browser has it."""

    name: str
    error_rate: float
    api_key: str | None = None


@dataclass(slots=True)
class Tally:
    """What they did together."""

    answers: Counter[str] = field(default_factory=Counter)
    """How many tasks each of them answered."""
    seconds: float = 0.0
    slowest_draw: float = 0.0

    def __str__(self) -> str:
        total = self.answers.total()
        pace = total / self.seconds if self.seconds else 0.0
        return (
            f"{total} answers of {len(self.answers)} volunteers in {self.seconds:.1f} s: {pace:.0f} a second, "
            f"slowest draw {1000 * self.slowest_draw:.0f} ms"
        )


async def work_until_done(
    url: str, project: Json, volunteers: Sequence[Volunteer], answer: Answer, *, seed: int = 1
) -> Tally:
    """Let all of them answer until nothing is left for any of them."""
    tally = Tally()
    started = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for number, volunteer in enumerate(volunteers):
            chance = random.Random(f"{seed} {number}")
            group.create_task(_work(url, project, volunteer, answer, chance, tally))
    tally.seconds = time.monotonic() - started
    return tally


async def _work(
    url: str, project: Json, volunteer: Volunteer, answer: Answer, chance: random.Random, tally: Tally
) -> None:
    headers = {"Authorization": volunteer.api_key} if volunteer.api_key else {}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as client:
        if volunteer.api_key is None:
            # The page sets the cookie by which the anonymous are told apart.
            (await client.get(f"/project/{project['short_name']}/newtask")).raise_for_status()
        while task := await _draw(client, project["id"], tally):
            run = {"project_id": project["id"], "task_id": task["id"], "info": answer(task, volunteer, chance)}
            stored = await client.post("/api/taskrun", json=run)
            assert stored.status_code == 200, f"{volunteer.name}, task {task['id']}: {stored.text}"
            tally.answers[volunteer.name] += 1


async def _draw(client: httpx.AsyncClient, project_id: int, tally: Tally) -> Json:
    started = time.monotonic()
    response = await client.get(f"/api/project/{project_id}/newtask")
    tally.slowest_draw = max(tally.slowest_draw, time.monotonic() - started)
    assert response.status_code == 200, response.text
    task: Json = response.json()
    return task


async def every_row(client: httpx.AsyncClient, resource: str, **wanted: Any) -> list[Json]:
    """All rows of a resource, page by page."""
    rows: list[Json] = []
    last_id = 0
    while True:
        page = await client.get(f"/api/{resource}", params=wanted | {"limit": 100, "last_id": last_id, "all": 1})
        page.raise_for_status()
        found = page.json()
        if not found:
            return rows
        rows.extend(found)
        last_id = found[-1]["id"]
