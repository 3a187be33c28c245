"""Answers that come in while something else is measured, sent by a process of their own."""

import asyncio
import multiprocessing
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from typing import Any

from benchmarks.support.client import Connection
from benchmarks.support.load import Failed
from benchmarks.support.volunteers import pair

PATIENCE = 60.0


@dataclass(slots=True)
class Answers:
    """What has been answered, once it is over."""

    n: int = 0
    n_errors: int = 0
    first_error: str = ""
    seconds: float = 0.0

    def __str__(self) -> str:
        errors = f"{self.n_errors} ({self.first_error})" if self.n_errors else "0"
        return f"{self.n:,} answers, {self.n / max(0.001, self.seconds):.0f} a second; errors: {errors}"


@contextmanager
def answers_come_in(url: str, project: int, keys: Sequence[str], *, a_second: float) -> Iterator[Answers]:
    """While the block runs, the accounts of these API keys together draw and answer so many tasks of the project a
    second, each one after the other; the server may be slower than that."""
    context = multiprocessing.get_context("spawn")
    stop, told = context.Event(), context.SimpleQueue()
    process = context.Process(target=_work, args=(url, project, list(keys), a_second, stop, told))
    process.start()
    answers = Answers()
    try:
        yield answers
    finally:
        stop.set()
        process.join(PATIENCE)
        if process.exitcode is None:
            process.kill()
    answers.n, answers.n_errors, answers.first_error, answers.seconds = told.get()


def _work(url: str, project: int, keys: list[str], a_second: float, stop: Event, told: Any) -> None:
    answers = Answers()
    begun = time.monotonic()
    asyncio.run(_all(url, project, keys, a_second, stop, answers))
    told.put((answers.n, answers.n_errors, answers.first_error, time.monotonic() - begun))


async def _all(url: str, project: int, keys: list[str], a_second: float, stop: Event, answers: Answers) -> None:
    between = len(keys) / a_second

    async def volunteer(number: int, key: str) -> None:
        connection = Connection(url)
        step = pair(project, key)
        due = time.monotonic() + between * number / len(keys)
        while not stop.is_set():
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            due = max(due + between, time.monotonic())
            try:
                await step(connection)
                answers.n += 1
            except (OSError, ValueError, TimeoutError, Failed) as error:
                answers.n_errors += 1
                answers.first_error = answers.first_error or f"{type(error).__name__}: {error}"
        connection.close()

    await asyncio.gather(*(volunteer(number, key) for number, key in enumerate(keys)))
