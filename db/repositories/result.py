"""Results."""

from typing import ClassVar

from sqlalchemy import exists, select

from db.models import Result
from db.repositories.base import Repository


class ResultRepository(Repository[Result]):
    model: ClassVar[type[Result]] = Result

    async def current(self, task_id: int) -> Result | None:
        """The task's result as it stands, or None."""
        return await self.find_where(Result.task_id == task_id, Result.last_version.is_(True))

    async def any_of(self, task_id: int) -> bool:
        """Whether the task has come to a result, in any version."""
        return bool((await self.session.scalars(select(exists().where(Result.task_id == task_id)))).one())

    async def current_has(self, task_id: int, run_id: int) -> bool:
        """Whether the run is among those of its task's current result."""
        result = await self.current(task_id)
        return result is not None and run_id in result.task_run_ids
