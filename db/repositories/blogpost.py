"""Blog posts."""

from typing import ClassVar

from sqlalchemy import func, select

from db.models import Blogpost
from db.repositories.base import Repository


class BlogpostRepository(Repository[Blogpost]):
    model: ClassVar[type[Blogpost]] = Blogpost

    async def of_project(self, project_id: int, *, drafts: bool = False) -> list[Blogpost]:
        """The posts of a project, the newest first; unpublished ones only if asked for."""
        found = select(Blogpost).where(Blogpost.project_id == project_id)
        if not drafts:
            found = found.where(Blogpost.published)
        ordered = found.order_by(Blogpost.created.desc(), Blogpost.id.desc())
        return list((await self.session.scalars(ordered)).all())

    async def get_in_project(self, project_id: int, blogpost_id: int) -> Blogpost:
        """The post, if it is of this project. Raises NotFound."""
        return await self.get_where(project_id=project_id, id=blogpost_id)

    async def count(self, project_id: int, *, drafts: bool = False) -> int:
        """How many posts the project has; unpublished ones only if asked for."""
        found = select(func.count(Blogpost.id)).where(Blogpost.project_id == project_id)
        if not drafts:
            found = found.where(Blogpost.published)
        return (await self.session.scalars(found)).one()
