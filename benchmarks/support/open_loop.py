"""An open loop: people come when they come, however long the server takes to answer. Sent by a process of its own.

Draws arrive as a Poisson process and so do visitors, each from a schedule that nobody holds up. What somebody waits is
counted from when they meant to ask, so a server that is stuck for a second is charged for all who came in that second
(no coordinated omission). What follows from an answer (a page's next request, the volunteer's answer after thinking)
is meant when that has come.
"""

import asyncio
import gc
import math
import multiprocessing
import random
import time
from abc import ABC, abstractmethod
from array import array
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvloop

from benchmarks.support.client import Answer, Connection, request
from benchmarks.support.load import Failed
from benchmarks.support.volunteers import BROWSER_ORDER

PATIENCE = 120.0
"""Seconds that the process has after the last arrival, to end what is under way."""
FORGET_AFTER = 20.0
"""Seconds after which a client opens a new connection rather than trust one that was idle: the server closes at 30."""
SPREAD = 0.6
"""Of the logarithm of thinking times: one in twenty thinks 2.2 times as long as the mean."""
CROWD, FEW = 1.5, 20
"""So many times the volunteers that think at a time, and a few more, are there at once. Where the server is so slow
that all of them wait, a draw that is due waits for the next to be free: nobody comes because the server is slow."""
SCRIPTS = 3
"""One volunteer in so many is a script with an API key."""
PAGE = {"Accept": "text/html", "Accept-Encoding": "gzip, deflate, br, zstd", "Accept-Language": "en"}
CALL = {"Accept": "*/*", "Accept-Encoding": "gzip, deflate, br, zstd", "Sec-Fetch-Site": "same-origin"}


@dataclass(frozen=True, slots=True)
class Plan:
    """Who comes, and how often."""

    url: str
    project: int
    short_name: str
    keys: list[str]
    """API keys of accounts, one for each script that comes."""
    draws_a_second: float
    visitors_a_second: float
    seconds: float
    """How long it is measured."""
    warm_up: float
    """Seconds before that, in which the rates rise evenly from nothing; what was due then is in no figure."""
    thinking: float
    """Mean seconds between a draw and its answer."""
    stay: float
    """Mean number of tasks after which a volunteer leaves for good, with a task in hand where it is a browser's."""
    seed: int = 1


@dataclass(slots=True)
class Timings:
    """Requests of one kind, in the order in which they ended."""

    due: "array[float]" = field(default_factory=lambda: array("d"))
    """When each was meant to be sent, in seconds since measuring began."""
    waited: "array[float]" = field(default_factory=lambda: array("d"))
    """Milliseconds from then until its answer was there."""
    lag: "array[float]" = field(default_factory=lambda: array("d"))
    """Milliseconds of it in which the client could have sent it, and had not yet."""


@dataclass(slots=True)
class Outcome:
    """What they did together."""

    timings: dict[str, Timings] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)
    n_requests: int = 0
    """All that were answered, those of the warm-up too."""
    n_measured: int = 0
    """Of those, the ones that are in the timings."""
    arrivals: int = 0
    """Draws that were due in the measured time."""
    volunteers: int = 0
    left: int = 0
    runs: "array[int]" = field(default_factory=lambda: array("q"))
    """Of each acknowledged answer the id of its run,"""
    tasks: "array[int]" = field(default_factory=lambda: array("q"))
    """its task,"""
    numbers: "array[int]" = field(default_factory=lambda: array("q"))
    """and the number that it was."""
    unknown: "array[int]" = field(default_factory=lambda: array("q"))
    """Numbers of answers that were sent and not acknowledged: stored or not."""
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    """Processor time of this process, from the beginning to the end of measuring."""


class OpenLoop:
    """The process that is under way."""

    def __init__(self, plan: Plan) -> None:
        context = multiprocessing.get_context("spawn")
        self._told = context.SimpleQueue()
        self._measuring = context.Event()
        self._process = context.Process(target=_work, args=(plan, self._measuring, self._told))

    async def until_measured(self) -> None:
        """Wait until the warm-up is over."""
        while not await asyncio.to_thread(self._measuring.wait, 0.2):
            if not self._process.is_alive():
                raise RuntimeError("the load has ended before it began")

    async def outcome(self) -> Outcome:
        """What it came to, at its end."""
        outcome: Outcome = await asyncio.to_thread(self._told.get)
        return outcome

    def start(self) -> None:
        self._process.start()

    def stop(self) -> None:
        self._process.join(1)
        if self._process.exitcode is None:
            self._process.kill()


@contextmanager
def open_loop(plan: Plan) -> Iterator[OpenLoop]:
    """The load, from the beginning of the block on."""
    loop = OpenLoop(plan)
    loop.start()
    try:
        yield loop
    finally:
        loop.stop()


def _work(plan: Plan, measuring: Any, told: Any) -> None:
    gc.disable()  # nothing here has cycles that would add up, and a collection is a pause of ours
    people = People(plan)
    uvloop.run(people.come(measuring))
    told.put(people.outcome)


class People:
    """All who come, in the process that sends what they do."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.outcome = Outcome()
        self.chance = random.Random(plan.seed)
        self._keys = iter(plan.keys)
        self._idle: asyncio.Queue[Volunteer] = asyncio.Queue()
        self._present = 0
        self._most = math.ceil(CROWD * plan.draws_a_second * plan.thinking) + FEW
        self._under_way: set[asyncio.Task[None]] = set()
        self._mean_log = math.log(plan.thinking) - SPREAD**2 / 2
        self._pages = {
            "home": request("GET", "/", headers=PAGE | {"Connection": "close"}),
            "project page": request("GET", f"/project/{plan.short_name}/", headers=PAGE | {"Connection": "close"}),
        }
        self.begin = 0.0
        self.numbers = 0

    async def come(self, measuring: Any) -> None:
        """Everybody's whole time."""
        loop = asyncio.get_running_loop()
        plan = self.plan
        self.begin = loop.time() + plan.warm_up

        async def measured() -> None:
            await asyncio.sleep(plan.warm_up)
            cpu = time.process_time()
            measuring.set()
            await asyncio.sleep(self.begin + plan.seconds - loop.time())
            self.outcome.cpu_seconds = time.process_time() - cpu
            self.outcome.seconds = loop.time() - self.begin

        await asyncio.gather(
            measured(),
            self._arrivals(plan.draws_a_second, self._draw),
            self._arrivals(plan.visitors_a_second, self._visit),
        )
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=PATIENCE)
            self.outcome.errors += Counter({"never ended": len(late)})
        while not self._idle.empty():
            self._idle.get_nowait().connection.close()

    async def _arrivals(self, rate: float, arrive: Callable[[float], Awaitable[None]]) -> None:
        """Have a visitor arrive at the moments of a Poisson process of this rate, until the time is over."""
        if not rate:
            return
        plan, loop = self.plan, asyncio.get_running_loop()
        first, end = self.begin - plan.warm_up, self.begin + plan.seconds
        due = first
        while True:
            due += self.chance.expovariate(rate)
            if due >= end:
                return
            if due < self.begin and self.chance.random() > (due - first) / plan.warm_up:
                continue
            await asyncio.sleep(max(0.0, due - loop.time()))
            task = asyncio.ensure_future(arrive(due))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    def thinking(self) -> float:
        """Seconds that a volunteer looks at a task."""
        return self.chance.lognormvariate(self._mean_log, SPREAD)

    async def timed(
        self, kind: str, connection: Connection, sent: bytes, due: float, *, free_since: float = 0.0
    ) -> Answer:
        """Send this, meant for then, by a volunteer who was busy before. Raises Failed, with the error
        counted, unless the answer is a good one."""
        loop, outcome = asyncio.get_running_loop(), self.outcome
        begun = loop.time()
        try:
            answer = await connection.send(sent)
        except (OSError, ValueError, TimeoutError) as error:
            raise self.failed(f"{kind}: {type(error).__name__}: {error}") from error
        outcome.n_requests += 1
        if self.begin <= due < self.begin + self.plan.seconds:
            outcome.n_measured += 1
            timings = outcome.timings.setdefault(kind, Timings())
            timings.due.append(due - self.begin)
            timings.waited.append(1000 * (loop.time() - due))
            timings.lag.append(1000 * (begun - max(due, free_since)))
        if not answer.ok:
            raise self.failed(f"{kind}: {answer.status} {answer.body[-100:]!r}")
        return answer

    def failed(self, why: str) -> Failed:
        """An error, counted."""
        self.outcome.errors[why[:200]] += 1
        return Failed(why)

    async def _visit(self, due: float) -> None:
        """A new visitor looks at a page."""
        kind = self.chance.choice(list(self._pages))
        connection = Connection(self.plan.url)
        try:
            answer = await self.timed(kind, connection, self._pages[kind], due)
            if not answer.body:
                self.failed(f"{kind}: nothing in it")
        except Failed:
            pass
        connection.close()

    async def _draw(self, due: float) -> None:
        """The volunteer who has been free for longest, a new one, or the next to become free draws a task, thinks and
        answers."""
        if due >= self.begin:
            self.outcome.arrivals += 1
        try:
            if self._idle.empty() and self._present < self._most:
                self._present += 1
                volunteer = self._newcomer()
            else:
                volunteer = await self._idle.get()
            await self._step(volunteer, due)
        except Failed:
            return

    async def _step(self, volunteer: "Volunteer", due: float) -> None:
        """A task; afterwards the volunteer is free, or gone, and a new one in their place."""
        try:
            await volunteer.step(due)
            goes = self.chance.random() < 1 / self.plan.stay
        except Failed:
            goes = True
        if goes:
            self.outcome.left += 1
            volunteer.connection.close()
            volunteer = self._newcomer()
        volunteer.free_since = asyncio.get_running_loop().time()
        self._idle.put_nowait(volunteer)

    def _newcomer(self) -> "Volunteer":
        self.outcome.volunteers += 1
        if self.outcome.volunteers % SCRIPTS:
            return Browser(self)
        key = next(self._keys, None)
        if key is None:
            raise self.failed("there are no more accounts")
        return Script(self, key)


class Volunteer(ABC):
    """One person, with a connection of their own."""

    def __init__(self, people: People) -> None:
        self.people = people
        self.connection = Connection(people.plan.url)
        self.free_since = 0.0
        self._used_at = 0.0

    @abstractmethod
    async def step(self, due: float) -> None:
        """A task, from asking for it to its answer. Raises Failed."""

    async def ask(self, kind: str, sent: bytes, due: float) -> Answer:
        """Send this, as `People.timed`."""
        now = asyncio.get_running_loop().time()
        if now - self._used_at > FORGET_AFTER:
            self.connection.close()
        answer = await self.people.timed(kind, self.connection, sent, due, free_since=self.free_since)
        self._used_at = asyncio.get_running_loop().time()
        return answer

    async def answer(
        self, kind: str, task: int, *, headers: dict[str, str] | None = None, key: str | None = None
    ) -> None:
        """Think about the task that has just come, and answer it. Raises Failed."""
        people, loop = self.people, asyncio.get_running_loop()
        due = loop.time() + people.thinking()
        people.numbers += 1
        number = people.numbers
        headers = headers and headers | {"Idempotency-Key": f"answer-{number}"}
        body = {"project_id": people.plan.project, "task_id": task, "info": {"answer": number}}
        sent = request("POST", "/api/taskrun", key=key, body=body, headers=headers)
        await asyncio.sleep(due - loop.time())
        try:
            stored = (await self.ask(kind, sent, due)).json()
        except Failed:
            people.outcome.unknown.append(number)
            raise
        people.outcome.runs.append(stored["id"])
        people.outcome.tasks.append(stored["task_id"])
        people.outcome.numbers.append(number)

    def drawn(self, kind: str, task: dict[str, Any] | None) -> int:
        """The id of the task that was given. Raises Failed if none was."""
        if not task or "id" not in task:
            raise self.people.failed(f"{kind}: no task")
        return int(task["id"])


class Script(Volunteer):
    """Draws and answers through the API, with a key."""

    def __init__(self, people: People, key: str) -> None:
        super().__init__(people)
        self._key = key
        self._draw = request("GET", f"/api/project/{people.plan.project}/newtask", key=key)

    async def step(self, due: float) -> None:
        answer = await self.ask("draw, script", self._draw, due)
        await self.answer("answer, script", self.drawn("draw, script", answer.json()), key=self._key)


class Browser(Volunteer):
    """What the contribute page does for an anonymous volunteer (webapp/static/js/contribute): as a task is shown
    the next one is drawn, with the slots of both kept; the answer goes under an Idempotency-Key."""

    def __init__(self, people: People) -> None:
        super().__init__(people)
        self._headers: dict[str, str] = {}
        self._shown = 0

    async def step(self, due: float) -> None:
        plan = self.people.plan
        if not self._shown:
            due = await self._open(due)
        body = {"task_id": self._shown, "unsent": []}
        path = f"/api/project/{plan.project}/next?{BROWSER_ORDER}"
        answer = await self.ask("draw, browser", request("POST", path, body=body, headers=self._headers), due)
        following = self.drawn("draw, browser", answer.json()["task"])
        await self.answer("answer, browser", self._shown, headers=self._headers)
        self._shown = following

    async def _open(self, due: float) -> float:
        """Open the page, and draw the first task; when that was there."""
        plan, loop = self.people.plan, asyncio.get_running_loop()
        page = request("GET", f"/project/{plan.short_name}/newtask", headers=PAGE)
        answer = await self.ask("contribute page", page, due)
        self._headers = CALL | {"Cookie": "; ".join(f"{name}={value}" for name, value in answer.cookies().items())}
        path = f"/api/project/{plan.project}/newtask?offset=0&{BROWSER_ORDER}"
        first = await self.ask("first draw", request("GET", path, headers=self._headers), loop.time())
        self._shown = self.drawn("first draw", first.json())
        return loop.time()
