"""Adding to the figures what has come, gone or changed."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import MAY_TAKE_LONG

MOST_ROWS = 100_000
"""New runs that are added at once: what one statement holds in memory."""

_FOLD = text("SELECT workbee_fold_answers(:most)")
_IS_BEHIND = text("""
SELECT (SELECT watermark FROM figure_state WHERE source = 'task_run') < coalesce((SELECT max(id) FROM task_run), 0)
    OR (SELECT watermark FROM figure_state WHERE source = 'result') < coalesce((SELECT max(id) FROM result), 0)
""")
_REBUILD = text("SELECT workbee_rebuild_figures()")
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('fold_answers', 0))")
_PURGE = (
    "DELETE FROM contributor_day WHERE day < (now() AT TIME ZONE 'UTC')::date - 35",
    "DELETE FROM recent_activity WHERE n_runs = 0",
    "DELETE FROM project_contributor WHERE n_runs = 0",
)


async def fold(session: AsyncSession, *, most: int = MOST_ROWS) -> int | None:
    """Add what is new; how many rows that was, or None if somebody else is at it."""
    found: int | None = (await session.execute(_FOLD, {"most": most})).scalar_one()
    return found


async def is_behind(session: AsyncSession) -> bool:
    """Whether there are rows above those that the figures have seen."""
    return bool((await session.execute(_IS_BEHIND)).scalar_one())


async def rebuild(session: AsyncSession) -> None:
    """Make all figures anew, from every run and result; they are shown as they were until this commits."""
    await session.execute(MAY_TAKE_LONG)
    await session.execute(_REBUILD)
    while True:
        await fold(session)
        if not await is_behind(session):
            return


async def purge(session: AsyncSession) -> None:
    """Remove what no page shows any more."""
    await session.execute(_LOCK)
    for statement in _PURGE:
        await session.execute(text(statement))
