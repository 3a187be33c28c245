"""Jobs as rows: procrastinate's own function inserts one, and notifies the worker at commit."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from db import json

_DEFER = text("""
SELECT unnest(procrastinate_defer_jobs_v1(ARRAY[ROW(
  CAST(:queue AS varchar), CAST(:name AS varchar), CAST(:priority AS integer), CAST(:lock AS varchar),
  CAST(:queueing_lock AS varchar), CAST(CAST(:args AS text) AS jsonb), NULL
)::procrastinate_job_to_defer_v1]))
""")


async def defer(
    session: AsyncSession,
    name: str,
    arguments: dict[str, object],
    *,
    queue: str,
    priority: int,
    lock: str | None,
    queueing_lock: str | None,
) -> int:
    """Insert a job; its id."""
    values = {
        "queue": queue,
        "name": name,
        "priority": priority,
        "lock": lock,
        "queueing_lock": queueing_lock,
        "args": json.dumps(arguments).decode(),
    }
    return int((await session.execute(_DEFER, values)).scalar_one())
