"""Jobs by name, written to PostgreSQL in the transaction of their cause: committed with it, or never there
(docs/contract/jobs.md 1).

The worker lives in `webapp.jobs`.
"""

from typing import Any

from db.queries.site import jobs
from db.session import AsyncSession

MAIL = "high"
WEBHOOKS = "webhooks"
IMPORTS = "imports"
UPKEEP = ("super", "medium", "low")
PLACES = {(MAIL,): 2, (WEBHOOKS,): 3, (IMPORTS,): 4, UPKEEP: 2}
"""How many jobs of these queues run at a time: whatever other people's servers take, other kinds of jobs go on."""


class Queue:
    """Starts jobs by their name, so that services need not import them."""

    async def enqueue(
        self,
        session: AsyncSession,
        name: str,
        *,
        queue: str = "medium",
        priority: int = 0,
        lock: str | None = None,
        once: str | None = None,
        **arguments: Any,
    ) -> int:
        """Have the worker run job `name` once this session's transaction has committed; the job's id.

        `lock`: jobs of one lock run one after another. `once`: refused (unique violation) while such a job waits.
        """
        return await jobs.defer(session, name, arguments, queue=queue, priority=priority, lock=lock, queueing_lock=once)
