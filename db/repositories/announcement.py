"""Announcements of the site."""

from typing import ClassVar

from sqlalchemy import select

from db.models import Announcement
from db.repositories.base import Repository


class AnnouncementRepository(Repository[Announcement]):
    model: ClassVar[type[Announcement]] = Announcement

    async def all(self, *, drafts: bool = False) -> list[Announcement]:
        """Announcements, the newest first; unpublished ones only if asked for."""
        found = select(Announcement).order_by(Announcement.created.desc(), Announcement.id.desc())
        if not drafts:
            found = found.where(Announcement.published)
        return list((await self.session.scalars(found)).all())
