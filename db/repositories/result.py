"""Results."""

from typing import ClassVar

from db.models import Result
from db.repositories.base import Repository


class ResultRepository(Repository[Result]):
    model: ClassVar[type[Result]] = Result

    async def current(self, task_id: int) -> Result | None:
        """The task's result as it stands, or None."""
        return await self.find_where(Result.task_id == task_id, Result.last_version.is_(True))
