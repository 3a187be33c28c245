"""Blog posts."""

from typing import ClassVar

from sqlalchemy import func, select

from db.models import Blogpost
from db.repositories.base import Repository, Slice


class BlogpostRepository(Repository[Blogpost]):
    model: ClassVar[type[Blogpost]] = Blogpost

    async def page(self, project_id: int, *, limit: int, offset: int = 0, drafts: bool = False) -> Slice[Blogpost]:
        """A part of the posts of a project, the newest first; unpublished ones only if asked for."""
        shown = () if drafts else (Blogpost.published.is_(True),)
        order = (Blogpost.created.desc(), Blogpost.id.desc())
        return await self.slice_where(
            Blogpost.project_id == project_id, *shown, order=order, limit=limit, offset=offset
        )

    async def get_in_project(self, project_id: int, blogpost_id: int) -> Blogpost:
        """The post, if it is of this project. Raises NotFound."""
        return await self.get_where(project_id=project_id, id=blogpost_id)

    async def count(self, project_id: int, *, drafts: bool = False) -> int:
        """How many posts the project has; unpublished ones only if asked for."""
        found = select(func.count(Blogpost.id)).where(Blogpost.project_id == project_id)
        if not drafts:
            found = found.where(Blogpost.published)
        return (await self.session.scalars(found)).one()
