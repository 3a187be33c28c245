"""Tasks."""

from typing import ClassVar

from sqlalchemy import BigInteger, bindparam, delete, exists, select, update

from db.engine import MAY_TAKE_LONG, PLAN_CHECKS_ONCE
from db.models import Result, Task, TaskRun, TaskSlots
from db.repositories.base import Repository


class TaskRepository(Repository[Task]):
    model: ClassVar[type[Task]] = Task

    async def get_in_project(self, project_id: int, task_id: int) -> Task:
        """The task, if it is of this project. Raises NotFound."""
        return await self.get_where(project_id=project_id, id=task_id)

    async def lock_slots(self, task_id: int) -> None:
        """Wait for whoever is answering the task, and let nobody else do so until the transaction ends."""
        await self.session.execute(select(TaskSlots.task_id).where(TaskSlots.task_id == task_id).with_for_update())

    async def prioritise(self, project_id: int, task_ids: list[int], priority: float) -> dict[int, float]:
        """Give those of these tasks that are the project's this priority; what each had before, by its id."""
        mine = select(Task.id, Task.priority_0).where(Task.project_id == project_id, Task.id.in_(task_ids))
        rows = (await self.session.execute(mine.order_by(Task.id).with_for_update())).all()
        changed = update(Task).where(Task.id.in_([row.id for row in rows])).values(priority_0=priority)
        await self.session.execute(changed)
        return {row.id: row.priority_0 for row in rows}

    async def remove(self, row: Task) -> None:
        """Delete the task with its runs, in one statement, and its results."""
        await self.session.execute(delete(TaskRun).where(TaskRun.task_id == row.id))
        await super().remove(row)

    async def remove_without_results(self, project_id: int) -> int:
        """Delete the project's tasks that came to no result, with their runs; how many tasks.

        The runs go first, in one statement: the cascade would delete the runs of one task at a time.
        """
        this = bindparam("this", project_id, BigInteger, literal_execute=True)
        without = select(Task.id).where(Task.project_id == this, ~exists().where(Result.task_id == Task.id))
        await self.session.execute(MAY_TAKE_LONG)
        await self.session.execute(PLAN_CHECKS_ONCE)
        await self.session.execute(delete(TaskRun).where(TaskRun.task_id.in_(without)))
        return len((await self.session.scalars(delete(Task).where(Task.id.in_(without)).returning(Task.id))).all())
