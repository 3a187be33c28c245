"""Projects."""

from collections.abc import Sequence
from typing import ClassVar

from sqlalchemy import BigInteger, bindparam, delete, exists, select

from db.engine import MAY_TAKE_LONG, PLAN_CHECKS_ONCE
from db.models import Project, Result, Task, TaskRun
from db.repositories.base import Repository
from db.repositories.rows import lock_row_wholly


class ProjectRepository(Repository[Project]):
    model: ClassVar[type[Project]] = Project

    async def get_by_short_name(self, short_name: str) -> Project:
        """The project of this address. Raises NotFound."""
        return await self.get_where(short_name=short_name)

    async def find_by_short_name(self, short_name: str) -> Project | None:
        return await self.find_where(Project.short_name == short_name)

    async def lock(self, project: Project) -> None:
        """Read the project anew, and let nobody else change it until the transaction ends: for changes that depend on
        what is there."""
        await lock_row_wholly(self.session, project)

    async def has_results(self, project_id: int) -> bool:
        """Whether any task has come to a result: then the project cannot be deleted."""
        return bool((await self.session.scalars(select(exists().where(Result.project_id == project_id)))).one())

    async def by_ids(self, ids: Sequence[int]) -> dict[int, Project]:
        """Those of these projects that there are, by their ids."""
        found = select(Project).where(Project.id.in_(ids))
        return {row.id: row for row in await self.session.scalars(found)}

    async def any_owned_by(self, user_id: int) -> bool:
        """Whether this account owns or co-owns any project."""
        owned = select(exists().where(Project.owners_ids.contains([user_id])))
        return bool((await self.session.scalars(owned)).one())

    async def owns_as_many(self, user_id: int, number: int) -> bool:
        """Whether the account owns so many projects or more; at most as many are read, by an index."""
        at_last = select(Project.id).where(Project.owner_id == user_id).offset(number - 1).limit(1)
        return await self.session.scalar(at_last) is not None

    async def remove(self, row: Project) -> None:
        """Delete the project with everything in it. Whether its results forbid that is the service's to ask.

        Its runs and tasks go first, each in one statement: the cascade would delete the runs of one task at a time.
        """
        await self.session.execute(MAY_TAKE_LONG)
        await self.session.execute(delete(TaskRun).where(TaskRun.project_id == row.id))
        await self.session.execute(PLAN_CHECKS_ONCE)
        this = bindparam("this", row.id, BigInteger, literal_execute=True)
        await self.session.execute(delete(Task).where(Task.project_id == this))
        await super().remove(row)
