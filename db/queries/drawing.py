"""Drawing tasks: which task a contributor is given next, and the slot that is held for them (design page, section 6).

A contributor's list is the project's open tasks (a free slot, no answer of theirs) and the one that they hold by
drawing, in the order asked for. The first of the list, at offset 0, is *held*, and another one held before is let go
of; whatever else is returned is *lent*. Every statement sees the locks and counts of its own start, and `task_slots`
refuses to go beyond a task's slots.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnClause, DateTime, Float, Integer, Text, TextualSelect, column, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from db.errors import Busy

TASK_COLUMNS = """t.id, t.created, t.project_id, t.state, t.quorum, t.calibration, t.priority_0, t.info, t.n_answers,
  t.fav_user_ids"""
TASK_TYPES = (
    column("id", BigInteger),
    column("created", DateTime(timezone=True)),
    column("project_id", BigInteger),
    column("state", Text),
    column("quorum", Integer),
    column("calibration", Integer),
    column("priority_0", Float),
    column("info", JSONB),
    column("n_answers", Integer),
    column("fav_user_ids", ARRAY(BigInteger)),
)
RECLAIM_LOCK = 0x7762_01
"""The first key of the advisory lock under which one transaction a project takes back slots past their deadline."""
RECLAIMED_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: whose list of which project, in which order, and which part of it."""

    project_id: int
    contributor: str
    order: "Order"
    any_state: bool = False
    limit: int = 1
    offset: int = 0
    hold_seconds: int = 3600


@dataclass(frozen=True, slots=True)
class DrawnTask:
    """A task as it is handed out: the columns that clients of `newtask` see."""

    id: int
    created: datetime
    project_id: int
    state: str
    quorum: int
    calibration: int
    priority_0: float
    info: Any
    n_answers: int
    fav_user_ids: list[int] | None


@dataclass(frozen=True, slots=True)
class Order:
    """An SQL ordering over `s` (task_slots) and `t` (task): (expression, descending) each. Made by `ordering`, never
    by a caller's text."""

    keys: tuple[tuple[str, bool], ...]
    needs_task: bool = False
    """Whether it reads columns that only `task` has."""
    random: bool = False

    @property
    def sql(self) -> str:
        return ", ".join(f"{key} DESC" if descending else key for key, descending in self.keys)

    @property
    def columns(self) -> str:
        return ", ".join(f"{key} AS k{place}" for place, (key, _) in enumerate(self.keys))

    @property
    def by_columns(self) -> str:
        """The same order over `columns`; where it is random, the task already held comes first, so that a reload
        keeps it."""
        places = enumerate(self.keys)
        listed = ", ".join(f"k{place} DESC" if descending else f"k{place}" for place, (_, descending) in places)
        return f"mine DESC, {listed}" if self.random else listed


INDEXED_ORDERS = {"id": "s.task_id", "priority_0": "s.priority_0", "created": "s.created"}
"""Orders that an index of `task_slots` serves: their cost does not grow with the project."""

OTHER_ORDERS = {
    "project_id": "t.project_id",
    "state": "t.state",
    "quorum": "t.quorum",
    "calibration": "t.calibration",
    "info": "t.info",
    "n_answers": "s.n_answers",
    "fav_user_ids": "coalesce(cardinality(t.fav_user_ids), 0)",
}
"""Orders that sort the project's open tasks at each draw."""

RANDOM_ORDER = Order((("random()", False),), random=True)


def ordering(column: str, *, descending: bool, fewest_runs_first: bool = False) -> Order:
    """The order by a task's column, ties broken by id. Raises KeyError for what is no column."""
    expression = INDEXED_ORDERS.get(column) or OTHER_ORDERS[column]
    keys = [("s.n_runs", False)] if fewest_runs_first else []
    keys.append((expression, descending))
    if column != "id":
        keys.append(("s.task_id", False))
    return Order(tuple(keys), needs_task=column in OTHER_ORDERS)


_STANDING = text("""
SELECT (SELECT task_id FROM assignment WHERE project_id = :project AND contributor = :contributor AND state = 'held')
AS held,
       EXISTS (SELECT 1 FROM assignment
               WHERE project_id = :project AND state IN ('held', 'reserved') AND deadline <= now()) AS overdue
""")

_RECLAIM = text("""
WITH overdue AS (
  SELECT task_id, contributor FROM assignment
  WHERE project_id = :project AND state IN ('held', 'reserved') AND deadline <= now()
  ORDER BY task_id LIMIT :most FOR UPDATE SKIP LOCKED
), lent AS (
  UPDATE assignment a SET state = 'lent', deadline = NULL FROM overdue o
  WHERE a.task_id = o.task_id AND a.contributor = o.contributor RETURNING a.task_id
)
UPDATE task_slots s SET n_held = s.n_held - freed.n
FROM (SELECT task_id, count(*)::int AS n FROM lent GROUP BY task_id) freed WHERE s.task_id = freed.task_id
""")


_LET_GO = text("""
WITH freed AS (
  UPDATE assignment SET state = 'lent', deadline = NULL
  WHERE project_id = :project AND contributor = :contributor AND state = 'held' RETURNING task_id
)
UPDATE task_slots s SET n_held = s.n_held - 1 FROM freed WHERE s.task_id = freed.task_id
""")


def _open_tasks(asked: Asked, *, columns: str = "") -> str:
    """The open tasks for this contributor in order. Those that they hold, have reserved or have answered are not
    among them."""
    join = "JOIN task t ON t.id = s.task_id" if asked.order.needs_task else ""
    open_only = "" if asked.any_state else "AND s.is_open"
    return f"""
      SELECT s.task_id{columns} FROM task_slots s {join}
      WHERE s.project_id = :project {open_only}
        AND NOT EXISTS (SELECT 1 FROM assignment a WHERE a.task_id = s.task_id AND a.contributor = :contributor
                        AND a.state <> 'lent')
      ORDER BY {asked.order.sql}"""


def _list(asked: Asked) -> str:
    """The contributor's list: the open tasks and the one that they hold, but for the task `without`, from `offset`
    on."""
    join = "JOIN task t ON t.id = s.task_id" if asked.order.needs_task else ""
    return f"""
      SELECT task_id, row_number() OVER (ORDER BY {asked.order.by_columns}) AS place FROM (
        (SELECT *, false AS mine FROM ({_open_tasks(asked, columns=", " + asked.order.columns)}
           LIMIT CAST(:limit AS int) + CAST(:offset AS int) + 1) free)
        UNION ALL
        (SELECT s.task_id, {asked.order.columns}, true AS mine FROM assignment a JOIN task_slots s ON s.task_id =
        a.task_id {join}
         WHERE a.project_id = :project AND a.contributor = :contributor AND a.state = 'held')
      ) listed WHERE task_id <> :without ORDER BY place LIMIT :limit OFFSET :offset"""


def _tasks(sql: str, *more: ColumnClause[Any]) -> TextualSelect:
    """The statement, its columns typed as a task's."""
    return text(sql).columns(*TASK_TYPES, *more)


def _task_rows(rows: Sequence[Any]) -> list[DrawnTask]:
    return [DrawnTask(*row[:10]) for row in rows]


class Drawing:
    """One draw: statements over one session, in the transaction that the caller commits."""

    def __init__(self, session: AsyncSession, asked: Asked) -> None:
        self._session = session
        self._asked = asked

    def _values(self, limit: int = 1, offset: int = 0, without: int = 0) -> dict[str, Any]:
        return {
            "project": self._asked.project_id,
            "contributor": self._asked.contributor,
            "limit": limit,
            "offset": offset,
            "without": without,
            "hold": self._asked.hold_seconds,
        }

    async def run(self, *, holds: bool) -> list[DrawnTask]:
        """The asked part of the list; its first task is held if `holds` and the part begins at offset 0."""
        asked = self._asked
        if asked.limit == 0:
            return []
        if not holds or asked.offset > 0:
            await self._standing()
            return await self._lend(asked.limit, asked.offset)
        first = await self._first()
        if first is None:
            return []
        more = await self._lend(asked.limit - 1, 0, without=first.id) if asked.limit > 1 else []
        return [first, *more]

    async def _first(self) -> DrawnTask | None:
        """The first task of the list, held."""
        held = await self._standing()
        if held is None:
            return await self._hold_next()
        statement = text(f"SELECT task_id FROM ({_list(self._asked)}) first")
        if (await self._session.execute(statement, self._values())).scalar_one_or_none() in (held, None):
            return await self._again(held)
        await self._session.execute(_LET_GO, self._values())
        return await self._hold_next()

    async def _standing(self) -> int | None:
        """The task that this contributor holds; slots past their deadline are taken back on the way."""
        values = {"project": self._asked.project_id, "contributor": self._asked.contributor}
        held, overdue = (await self._session.execute(_STANDING, values)).one()
        if not overdue:
            return held  # type: ignore[no-any-return]
        await self.reclaim(wait=False)
        return (await self._session.execute(_STANDING, values)).one()[0]  # type: ignore[no-any-return]

    async def reclaim(self, *, wait: bool) -> None:
        """Turn slots past their deadline into leave to answer, one transaction a project at a time."""
        function = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
        lock = text(f"SELECT {function}({RECLAIM_LOCK}, CAST(:project AS int))")
        got = (await self._session.execute(lock, {"project": self._asked.project_id})).scalar_one()
        if wait or got:
            await self._session.execute(_RECLAIM, {"project": self._asked.project_id, "most": RECLAIMED_AT_ONCE})

    async def _hold_next(self) -> DrawnTask | None:
        """Hold a slot of the first open task. Locked rows are passed over at first, and waited for if nothing else is
        there: nothing found must mean that nothing is left."""
        for lock in ("FOR UPDATE OF s SKIP LOCKED", "FOR UPDATE OF s"):
            if (drawn := await self._hold(lock)) is not None:
                return drawn
        await self.reclaim(wait=True)
        return await self._hold("FOR UPDATE OF s")

    async def _hold(self, lock: str) -> DrawnTask | None:
        statement = _tasks(
            f"""
WITH first AS ({_open_tasks(self._asked)} LIMIT 1 {lock}),
taken AS (
  UPDATE task_slots s SET n_held = s.n_held + 1 FROM first WHERE s.task_id = first.task_id RETURNING s.task_id
), held AS (
  INSERT INTO assignment AS a (task_id, project_id, contributor, state, requested_at, deadline)
  SELECT task_id, :project, :contributor, 'held', now(), now() + make_interval(secs => :hold) FROM taken
  ON CONFLICT (task_id, contributor) DO UPDATE
    SET state = 'held', requested_at = excluded.requested_at, deadline = excluded.deadline WHERE a.state = 'lent'
  RETURNING a.task_id
)
SELECT {TASK_COLUMNS}, held.task_id FROM taken LEFT JOIN held USING (task_id) JOIN task t ON t.id = taken.task_id""",
            column("held", BigInteger),
        )
        row = (await self._session.execute(statement, self._values())).one_or_none()
        if row is None:
            return None
        if row[10] is None:
            # The same contributor answered this very task meanwhile: the slot just taken must not stay.
            raise Busy("the task was answered while it was drawn")
        return _task_rows([row])[0]

    async def _again(self, task_id: int) -> DrawnTask:
        """The task that is held already, its time begun anew."""
        statement = _tasks(f"""
WITH held AS (
  UPDATE assignment SET requested_at = now(), deadline = now() + make_interval(secs => :hold)
  WHERE task_id = :task AND contributor = :contributor AND state = 'held' RETURNING task_id
)
SELECT {TASK_COLUMNS} FROM held JOIN task t ON t.id = held.task_id""")
        values = {"task": task_id, "contributor": self._asked.contributor, "hold": self._asked.hold_seconds}
        row = (await self._session.execute(statement, values)).one_or_none()
        if row is None:
            raise Busy("the held task was answered while it was drawn")
        return _task_rows([row])[0]

    async def _lend(self, limit: int, offset: int, without: int = 0) -> list[DrawnTask]:
        """Leave to answer the next tasks of the list, without a slot."""
        statement = _tasks(f"""
WITH part AS ({_list(self._asked)}),
lent AS (
  INSERT INTO assignment AS a (task_id, project_id, contributor, state, requested_at)
  SELECT task_id, :project, :contributor, 'lent', now() FROM part
  ON CONFLICT (task_id, contributor) DO UPDATE SET requested_at = excluded.requested_at WHERE a.state = 'lent'
)
SELECT {TASK_COLUMNS} FROM part JOIN task t ON t.id = part.task_id ORDER BY part.place""")
        return _task_rows((await self._session.execute(statement, self._values(limit, offset, without))).all())
