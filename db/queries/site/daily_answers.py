"""Answers of the whole site by day."""

from datetime import date

from sqlalchemy import BigInteger, Date, column, text
from sqlalchemy.ext.asyncio import AsyncSession

_BY_DAY = text("""
SELECT day, n_runs FROM site_day WHERE day >= (now() AT TIME ZONE 'UTC')\\:\\:date - CAST(:days AS int) AND n_runs > 0
""").columns(column("day", Date), column("n_runs", BigInteger))


async def answers_by_day(session: AsyncSession, days: int) -> dict[date, int]:
    """The number of answers of each of the last `days` days (UTC), today included; days without any are left out."""
    rows = await session.execute(_BY_DAY, {"days": days - 1})
    return {row.day: row.n_runs for row in rows}
