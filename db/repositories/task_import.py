"""Imports of tasks."""

from typing import ClassVar

from sqlalchemy import select

from db.models import TaskImport
from db.models.task_import import QUEUED, RUNNING
from db.repositories.base import Repository


class TaskImportRepository(Repository[TaskImport]):
    model: ClassVar[type[TaskImport]] = TaskImport

    async def get_in_project(self, project_id: int, import_id: int) -> TaskImport:
        """The import, if it is of this project. Raises NotFound."""
        return await self.get_where(project_id=project_id, id=import_id)

    async def under_way(self, project_id: int) -> list[TaskImport]:
        """Imports of the project that are waiting or running, the oldest first."""
        found = select(TaskImport).where(TaskImport.project_id == project_id, TaskImport.state.in_((QUEUED, RUNNING)))
        return list((await self.session.scalars(found.order_by(TaskImport.id))).all())
