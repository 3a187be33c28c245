"""A crowd of careless volunteers over HTTP: they leave with a task in hand, send answers twice, and try again, as
pybossa.js does, when the server was lost. What was acknowledged to them is written down and looked for afterwards."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import psutil
from sqlalchemy import text

from db.models import User
from db.session import Database
from tests.factories import make_project, make_tasks, make_user
from tests.support.invariants import breaches

CONNECTIONS = 24
PAUSE = 0.1
"""Seconds before a request is tried again, or a draw that found everything in other hands."""
PATIENCE = 10.0
"""How long one attempt may take."""


@dataclass(frozen=True, slots=True)
class Habits:
    """How careless they are: shares of their draws, of their answers, and of themselves."""

    leaving: float = 0.1
    """Draws after which somebody is never seen again; somebody new comes in their place."""
    twice: float = 0.1
    """Answers that are sent once more though they were acknowledged, with the same key or without one."""
    nameless: float = 0.2
    """Volunteers whose program knows no Idempotency-Key."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """An answer of which its sender knows that it is stored; `run_id` is None where a retry said so (403)."""

    task_id: int
    user_id: int
    info: str
    run_id: int | None


@dataclass(slots=True)
class Crowd:
    """What they did together, and what they were told."""

    url: str
    project_id: int
    chance: random.Random
    habits: Habits = field(default_factory=Habits)
    others: Sequence[str] = ()
    """Further hosts of the same site: each attempt goes to one of them all, by chance, as a balancer would have it."""
    acknowledged: list[Acknowledged] = field(default_factory=list)
    left: int = 0
    twice: int = 0
    lost: int = 0
    """Attempts that got no answer from the server."""
    statuses: Counter[int] = field(default_factory=Counter)
    heard: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by each acknowledged answer."""
    last_answer_at: float = 0.0
    longest_silence: float = 0.0
    """Seconds between two acknowledged answers, at the most."""

    async def work(self, people: Sequence[tuple[int, str]], at_once: int) -> None:
        """Let so many of these (user, API key) work at the same time until nothing is left for any of them."""
        waiting = iter(people)
        self.last_answer_at = time.monotonic()
        limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
        timeout = httpx.Timeout(PATIENCE, pool=None)
        async with (
            httpx.AsyncClient(limits=limits, timeout=timeout) as client,
            asyncio.TaskGroup() as group,
        ):
            for _ in range(at_once):
                group.create_task(self._one_after_the_other(client, waiting))

    async def _one_after_the_other(self, client: httpx.AsyncClient, waiting: Iterator[tuple[int, str]]) -> None:
        for user_id, key in waiting:
            one = Person(self, client, user_id, key, named=self.chance.random() >= self.habits.nameless)
            if await one.work():
                return

    def somewhere(self) -> str:
        """The address of a host of the site."""
        return self.chance.choice([self.url, *self.others]) if self.others else self.url

    def note(self, answer: Acknowledged) -> None:
        now = time.monotonic()
        self.longest_silence = max(self.longest_silence, now - self.last_answer_at)
        self.last_answer_at = now
        self.acknowledged.append(answer)
        self.heard.set()

    async def until(self, n_answers: int) -> None:
        """Wait until so many answers are acknowledged."""
        while len(self.acknowledged) < n_answers:
            self.heard.clear()
            await self.heard.wait()

    def __str__(self) -> str:
        return (
            f"{len(self.acknowledged)} answers acknowledged, {self.left} left with a task, {self.twice} sent twice, "
            f"{self.lost} requests lost, statuses {dict(sorted(self.statuses.items()))}, "
            f"longest silence {self.longest_silence:.1f} s"
        )


@dataclass(slots=True)
class Person:
    """One volunteer."""

    crowd: Crowd
    client: httpx.AsyncClient
    user_id: int
    key: str
    named: bool

    async def work(self) -> bool:
        """Draw and answer. True if nothing is left, False if they left first."""
        crowd = self.crowd
        while True:
            drawn = await self._send("GET", f"/api/project/{crowd.project_id}/newtask")
            assert drawn.status_code == 200, drawn.text
            task = drawn.json()
            if not task:
                if drawn.headers["X-Workbee-Left"] == "none":
                    return True
                await asyncio.sleep(PAUSE * 3)
                continue
            if crowd.chance.random() < crowd.habits.leaving:
                crowd.left += 1
                return False
            await self._answer(task["id"])

    async def _answer(self, task_id: int) -> None:
        crowd = self.crowd
        info = f"{self.user_id} says {task_id}"
        key = {"Idempotency-Key": info} if self.named else {}
        body = {"project_id": crowd.project_id, "task_id": task_id, "info": info}
        lost = crowd.lost
        answer = await self._send("POST", "/api/taskrun", json=body, headers=key)
        if answer.status_code == 200:
            run_id = answer.json()["id"]
        else:
            # Whoever cannot name the answer learns from the refusal of the second that the first arrived.
            assert answer.status_code == 403 and "already" in answer.text and not self.named, answer.text
            assert crowd.lost > lost, f"refused at the first attempt: {answer.text}"
            run_id = None
        crowd.note(Acknowledged(task_id, self.user_id, info, run_id))
        if crowd.chance.random() < crowd.habits.twice:
            await self._send_again(body, key if crowd.chance.random() < 0.5 else {}, run_id)

    async def _send_again(self, body: dict[str, Any], key: dict[str, str], run_id: int | None) -> None:
        self.crowd.twice += 1
        again = await self._send("POST", "/api/taskrun", json=body, headers=key)
        if key:
            assert (again.status_code, again.json()["id"]) == (200, run_id), again.text
        else:
            assert again.status_code == 403, again.text

    async def _send(self, method: str, path: str, **parts: Any) -> httpx.Response:
        """The answer, after as many attempts as it takes: the server may be gone, or say that it is busy."""
        headers = {"Authorization": self.key} | parts.pop("headers", {})
        while True:
            try:
                address = self.crowd.somewhere() + path
                answer = await self.client.request(method, address, headers=headers, **parts)
            except httpx.TransportError:
                self.crowd.lost += 1
            else:
                self.crowd.statuses[answer.status_code] += 1
                if answer.status_code != 429 and answer.status_code < 500:
                    return answer
                self.crowd.lost += 1
            await asyncio.sleep(PAUSE * (0.5 + self.crowd.chance.random()))


# Before and after -----------------------------------------------------------------------------------------------------


@asynccontextmanager
async def opened(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    try:
        yield database
    finally:
        await database.close()


async def prepare(
    database_url: str, *, n_tasks: int, n_answers: int, n_people: int, **project: Any
) -> tuple[int, list[tuple[int, str]]]:
    """A project with tasks, and people as (user, API key)."""
    async with opened(database_url) as database, database.unit() as uow:
        owner = await make_user(uow.session)
        made = await make_project(uow.session, owner, **project)
        await make_tasks(uow.session, made, n_tasks, n_answers=n_answers)
        rows = [
            User(name=f"p{made.id}-{n}", fullname=f"Person {n}", email_addr=f"p{made.id}-{n}@example.com")
            for n in range(n_people)
        ]
        uow.session.add_all(rows)
        await uow.session.flush()
        found = await uow.session.execute(
            text("SELECT id, api_key FROM users WHERE id = ANY (:ids)"), {"ids": [row.id for row in rows]}
        )
        return made.id, [(user, key) for user, key in found]


async def check_exact(database_url: str, crowd: Crowd, *, n_tasks: int, n_answers: int) -> None:
    """Every task has its answers, exactly; none that was acknowledged is missing; no slot is held any more."""
    async with opened(database_url) as database, database.unit(read_only=True) as uow:
        values = {"project": crowd.project_id}

        async def rows(statement: str) -> list[tuple[Any, ...]]:
            return [tuple(row) for row in await uow.session.execute(text(statement), values)]

        assert await rows("""
            SELECT n_counted, state, count(*) FROM task t JOIN task_slots s ON s.task_id = t.id
            WHERE t.project_id = :project GROUP BY n_counted, state""") == [(n_answers, "completed", n_tasks)]
        assert await rows(
            "SELECT count(*), count(DISTINCT task_id) FROM result WHERE project_id = :project AND last_version"
        ) == [(n_tasks, n_tasks)]
        stored = await rows("SELECT id, task_id, user_id, info #>> '{}' FROM task_run WHERE project_id = :project")
        holding = "SELECT task_id, contributor FROM assignment WHERE project_id = :project AND deadline IS NOT NULL"
        assert await rows(holding) == []
        assert await breaches(uow.session, crowd.project_id) == []
    ids = {(task, user): (run, info) for run, task, user, info in stored}
    assert len(ids) == len(stored)
    for one in crowd.acknowledged:
        run, info = ids[one.task_id, one.user_id]
        assert (info, one.run_id or run) == (one.info, run), f"acknowledged otherwise than stored: {one}"
    assert len(crowd.acknowledged) == len(stored), "every stored answer was acknowledged in the end, once"


# Trouble --------------------------------------------------------------------------------------------------------------


def children(supervisor_pid: int, words: str) -> list[psutil.Process]:
    """The supervisor's living children whose command line has these words."""
    found = []
    for one in psutil.Process(supervisor_pid).children():
        try:
            if one.status() != psutil.STATUS_ZOMBIE and words in " ".join(one.cmdline()):
                found.append(one)
        except psutil.NoSuchProcess:
            continue
    return found


async def kill_workers(crowd: Crowd, supervisors: Sequence[int], n_answers: int, times: int) -> int:
    """Kill a web worker of these supervisors, chosen at random, again and again while these answers come in. How many
    were killed."""
    killed = 0
    for number in range(1, times + 1):
        await crowd.until(number * n_answers // (times + 1))
        workers = [worker for pid in supervisors for worker in children(pid, "web_worker")]
        if workers:
            crowd.chance.choice(workers).kill()
            killed += 1
    return killed
