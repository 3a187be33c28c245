"""The worker as a process: what becomes of jobs when it is killed or stopped (docs/contract/jobs.md;
docs/contract/gaps.md 2.8)."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any, cast

import pytest
from procrastinate import App
from procrastinate.testing import InMemoryConnector
from sqlalchemy import func, select, text

from db.models import JobFailure, Project, Task, TaskImport, TaskSlots, User
from db.session import Database
from tests.factories import make_project, make_user
from tests.support.listening import listening
from tests.support.mailbox import Mailbox, open_mailbox, text_of
from webapp.actor import Actor
from webapp.config import Settings, environment
from webapp.integrations.queue import IMPORTS, MAIL, PLACES, WEBHOOKS, Queue
from webapp.integrations.storage import Storage
from webapp.jobs import tasks
from webapp.jobs.work import Work
from webapp.services.accounts import recovery
from webapp.services.importing import task_imports
from webapp.services.mails import outbox
from webapp.services.projects import webhooks
from webapp.services.site.files import FilePlace, FileStore

ROWS = 60_000
PATIENCE_S = 90
Start = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with open_mailbox() as opened:
        yield opened


@pytest.fixture
def settings(settings: Settings, mailbox: Mailbox) -> Settings:
    """Those of a site that sends mail, and may call this machine."""
    mailing = {"smtp_url": mailbox.url, "mail_sender": "hive@bees.example", "base_url": "https://bees.example"}
    return settings.model_copy(update=mailing | {"outbound_allow": (ip_network("127.0.0.1/32"),)})


@pytest.fixture
def start(settings: Settings, tmp_path: Path) -> Iterator[Start]:
    """`start()`: a worker process; those that still run in the end are killed."""
    begun: list[subprocess.Popen[bytes]] = []
    variables = os.environ | environment(settings)

    def begin() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "webapp.cli", "worker"]
        with (tmp_path / "worker.log").open("ab") as log:
            begun.append(subprocess.Popen(command, env=variables, stdout=log, stderr=log))
        return begun[-1]

    yield begin
    for process in begun:
        if process.poll() is None:
            process.kill()
        process.wait()


async def queued_import(database: Database, settings: Settings, content: bytes) -> int:
    """An import that waits for the worker; its upload is kept."""
    storage = Storage.in_folder(settings.data_dir / "uploads")
    async with database.unit() as uow:
        owner = await make_user(uow.session)
        project: Project = await make_project(uow.session, owner)
    async with database.unit() as uow:
        files, place = FileStore(database, storage), FilePlace(f"import_{project.id}", owner.id, project.id)
        kept = await files.store(uow, place, "tasks.csv", content, "text/csv")
        row = await task_imports.import_later(
            uow.session,
            Queue(),
            Actor(user_id=owner.id),
            project,
            source="localCSV",
            options={"container": kept.container, "name": kept.name},
        )
        await files.attach(uow, kept, TaskImport, row.id)
    return row.id


async def wait_for(database: Database, import_id: int, wanted: Callable[[TaskImport], bool]) -> TaskImport:
    for _tick in range(PATIENCE_S * 50):
        async with database.unit(read_only=True) as uow:
            row = await uow.session.get_one(TaskImport, import_id)
        if wanted(row):
            return row
        await asyncio.sleep(0.02)
    raise AssertionError(
        f"after {PATIENCE_S} s the import is {row.state}: {row.n_read} of {row.n_total} rows, {row.error}"
    )


async def counts(database: Database) -> tuple[int, int, int]:
    """Tasks, tasks with different infos, and tasks that can be handed out."""
    async with database.unit(read_only=True) as uow:
        tasks = select(func.count(Task.id), func.count(func.distinct(Task.info_hash)))
        n_tasks, n_infos = (await uow.session.execute(tasks)).one()
        return n_tasks, n_infos, (await uow.session.execute(select(func.count(TaskSlots.task_id)))).scalar_one()


async def planner_knows(database: Database, n_tasks: int) -> None:
    """Wait until PostgreSQL plans with so many tasks: the worker has it count them, after the import has ended."""
    known = text("SELECT bool_and(reltuples = :n) FROM pg_class WHERE relname IN ('task', 'task_slots')")
    for _tick in range(500):
        async with database.unit(read_only=True) as uow:
            if (await uow.session.execute(known, {"n": n_tasks})).scalar_one():
                return
        await asyncio.sleep(0.02)
    raise AssertionError(f"PostgreSQL does not know of {n_tasks} tasks")


async def let_heartbeats_be_old(database: Database) -> None:
    """As if the time had passed after which a silent worker counts as gone."""
    async with database.unit() as uow:
        statement = "UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '10 minutes'"
        await uow.session.execute(text(statement))


def csv_of(n_rows: int) -> bytes:
    return b"question,url\n" + b"".join(
        b"Is there a bee in picture %d?,https://example.org/%d.jpg\n" % (number, number) for number in range(n_rows)
    )


async def test_an_import_whose_worker_is_killed_is_done_once_by_the_next(
    database: Database, settings: Settings, start: Start
) -> None:
    import_id = await queued_import(database, settings, csv_of(ROWS))
    first = start()
    await wait_for(database, import_id, lambda row: row.n_read > 0)
    first.send_signal(signal.SIGKILL)
    first.wait()
    half_done = await wait_for(database, import_id, lambda row: True)
    assert (half_done.state, await counts(database)) == ("running", (0, 0, 0)), (
        "killed in mid-import, nothing half-written"
    )
    await let_heartbeats_be_old(database)
    start()
    done = await wait_for(database, import_id, lambda row: row.state in task_imports.ENDED)
    assert (done.state, done.n_read, done.n_added, done.n_present) == ("done", ROWS, ROWS, 0)
    assert await counts(database) == (ROWS, ROWS, ROWS)
    await planner_knows(database, ROWS)


async def test_an_import_cut_short_by_stopping_the_worker_goes_on_with_the_next(
    database: Database, settings: Settings, start: Start
) -> None:
    import_id = await queued_import(database, settings, csv_of(ROWS))
    first = start()
    await wait_for(database, import_id, lambda row: row.n_read > 0)
    first.terminate()
    await asyncio.to_thread(first.wait, 30)
    start()
    done = await wait_for(database, import_id, lambda row: row.state in task_imports.ENDED)
    assert (done.state, done.n_added) == ("done", ROWS)
    assert await counts(database) == (ROWS, ROWS, ROWS)


async def test_a_file_that_is_none_fails_for_good_and_says_why(
    database: Database, settings: Settings, start: Start
) -> None:
    import_id = await queued_import(database, settings, b"q\n" + b"fine\n" * 20_000 + b"\xd0\xfe\n")
    start()
    ended = await wait_for(database, import_id, lambda row: row.state in task_imports.ENDED)
    assert (ended.state, ended.n_added) == ("failed", 0)
    assert ended.error is not None and "UTF-8 (line 20002)" in ended.error
    assert await counts(database) == (0, 0, 0)


def test_every_job_has_a_place(settings: Settings) -> None:
    app = App(connector=InMemoryConnector())
    tasks.register(app, cast("Work", None))
    used = {task.queue for task in app.tasks.values()} - {"builtin"}
    served = [queue for queues in PLACES for queue in queues]
    assert used <= set(served) and len(served) == len(set(served))


@dataclass
class Dripping:
    """A server that sends a file without end, a row a second, and how many have called it."""

    address: str = ""
    n_calls: int = 0

    async def answer(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.n_calls += 1
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nConnection: close\r\n\r\n")
        with suppress(ConnectionError):
            while True:
                writer.write(b"row\n")
                await writer.drain()
                await asyncio.sleep(1)


@pytest.fixture
async def dripping() -> AsyncIterator[Dripping]:
    made = Dripping()
    async with listening(made.answer) as port:
        made.address = f"http://127.0.0.1:{port}/tasks.csv"
        yield made


async def until(true: Callable[[], bool]) -> None:
    for _tick in range(PATIENCE_S * 50):
        if true():
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"not so after {PATIENCE_S} s")


async def queued_download(database: Database, owner: User, address: str) -> int:
    async with database.unit() as uow:
        project = await make_project(uow.session, owner)
        actor, options = Actor(user_id=owner.id), {"address": address}
        row = await task_imports.import_later(uow.session, Queue(), actor, project, source="csv", options=options)
    return row.id


async def test_others_jobs_go_on_while_every_import_waits_for_a_slow_server(
    database: Database, settings: Settings, start: Start, dripping: Dripping, mailbox: Mailbox
) -> None:
    async with database.unit() as uow:
        owners = [await make_user(uow.session) for _place in range(PLACES[IMPORTS,] + 1)]
    for owner in owners:
        await queued_download(database, owner, dripping.address)
    start()
    await until(lambda: dripping.n_calls == PLACES[IMPORTS,])
    async with database.unit() as uow:
        await recovery.request_link(uow.session, owners[0].email_addr)
    await until(lambda: bool(mailbox.letters))
    assert dripping.n_calls == PLACES[IMPORTS,]


async def test_one_persons_imports_take_one_place(
    database: Database, settings: Settings, start: Start, dripping: Dripping
) -> None:
    async with database.unit() as uow:
        greedy, other = await make_user(uow.session), await make_user(uow.session)
    for _again in range(PLACES[IMPORTS,]):
        await queued_download(database, greedy, dripping.address)
    import_id = await queued_import(database, settings, csv_of(300))
    await queued_download(database, other, dripping.address)
    start()
    await wait_for(database, import_id, lambda row: row.state in task_imports.ENDED)
    await until(lambda: dripping.n_calls >= 2)
    assert dripping.n_calls == 2


async def test_the_upload_goes_when_its_import_has_ended(database: Database, settings: Settings, start: Start) -> None:
    import_id = await queued_import(database, settings, csv_of(300))
    start()
    row = await wait_for(database, import_id, lambda row: row.state in task_imports.ENDED)
    file = settings.data_dir / "uploads" / row.options["container"] / row.options["name"]
    for _tick in range(200):
        if not file.exists():
            break
        await asyncio.sleep(0.02)
    assert not file.exists()


async def test_jobs_of_one_lock_follow_each_other_at_once(database: Database, start: Start) -> None:
    """Looking for jobs every five seconds, a worker would take a minute for these."""
    about: dict[str, Any] = {"project_id": 0, "task_id": 0, "result_id": 0, "fired_at": ""}
    async with database.unit() as uow:
        for _ in range(12):
            await Queue().enqueue(uow.session, webhooks.JOB, queue=WEBHOOKS, lock="webhook:user:1", **about)
    start()
    for _tick in range(30 * 20):
        if not await n_jobs(database):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"after 30 s {await n_jobs(database)} of 12 are left")


async def test_why_a_job_failed_is_kept(database: Database, start: Start) -> None:
    async with database.unit() as uow:
        await Queue().enqueue(uow.session, webhooks.JOB, queue=WEBHOOKS, unheard_of=1)
    start()
    for _tick in range(PATIENCE_S * 20):
        async with database.unit(read_only=True) as uow:
            trace = (await uow.session.scalars(select(JobFailure.trace))).one_or_none()
        if trace is not None:
            break
        await asyncio.sleep(0.05)
    assert trace is not None and "TypeError" in trace and "unheard_of" in trace


async def n_jobs(database: Database) -> int:
    async with database.unit(read_only=True) as uow:
        found = await uow.session.execute(text("SELECT count(*) FROM procrastinate_jobs WHERE queue_name = 'webhooks'"))
        n: int = found.scalar_one()
    return n


async def test_a_mail_whose_worker_is_killed_while_sending_is_sent_once_by_the_next(
    database: Database, settings: Settings, start: Start, mailbox: Mailbox
) -> None:
    async with database.unit() as uow:
        owner = await make_user(uow.session, email_addr="ann@example.com")
        await recovery.request_link(uow.session, owner.email_addr)
    mailbox.holds.set()
    first = start()
    await until(lambda: mailbox.n_begun == 1)
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert mailbox.letters == [], "killed before the server took it"
    mailbox.holds.clear()
    await let_heartbeats_be_old(database)
    start(), start()
    await until(lambda: bool(mailbox.letters))
    await asyncio.sleep(1)
    assert [letter["To"] for letter in mailbox.letters] == ["ann@example.com"]


async def test_a_bulk_mail_whose_worker_is_killed_reaches_everybody_once(
    database: Database, settings: Settings, start: Start, mailbox: Mailbox
) -> None:
    async with database.unit() as uow:
        await make_user(uow.session)
        for n in range(40):
            month_ago = datetime.now(UTC) - timedelta(days=40)
            await make_user(uow.session, email_addr=f"bee{n}@example.com", subscribed=True, created=month_ago)
        await outbox.post_to_many(uow.session, "never", "never:test")
    first = start()
    await until(lambda: len(mailbox.letters) >= 5)
    first.send_signal(signal.SIGKILL)
    first.wait()
    await let_heartbeats_be_old(database)
    start(), start()
    await until(lambda: len({letter["To"] for letter in mailbox.letters}) == 40)
    await asyncio.sleep(1)
    sent: dict[str, set[str]] = {}
    for letter in mailbox.letters:
        sent.setdefault(letter["To"], set()).add(letter["Message-ID"])
    assert all(len(ids) == 1 for ids in sent.values()), (
        "what SMTP took just before the end comes again as the same mail"
    )
    assert len(mailbox.letters) <= 40 + PLACES[MAIL,], "and that are those in hand at most"


async def test_administrators_are_told_of_a_job_that_is_given_up(
    database: Database, settings: Settings, start: Start, mailbox: Mailbox
) -> None:
    async with database.unit() as uow:
        admin = await make_user(uow.session, admin=True)
        for _again in range(2):
            await Queue().enqueue(uow.session, "forget_invitations", queue="low", nobody_asked_for=1)
        await Queue().enqueue(uow.session, webhooks.AGAIN, queue=WEBHOOKS, webhook_id="no number")
    start()
    await until(lambda: bool(mailbox.letters))
    await asyncio.sleep(2)
    [letter] = mailbox.letters
    assert letter["To"] == admin.email_addr
    assert "forget_invitations" in text_of(letter), "and nothing of what is tried again, nor twice"
