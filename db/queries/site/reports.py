"""What visitors have reported."""

from datetime import UTC, datetime

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import Report


async def add(session: AsyncSession, values: dict[str, object]) -> None:
    """Keep a report; a second one of the same reporter about the same changes nothing."""
    await session.execute(insert(Report).values(**values).on_conflict_do_nothing())


async def count_since(session: AsyncSession, reporter: str, since: datetime) -> int:
    """How many this reporter has made since then."""
    made = select(func.count()).where(Report.reporter == reporter, Report.created >= since)
    return (await session.scalars(made)).one()


async def open_reports(session: AsyncSession, *, limit: int) -> list[Report]:
    """Those that nobody has dealt with, the oldest first."""
    found = select(Report).where(Report.closed.is_(None)).order_by(Report.id).limit(limit)
    return list((await session.scalars(found)).all())


async def close(session: AsyncSession, subject: str, subject_id: int) -> int:
    """All open reports about this are dealt with; how many there were."""
    closed = (
        update(Report)
        .where(Report.subject == subject, Report.subject_id == subject_id, Report.closed.is_(None))
        .values(closed=datetime.now(UTC))
        .returning(Report.id)
    )
    return len((await session.scalars(closed)).all())
