"""What is asked of the database at the same time, asked by one statement: one round trip and one commit.

Where many ask at once, most of what a draw or an answer costs is not its own work but the way to the database and back,
the commit, and the switching between connections. So while a batch is under way, the calls that come in make up the
next one: its size follows the load, and who is alone never waits for company. What would keep the others of a batch
waiting is made again by itself instead.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from contextvars import Context
from itertools import chain
from typing import Any

from db.calls import BatchedStatement, Values
from db.errors import DatabaseUnavailable

log = logging.getLogger(__name__)

MOST = 32
"""How many calls one statement makes at the most: what each of them locks stays locked until the last is done."""
READING = "reading"
"""The group of what only reads, and takes as long for anybody."""

Fetch = Callable[..., Awaitable[list[Any]]]


class StatementBatcher:
    """The calls of one process. `fetch` runs a statement and commits it."""

    def __init__(self, fetch: Fetch) -> None:
        self.n_batches = self.n_batched = self.n_single = 0
        """Statements for several calls so far, the calls in them, and calls made by themselves."""
        self._fetch = fetch
        self._waiting: dict[Hashable, dict[BatchedStatement, list[_Call]]] = {}
        """By group, of those with a batch under way. What has waited longest comes first."""
        self._tasks: set[asyncio.Task[None]] = set()

    async def call(self, what: BatchedStatement, values: Values, *, group: Hashable) -> list[Any]:
        """The rows for these values, committed. Raises what `fetch` does.

        A group has one batch under way at a time, of one kind: what holds it up, a project's owner say, holds up no
        other group.
        """
        call = _Call(values)
        waiting = self._waiting.get(group)
        if waiting is None:
            self._waiting[group] = {what: [call]}
            self._begin(self._serve(group))
        else:
            waiting.setdefault(what, []).append(call)
        return await call.rows

    async def close(self) -> None:
        """Give up what is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        # In nobody's context: what it does, it does for several requests.
        task = asyncio.create_task(work, context=Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, group: Hashable) -> None:
        """Make batch after batch, until nobody of the group waits."""
        waiting = self._waiting[group]
        calls: list[_Call] = []
        try:
            while waiting:
                what = next(iter(waiting))
                queue = waiting.pop(what)
                if len(queue) > MOST:
                    waiting[what] = queue[MOST:]
                calls = [call for call in queue[:MOST] if not call.rows.done()]
                # A function that may wait for others does so on its own, while the group goes on.
                if len(calls) == 1 and not what.may_defer:
                    await self._run_single(what, calls[0])
                elif calls:
                    await self._run_batch(what, calls)
        except BaseException:
            for call in chain(calls, *waiting.values()):
                call.rows.cancel()
            raise
        finally:
            del self._waiting[group]

    async def _run_batch(self, what: BatchedStatement, calls: list["_Call"]) -> None:
        self.n_batches += 1
        self.n_batched += len(calls)
        made: list[list[Any]] = [[] for _ in calls]
        again = calls
        try:
            if (place := what.sorted_by) is not None:
                calls.sort(key=lambda call: call.values[place])
            for row in await self._fetch(*what.request([call.values for call in calls])):
                made[row[0] - 1].append(row[1:])
        except DatabaseUnavailable as error:
            # What became of them nobody knows, so none is made again.
            for call in calls:
                call.fail(DatabaseUnavailable(str(error)))
            return
        except Exception:
            # One of them was refused, and with it all are rolled back: only that one is to hear of it.
            log.debug("A batch of %d is made one by one: %s", len(calls), what.alone, exc_info=True)
        else:
            again = []
            for call, rows in zip(calls, made, strict=True):
                if what.may_defer and rows and rows[0][0] is None:
                    again.append(call)
                else:
                    call.succeed(rows)
        for call in again:
            self._begin(self._run_single(what, call))

    async def _run_single(self, what: BatchedStatement, call: "_Call") -> None:
        self.n_single += 1
        try:
            call.succeed(await self._fetch(what.alone, *call.values))
        except Exception as error:  # noqa: BLE001 - whoever awaits the call raises it
            call.fail(error)
        except asyncio.CancelledError:
            call.rows.cancel()
            raise


class _Call:
    """Values, and the rows for them, which somebody awaits, or has given up."""

    __slots__ = ("rows", "values")

    def __init__(self, values: Values) -> None:
        self.values = values
        self.rows: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()

    def succeed(self, rows: list[Any]) -> None:
        if not self.rows.done():
            self.rows.set_result(rows)

    def fail(self, error: Exception) -> None:
        if not self.rows.done():
            self.rows.set_exception(error)
