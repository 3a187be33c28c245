"""Announcements of the site."""

from typing import ClassVar

from db.models import Announcement
from db.repositories.base import Repository, Slice


class AnnouncementRepository(Repository[Announcement]):
    model: ClassVar[type[Announcement]] = Announcement

    async def page(self, *, limit: int, offset: int = 0, drafts: bool = False) -> Slice[Announcement]:
        """A part of the announcements, the newest first; unpublished ones only if asked for."""
        shown = () if drafts else (Announcement.published.is_(True),)
        order = (Announcement.created.desc(), Announcement.id.desc())
        return await self.slice_where(*shown, order=order, limit=limit, offset=offset)
