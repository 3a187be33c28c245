"""What is seen of jobs from outside: one line of the log for each, and how long they took."""

import logging
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any

from procrastinate import JobContext
from procrastinate.worker import Worker

from db.tally import TALLY, Tally
from webapp.counters import Histogram
from webapp.logs import ORIGIN

log = logging.getLogger("workbee.job")
DONE, FAILED = "done", "failed"


class JobObserver:
    """Stands around every job of this process. A line never has a job's arguments, which may be mail addresses."""

    def __init__(self) -> None:
        self.times: dict[tuple[str, str], Histogram] = {}
        """By name and by how they ended."""

    async def __call__(self, run: Callable[[], Awaitable[Any]], context: JobContext, _worker: Worker) -> Any:
        """Run the job. Raises what it raises."""
        tally = Tally()
        TALLY.set(tally)
        ORIGIN.set(("job_id", str(context.job.id)))
        begun, result = perf_counter(), FAILED
        try:
            outcome = await run()
            result = DONE
            return outcome
        finally:
            self._finish(context, result, perf_counter() - begun, tally.n_statements)

    def _finish(self, context: JobContext, result: str, seconds: float, n_statements: int) -> None:
        name = context.job.task_name
        fields = {
            "job": name,
            "queue": context.job.queue,
            "result": result,
            "ms": round(seconds * 1000, 1),
            "statements": n_statements,
            "attempts": context.job.attempts + 1,
        }
        log.info("job", extra={"fields": fields})
        self.times.setdefault((name, result), Histogram()).add(seconds)
