"""The record of what administrators did."""

from typing import ClassVar

from db.models import AdminAction
from db.repositories.base import Repository, Slice


class AdminActionRepository(Repository[AdminAction]):
    model: ClassVar[type[AdminAction]] = AdminAction

    async def page(self, *, limit: int, offset: int) -> Slice[AdminAction]:
        """A part of it, the latest first."""
        return await self.slice_where(order=(AdminAction.id.desc(),), limit=limit, offset=offset)
