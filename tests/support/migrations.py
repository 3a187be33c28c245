"""For tests of migrations: what a schema is made of, a history with a revision more, and a site at any revision."""

import asyncio
import shutil
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
from alembic.script import Script, ScriptDirectory

from db import functions, upgrade
from db.errors import TransientError
from db.executors import AutocommitExecutor

Schema = dict[tuple[str, str], str]
"""What each part is, by its kind and its name. The order of columns is no part of it."""

_SCHEMA = """
WITH ours AS (SELECT oid, relname, reloptions FROM pg_class
              WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version')
SELECT 'table', relname, reloptions::text FROM ours
UNION ALL SELECT 'column', relname || '.' || attname, format_type(atttypid, atttypmod)
  FROM ours JOIN pg_attribute ON attrelid = ours.oid AND attnum > 0 AND NOT attisdropped
UNION ALL SELECT 'not null', relname || '.' || attname, ''
  FROM ours JOIN pg_attribute ON attrelid = ours.oid AND attnum > 0 AND NOT attisdropped AND attnotnull
UNION ALL SELECT 'default', relname || '.' || attname, attgenerated::text || pg_get_expr(adbin, adrelid)
  FROM ours JOIN pg_attribute ON attrelid = ours.oid JOIN pg_attrdef ON adrelid = ours.oid AND adnum = attnum
UNION ALL SELECT 'constraint', relname || '.' || conname, pg_get_constraintdef(c.oid)
  FROM ours JOIN pg_constraint c ON conrelid = ours.oid WHERE contype <> 'n'
UNION ALL SELECT 'index', relname || '.' || indexrelid::regclass, indisvalid::text || pg_get_indexdef(indexrelid)
  FROM ours JOIN pg_index ON indrelid = ours.oid
UNION ALL SELECT 'trigger', relname || '.' || tgname, pg_get_triggerdef(t.oid)
  FROM ours JOIN pg_trigger t ON tgrelid = ours.oid WHERE NOT tgisinternal
UNION ALL SELECT 'function', p.oid::regprocedure::text, pg_get_functiondef(p.oid)
  FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
UNION ALL SELECT 'value', typname || '.' || enumlabel, '' FROM pg_enum JOIN pg_type t ON t.oid = enumtypid
"""


async def schema_of(url: str) -> Schema:
    connection = await asyncpg.connect(url)
    rows = await connection.fetch(_SCHEMA)
    await connection.close()
    return {(kind, name): definition for kind, name, definition in rows}


def contracted(before: Schema, after: Schema) -> set[str]:
    """What may be in the way of code that was written for the schema `before`: what is gone or of another type, and
    what is newly asked of the rows of its tables."""
    offered = {part for part in before if part[0] in ("table", "column", "function")}
    changed = {part for part in offered & set(after) if part[0] == "column" and before[part] != after[part]}
    asked = {
        (kind, name)
        for kind, name in set(after) - set(before)
        if ("table", name.partition(".")[0]) in before
        and ((kind == "not null" and ("default", name) not in after) or kind == "constraint")
    }
    return {" ".join(part) for part in (offered - set(after)) | changed | asked}


@dataclass(frozen=True, slots=True)
class History:
    """Folders of revisions, and of the functions as the last one leaves them."""

    versions: Path = upgrade.VERSIONS
    functions: Path = functions.FOLDER

    def revisions(self) -> list[Script]:
        """From the first to the last."""
        return list(ScriptDirectory.from_config(upgrade._config(self.versions)).walk_revisions())[::-1]

    def copied_to(self, folder: Path) -> "History":
        copy = History(folder / "versions", folder / "functions")
        shutil.copytree(self.versions, copy.versions)
        shutil.copytree(self.functions, copy.functions)
        return copy

    async def draft(self, url: str, message: str, *, up: str = "pass", down: str = "pass") -> Script:
        """One revision more, as `workbee db revision` drafts it on a database that is at the last one, with these
        statements before it installs functions, and after it restores them."""
        path = Path(await upgrade.revision(url, message, versions=self.versions, present=self.functions))
        _fill(path, up, down)
        return self.revisions()[-1]


def _fill(path: Path, up: str, down: str) -> None:
    text = path.read_text()
    assert text.count("    pass\n") == 2, "models and database do not differ"
    path.write_text(text.replace("    pass\n", f"    {up}\n", 1).replace("    pass\n", f"    {down}\n", 1))


_CALLS = """
SELECT DISTINCT ON (proname) proname, p.oid::regprocedure::text, proargnames[1:pronargs],
  ARRAY(SELECT format_type(kind, NULL) FROM unnest(proargtypes) kind)
FROM pg_proc p
WHERE proname IN ('workbee_draw', 'workbee_submit') AND 'function ' || p.oid::regprocedure <> ALL ($1::text[])
ORDER BY proname, p.oid DESC
"""
_BEGIN = """
WITH owner AS (INSERT INTO users (name, fullname, email_addr) VALUES ('o', 'O', 'o@example.org') RETURNING id)
INSERT INTO project (name, short_name, description, owner_id, owners_ids, category_id)
SELECT 'P', 'p', 'p', id, ARRAY[id], (SELECT min(id) FROM category) FROM owner RETURNING id
"""
_ADD = "INSERT INTO task (project_id, info, n_answers) VALUES ($1, '{}', 2)"
_STANDING = """
SELECT count(*), count(*) FILTER (WHERE t.state = 'completed'), sum(s.n_counted), sum(s.n_leased),
  (SELECT count(*) FROM result WHERE last_version), (SELECT count(*) FROM task_run)
FROM task t JOIN task_slots s ON s.task_id = t.id
"""


@dataclass
class Site:
    """A project that is worked at by the functions that the database has at some revision, called as they are declared
    there; they are called in that way until `learn` is called again, as code of that revision does."""

    autocommit: AutocommitExecutor
    project_id: int = 0
    calls: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    """Of each function the statement that calls it, and the names of its arguments."""
    n_answered: int = 0
    answered: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    """Released at each answer."""
    n_people: int = 0
    left_with: tuple[str, int] | None = None
    """Who has drawn a task at the revision before and not answered it yet."""

    async def begin(self) -> None:
        [(self.project_id,)] = await self.autocommit.fetch(_BEGIN)

    async def learn(self, without: Collection[str] = ()) -> None:
        """Call the functions as the database has them now, but for what is `contracted` next."""
        for name, _, arguments, types in await self.autocommit.fetch(_CALLS, list(without)):
            places = ", ".join(f"${place}::{kind}" for place, kind in enumerate(types, 1))
            self.calls[name] = f"SELECT * FROM {name}({places})", arguments

    async def _call(self, name: str, **given: Any) -> list[Any]:
        statement, arguments = self.calls[name]
        for _ in range(50):
            [(version,)] = await self.autocommit.fetch("SELECT version FROM project WHERE id = $1", self.project_id)
            values = _VALUES | {"p_project_id": self.project_id, "p_version": version} | given
            with suppress(TransientError):
                return await self.autocommit.fetch(statement, *(values[argument] for argument in arguments))
            await asyncio.sleep(0.02)
        raise AssertionError(f"{name} was refused fifty times")

    async def add_task(self) -> None:
        await self.autocommit.fetch(_ADD, self.project_id)

    async def draw(self, who: str) -> int | None:
        """The task that this contributor is given next."""
        rows = await self._call("workbee_draw", p_contributor=who)
        return rows[0]["id"] if rows else None

    async def answer(self, who: str, task: int) -> None:
        [row] = await self._call("workbee_submit", p_contributor=who, p_task_id=task)
        assert (row["outcome"], row["counted"]) == ("stored", True)
        self.n_answered += 1
        self.answered.release()

    async def answer_all(self, who: str) -> None:
        while (task := await self.draw(who)) is not None:
            await self.answer(who, task)

    def somebody(self) -> str:
        """A contributor who has not been here before."""
        self.n_people += 1
        return f"anon:{self.n_people}"

    async def serve(self) -> None:
        """Tasks are added, drawn, answered and completed, among them the one that somebody was left with before."""
        if self.left_with is not None:
            await self.answer(*self.left_with)
        for _ in range(2):
            await self.add_task()
        for _ in range(2):
            await self.answer_all(self.somebody())
        [(n_tasks, n_completed, n_counted, n_leased, n_results, n_runs)] = await self.autocommit.fetch(_STANDING)
        assert n_tasks == n_completed == n_results
        assert n_counted == n_runs == self.n_answered == 2 * n_tasks
        assert n_leased == 0
        await self.add_task()
        who = self.somebody()
        task = await self.draw(who)
        assert task is not None
        self.left_with = who, task

    async def answers(self, n_more: int) -> None:
        """Wait for so many answers from now on."""
        self.answered = asyncio.Semaphore(0)
        async with asyncio.timeout(30):
            for _ in range(n_more):
                await self.answered.acquire()

    async def serve_until(self, stopped: asyncio.Event) -> None:
        """Two at work at a time, whoever is done followed by somebody new."""

        async def work() -> None:
            while not stopped.is_set():
                await self.add_task()
                who = self.somebody()
                task = await self.draw(who)
                if task is not None:
                    await self.answer(who, task)

        async with asyncio.TaskGroup() as group:
            for _ in range(2):
                group.create_task(work())


_VALUES = {
    "p_order": "id",
    "p_sort": "s.task_id",
    "p_any_state": False,
    "p_leases": True,
    "p_limit": 1,
    "p_offset": 0,
    "p_lease_seconds": 3600,
    "p_single": True,
    "p_user_id": None,
    "p_user_ip": "10.0.0.1",
    "p_external_uid": None,
    "p_media_url": None,
    "p_timeout": None,
    "p_calibration": None,
    "p_info": '{"answer": 1}',
    "p_idempotency_key": None,
    "p_breadth_first": False,
}
"""What is given for the other arguments of any revision."""
