"""The record of what administrators did: written in the transaction of what it tells of, and only added to."""

from typing import Literal

from db.models import AdminAction
from db.repositories.rows import add_row
from db.session import AsyncSession
from webapp.actor import Actor

Subject = Literal["user", "project", "category", "announcement", "job", "report", "invitation"]
LONGEST_NAME = 255
LONGEST_DETAIL = 64_000


async def note(
    session: AsyncSession,
    actor: Actor,
    action: str,
    subject: Subject,
    subject_id: int,
    subject_name: str,
    detail: str | None = None,
) -> None:
    """Write down that this administrator did this to the subject of this id, which was called so then."""
    await add_row(
        session,
        AdminAction(
            admin_id=actor.user_id or 0,
            admin_name=actor.name or "",
            action=action,
            subject=subject,
            subject_id=subject_id,
            subject_name=subject_name[:LONGEST_NAME],
            detail=detail[:LONGEST_DETAIL] if detail else None,
        ),
    )
