"""Tasks."""

from typing import ClassVar

from sqlalchemy import exists, select

from db.models import Task
from db.repositories.base import Repository, Slice


class TaskRepository(Repository[Task]):
    model: ClassVar[type[Task]] = Task

    async def get_in_project(self, project_id: int, task_id: int) -> Task:
        """The task, if it is of this project. Raises NotFound."""
        return await self.get_where(project_id=project_id, id=task_id)

    async def page(self, project_id: int, *, limit: int, offset: int) -> Slice[Task]:
        """A part of the project's tasks, by id."""
        return await self.slice_where(Task.project_id == project_id, order=(Task.id,), limit=limit, offset=offset)

    async def in_project(self, project_id: int, task_ids: list[int]) -> dict[int, Task]:
        """Those of these tasks that the project has, by id."""
        rows = await self.session.scalars(select(Task).where(Task.project_id == project_id, Task.id.in_(task_ids)))
        return {task.id: task for task in rows}

    async def favourites(self, user_id: int) -> list[Task]:
        """The tasks that this account marked."""
        found = select(Task).where(Task.fav_user_ids.contains([user_id])).order_by(Task.id)
        return list((await self.session.scalars(found)).all())

    async def any_in(self, project_id: int) -> bool:
        return bool((await self.session.scalars(select(exists().where(Task.project_id == project_id)))).one())
