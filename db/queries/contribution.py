"""What drawing and answering need to know of a project and a task, in one short read each."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Boolean, Text, column, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

SHORTEST_HOLD_S, LONGEST_HOLD_S = 60, 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class ProjectForContribution:
    """The part of a project that decides who may contribute, and how its tasks are handed out."""

    id: int
    short_name: str
    owner_id: int
    owners_ids: list[int]
    published: bool
    allow_anonymous_contributors: bool
    zip_download: bool
    secret_key: str
    webhook: str | None
    sched: str | None
    passwd_hash: str | None
    hold_setting: str | None
    hold_default: int = 3600
    admitted: bool = False
    """Whether this caller has given the project's password."""
    info: dict[str, Any] = field(default_factory=dict)

    @property
    def hold_seconds(self) -> int:
        """How long a drawn task waits for its volunteer: the project's `info.hold_seconds`, within bounds."""
        wished = self.hold_setting or ""
        seconds = int(wished) if wished.isdigit() else self.hold_default
        return min(max(seconds, SHORTEST_HOLD_S), LONGEST_HOLD_S)


_COLUMNS = (
    column("id", BigInteger),
    column("short_name", Text),
    column("owner_id", BigInteger),
    column("owners_ids", ARRAY(BigInteger)),
    column("published", Boolean),
    column("allow_anonymous_contributors", Boolean),
    column("zip_download", Boolean),
    column("secret_key", Text),
    column("webhook", Text),
    column("sched", Text),
    column("passwd_hash", Text),
    column("hold_setting", Text),
)
_SELECT = """
SELECT id, short_name, owner_id, owners_ids, published, allow_anonymous_contributors, zip_download, secret_key, webhook,
       info ->> 'sched' AS sched, info ->> 'passwd_hash' AS passwd_hash, info ->> 'hold_seconds' AS hold_setting
FROM project WHERE """
_BY_ID = text(_SELECT + "id = :key").columns(*_COLUMNS)
_BY_SHORT_NAME = text(_SELECT + "short_name = :key").columns(*_COLUMNS)


async def find_project(
    session: AsyncSession, key: int | str, *, hold_default: int = 3600
) -> ProjectForContribution | None:
    """The project of this id (int) or short name (str), or None."""
    statement = _BY_ID if isinstance(key, int) else _BY_SHORT_NAME
    row = (await session.execute(statement, {"key": key})).one_or_none()
    if row is None:
        return None
    found = row._asdict()
    info = {"passwd_hash": found["passwd_hash"]} if found["passwd_hash"] else {}
    return ProjectForContribution(**found, hold_default=hold_default, info=info)


async def project_of_task(session: AsyncSession, task_id: int) -> int | None:
    """The id of the project that the task belongs to, or None if there is no such task."""
    statement = text("SELECT project_id FROM task WHERE id = :task").columns(column("project_id", BigInteger))
    return (await session.execute(statement, {"task": task_id})).scalar_one_or_none()


async def last_answer(session: AsyncSession, task_id: int) -> tuple[Any, bool]:
    """The info of the task's most recent run, and whether it has any run."""
    statement = text("""
        SELECT info FROM task_run WHERE task_id = :task ORDER BY finish_time DESC, id DESC LIMIT 1
    """).columns(column("info", JSONB))
    row = (await session.execute(statement, {"task": task_id})).one_or_none()
    return (row.info, True) if row is not None else (None, False)
