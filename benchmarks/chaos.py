"""Careless volunteers and killed web workers, run after run: every task gets exactly its answers, and none is lost."""

import asyncio
import os
import random
import tempfile
import time
from pathlib import Path

from benchmarks.support.report import Report
from tests.support.crowd import Crowd, check_exact, kill_workers, prepare
from tests.support.server import running_server

REPEATS = int(os.environ.get("CHAOS_REPEATS", "20"))
VOLUNTEERS = int(os.environ.get("CHAOS_VOLUNTEERS", "200"))
TASKS = int(os.environ.get("CHAOS_TASKS", "1000"))
ANSWERS = 3
WORKERS = 4
KILLS = 12
METHOD = (
    f"{VOLUNTEERS} volunteers at once on {TASKS} tasks that want {ANSWERS} answers each, through HTTP, {WORKERS} "
    "web workers. After one draw in ten its volunteer is never seen again, and somebody new comes; one answer in "
    "ten is sent once more after it was acknowledged, half of them without the Idempotency-Key; one volunteer in "
    f"five has no key at all. {KILLS} times a web worker chosen at random is killed (SIGKILL) while they work. "
    "Whoever gets no answer tries again. A run is exact if each task has its counted answers and one current "
    "result, every acknowledged answer is stored as it was sent, no slot is leased any more, and every count equals "
    "what it counts (tests/support/crowd.py, tests/support/invariants.py); anything else ends this with an error."
)


def run(report: Report) -> None:
    report.text(METHOD)
    report.header("run", "seconds", "stored", "counted", "left", "sent twice", "killed", "requests lost", "exact")
    for number in range(1, REPEATS + 1):
        report.row(asyncio.run(_once(number)))


async def _once(number: int) -> list[object]:
    """One run with a server of its own, whose chances follow from its number."""
    with (
        tempfile.TemporaryDirectory(prefix="workbee-chaos-") as folder,
        running_server(Path(folder), variables={"WORKERS": str(WORKERS)}) as server,
    ):
        project_id, people = await prepare(
            server.database_url, n_tasks=TASKS, n_answers=ANSWERS, n_people=VOLUNTEERS + TASKS * ANSWERS
        )
        crowd = Crowd(server.url, project_id, random.Random(number))
        started = time.monotonic()
        _, killed = await asyncio.gather(
            crowd.work(people, VOLUNTEERS), kill_workers(crowd, [server.process.pid], TASKS * ANSWERS, KILLS)
        )
        seconds = time.monotonic() - started
        await check_exact(server.database_url, crowd, n_tasks=TASKS, n_answers=ANSWERS)
        assert crowd.statuses[500] == 0, server.log.read_text()[-4000:]
    stored = len(crowd.acknowledged)
    return [number, f"{seconds:.0f}", stored, TASKS * ANSWERS, crowd.left, crowd.twice, killed, crowd.lost, "yes"]
