"""Answers."""

from typing import ClassVar

from sqlalchemy import select

from db.models import TaskRun
from db.repositories.base import Repository


class TaskRunRepository(Repository[TaskRun]):
    """Runs are stored by `db.queries.assignment.submitting`, never by `add`: an answer is more than its row."""

    model: ClassVar[type[TaskRun]] = TaskRun

    async def of_task(self, project_id: int, task_id: int) -> list[TaskRun]:
        """The answers to a task of this project, in their order."""
        found = select(TaskRun).where(TaskRun.task_id == task_id, TaskRun.project_id == project_id)
        return list((await self.session.scalars(found.order_by(TaskRun.id))).all())
