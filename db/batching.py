"""Calls of the database's functions that come at the same time, made by one statement: one round trip and one commit.

Where many ask at once, most of what a draw or an answer costs is not its own work but the way to the database and back,
the commit, and the switching between connections. So while a batch is under way, the calls that come in make up the
next one: its size follows the load, and who is alone never waits for company. What would keep the others of a batch
waiting is made again by itself instead.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Sequence
from contextvars import Context
from itertools import chain
from typing import Any

from db.errors import Away

log = logging.getLogger(__name__)

MOST = 32
"""How many calls one statement makes at the most: what each of them locks stays locked until the last is done."""
PATIENCE_MS = 100
"""How long a batch waits for a lock of somebody else's before its calls are made one by one."""
FEWEST = 2
"""How many calls are worth a statement for many."""

Fetch = Callable[..., Awaitable[list[Any]]]
Values = tuple[Any, ...]


class Function:
    """A function of the database that may be called for many at once.

    Its last parameter, `p_alone boolean DEFAULT true`, says whether the transaction is this call's only. Where it is
    not and the call would take long or have to wait for others, the function gives one row of nulls instead.
    `sorted_by` is the place of the value in whose order calls lock rows, if they wait for any.
    """

    def __init__(self, name: str, types: Sequence[str], *, sorted_by: int | None = None) -> None:
        self.name = name
        self.sorted_by = sorted_by
        # The driver wants JSON as text.
        sent = ["text" if kind == "jsonb" else kind for kind in types]
        places = range(1, len(types) + 1)
        one = [f"${place}::{text}::{kind}" for place, text, kind in zip(places, sent, types, strict=True)]
        self.alone = f"SELECT * FROM {name}({', '.join(one)})"
        """The statement for one call."""
        arrays = ", ".join(f"${place}::{text}[]" for place, text in zip(places, sent, strict=True))
        columns = ", ".join(f"v{place}" for place in places)
        each = ", ".join(f"v{place}::{kind}" for place, kind in zip(places, types, strict=True))
        self.together = f"""
            WITH quick AS MATERIALIZED (SELECT set_config('lock_timeout', '{PATIENCE_MS}', true) AS timeout)
            SELECT calls.place, made.*
            FROM quick, unnest({arrays}) WITH ORDINALITY calls ({columns}, place),
              LATERAL {name}({each}, quick.timeout IS NULL) made"""
        """The statement for many, each value an array: a row's first column tells whose it is, counted from 1."""


class Batches:
    """The calls of one process. `fetch` runs a statement and commits it."""

    def __init__(self, fetch: Fetch, *, fewest: int = FEWEST) -> None:
        self._fetch = fetch
        self._fewest = fewest
        self._waiting: dict[Hashable, dict[Function, list[_Call]]] = {}
        """By group, of those with a batch under way. The function that has waited longest comes first."""
        self._tasks: set[asyncio.Task[None]] = set()

    async def call(self, function: Function, values: Values, *, group: Hashable) -> list[Any]:
        """The rows of the function for these values, committed. Raises what `fetch` does.

        A group has one batch under way at a time, of one function: what holds it up, a project's owner say, holds up no
        other group.
        """
        call = _Call(values)
        waiting = self._waiting.get(group)
        if waiting is None:
            self._waiting[group] = {function: [call]}
            self._begin(self._serve(group))
        else:
            waiting.setdefault(function, []).append(call)
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
                function = next(iter(waiting))
                queue = waiting.pop(function)
                if len(queue) > MOST:
                    waiting[function] = queue[MOST:]
                calls = [call for call in queue[:MOST] if not call.rows.done()]
                if len(calls) >= self._fewest:
                    await self._make_together(function, calls)
                elif calls:
                    await self._make_alone(function, calls[0])
        except BaseException:
            for call in chain(calls, *waiting.values()):
                call.rows.cancel()
            raise
        finally:
            del self._waiting[group]

    async def _make_together(self, function: Function, calls: list["_Call"]) -> None:
        made: list[list[Any]] = [[] for _ in calls]
        again = calls
        try:
            if (place := function.sorted_by) is not None:
                calls.sort(key=lambda call: call.values[place])
            for row in await self._fetch(function.together, *zip(*(call.values for call in calls), strict=True)):
                made[row[0] - 1].append(row[1:])
        except Away as error:
            # What became of them nobody knows, so none is made again.
            for call in calls:
                call.fail(Away(str(error)))
            return
        except Exception:
            # One of them was refused, and with it all are rolled back: only that one is to hear of it.
            log.debug("A batch of %d calls of %s is made one by one", len(calls), function.name, exc_info=True)
        else:
            again = []
            for call, rows in zip(calls, made, strict=True):
                if rows and rows[0][0] is None:
                    again.append(call)
                else:
                    call.succeed(rows)
        for call in again:
            self._begin(self._make_alone(function, call))

    async def _make_alone(self, function: Function, call: "_Call") -> None:
        try:
            call.succeed(await self._fetch(function.alone, *call.values))
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
