"""The record of changes."""

from typing import ClassVar

from db.models import Auditlog
from db.repositories.base import Repository, Slice


class AuditlogRepository(Repository[Auditlog]):
    model: ClassVar[type[Auditlog]] = Auditlog

    def record(self, row: Auditlog) -> None:
        """Insert the line with the next flush, so that several are one statement."""
        self.session.add(row)

    async def page(self, project_id: int, *, limit: int, offset: int) -> Slice[Auditlog]:
        """A part of the project's changes, the newest first."""
        order = (Auditlog.id.desc(),)
        return await self.slice_where(Auditlog.project_id == project_id, order=order, limit=limit, offset=offset)
