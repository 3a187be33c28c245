"""Announcements of the site's administrators."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from db.models import Announcement
from db.repositories.rows import add_row, change_row, remove_row
from db.session import AsyncSession
from webapp.actor import Actor
from webapp.policies import Action, require
from webapp.services.site import admin_record


async def create(session: AsyncSession, actor: Actor, values: Mapping[str, Any]) -> Announcement:
    """A new announcement. `values` are columns; `body` is Markdown."""
    require(actor, Action.ANNOUNCEMENT_WRITE)
    added = await add_row(session, Announcement(**{**values, "user_id": actor.user_id}))
    await admin_record.note(session, actor, "add", "announcement", added.id, added.title)
    return added


async def update(session: AsyncSession, actor: Actor, announcement: Announcement, values: Mapping[str, Any]) -> None:
    """Change columns of it."""
    require(actor, Action.ANNOUNCEMENT_WRITE)
    await change_row(session, announcement, {**values, "updated": datetime.now(UTC)})
    await admin_record.note(session, actor, "change", "announcement", announcement.id, announcement.title)


async def remove(session: AsyncSession, actor: Actor, announcement: Announcement) -> None:
    """Remove it."""
    require(actor, Action.ANNOUNCEMENT_WRITE)
    await admin_record.note(session, actor, "delete", "announcement", announcement.id, announcement.title)
    await remove_row(session, announcement)
