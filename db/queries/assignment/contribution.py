"""What drawing and answering need to know of a project and a task, in one short read each."""

from dataclasses import dataclass, field, replace
from typing import Any

from db import json
from db.executors import Executor

SHORTEST_LEASE_S, LONGEST_LEASE_S = 60, 30 * 24 * 3600


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
    lease_setting: str | None
    paused: bool
    """Whether its owners have no task handed out for now."""
    tryout_key: str | None
    """What admits to it while it is a draft."""
    version: int
    """Changes whenever the project's row does: what is done with the project as it was read expects it."""
    lease_default: int = 3600
    admitted: bool = False
    """Whether this caller has given the project's password, or may try it."""
    info: dict[str, Any] = field(default_factory=dict)

    @property
    def lease_seconds(self) -> int:
        """How long a drawn task waits for its volunteer: the project's `info.hold_seconds`, within bounds."""
        wished = self.lease_setting or ""
        seconds = int(wished) if wished.isdigit() else self.lease_default
        return min(max(seconds, SHORTEST_LEASE_S), LONGEST_LEASE_S)


_SELECT = """
SELECT id, short_name, owner_id, owners_ids, published, allow_anonymous_contributors, zip_download, secret_key, webhook,
       info ->> 'sched', info ->> 'passwd_hash', info ->> 'hold_seconds', paused, tryout_key, version
FROM project WHERE """
_BY_ID = _SELECT + "id = $1::bigint"
_BY_SHORT_NAME = _SELECT + "short_name = $1::text"


async def find_project(
    executor: Executor, key: int | str, *, lease_default: int = 3600
) -> ProjectForContribution | None:
    """The project of this id (int) or short name (str), or None."""
    rows = await executor.fetch(_BY_ID if isinstance(key, int) else _BY_SHORT_NAME, key)
    if not rows:
        return None
    project = ProjectForContribution(*rows[0])
    info = {"passwd_hash": project.passwd_hash} if project.passwd_hash else {}
    return replace(project, lease_default=lease_default, info=info)


async def project_of_task(executor: Executor, task_id: int) -> int | None:
    """The id of the project that the task belongs to, or None if there is no such task."""
    rows = await executor.fetch("SELECT project_id FROM task WHERE id = $1::bigint", task_id)
    return rows[0][0] if rows else None


async def last_answer(executor: Executor, task_id: int) -> tuple[Any, bool]:
    """The info of the task's most recent run, and whether it has any run."""
    rows = await executor.fetch(
        "SELECT info::text FROM task_run WHERE task_id = $1::bigint ORDER BY finish_time DESC, id DESC LIMIT 1", task_id
    )
    if not rows:
        return None, False
    [info] = rows[0]
    return (None if info is None else json.loads(info)), True
