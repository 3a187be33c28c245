"""Categories."""

from typing import ClassVar

from sqlalchemy import ColumnElement, exists, func, select

from db.errors import NotFound
from db.models import Category, Project
from db.repositories.base import Repository


class CategoryRepository(Repository[Category]):
    model: ClassVar[type[Category]] = Category

    async def get_by_short_name(self, short_name: str) -> Category:
        """The category of this address. Raises NotFound."""
        return await self.get_where(short_name=short_name)

    async def all(self) -> list[Category]:
        """Every category, the oldest first."""
        return list((await self.session.scalars(select(Category).order_by(Category.id))).all())

    async def used(self) -> list[Category]:
        """Categories that hold a published project."""
        used: ColumnElement[bool] = exists().where(Project.category_id == Category.id, Project.published)
        return list((await self.session.scalars(select(Category).where(used).order_by(Category.id))).all())

    async def exists(self, category_id: int) -> bool:
        return await self.find(category_id) is not None

    async def is_only(self, category: Category) -> bool:
        """Whether there is no other."""
        others = exists().where(Category.id != category.id)
        return not (await self.session.scalars(select(others))).one()

    async def holds_projects(self, category: Category) -> bool:
        """Whether any project is in it, drafts included."""
        return (await self.session.scalars(select(exists().where(Project.category_id == category.id)))).one()

    async def first_id(self) -> int:
        """Where new projects start. Raises NotFound on a site without categories."""
        found = (await self.session.scalars(select(func.min(Category.id)))).one()
        if found is None:
            raise NotFound("category")
        return int(found)
