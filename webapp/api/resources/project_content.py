"""What projects publish beside their tasks: posts, helping materials and pages (docs/contract/api.md 2.8 to 2.10)."""

from collections.abc import Mapping
from typing import Any, ClassVar

from db.models import Project
from db.repositories.rows import find_row
from webapp.api.resource import Resource, admitted
from webapp.errors import Forbidden, NotFound, UnsupportedMedia
from webapp.http.page import RequestContext, Weight
from webapp.policies import Action, Facts, about_project, require
from webapp.services.projects import materials
from webapp.services.site.files import FilePlace


class ProjectContent(Resource):
    """Rows of a project that may come with a file, and stay in their project."""

    takes_files: ClassVar[bool] = True
    weight: ClassVar[Weight] = Weight.FILE

    async def insert_into(self, ctx: RequestContext, project: Project, values: dict[str, Any]) -> Any:
        """Have the service add a row to this project."""
        raise NotImplementedError

    async def change_in(self, ctx: RequestContext, project: Project, row: Any, values: dict[str, Any]) -> None:
        """Have the service change the row, which is this project's."""
        raise NotImplementedError

    async def project_of(self, ctx: RequestContext, row: Any) -> Project:
        project = await find_row(ctx.session, Project, row.project_id)
        if project is None:
            raise NotFound
        return project

    async def _named_project(self, ctx: RequestContext, values: Mapping[str, Any]) -> Project:
        """The project that a new row is to be in."""
        project = await find_row(ctx.session, Project, values.get("project_id") or 0)
        if project is None:
            raise UnsupportedMedia("project_id does not exist", kind="AttributeError")
        return project

    async def facts(self, ctx: RequestContext, row: Any) -> Facts:
        project = await self.project_of(ctx, row)
        return about_project(project, admitted=admitted(ctx, project))

    async def insert(self, ctx: RequestContext, values: dict[str, Any]) -> Any:
        return await self.insert_into(ctx, await self._named_project(ctx, values), values)

    async def change(self, ctx: RequestContext, row: Any, values: dict[str, Any]) -> None:
        if values.get("project_id", row.project_id) != row.project_id:
            raise Forbidden(f"A {self.name} stays in its project.")
        await self.change_in(ctx, await self.project_of(ctx, row), row, values)

    async def new_file_place(self, ctx: RequestContext, values: Mapping[str, Any]) -> FilePlace:
        project = await self._named_project(ctx, values)
        require(ctx.actor, self.create_action, about_project(project))
        return self._place(ctx, project)

    async def file_place(self, ctx: RequestContext, row: Any) -> FilePlace:
        return self._place(ctx, await self.project_of(ctx, row))

    @staticmethod
    def _place(ctx: RequestContext, project: Project) -> FilePlace:
        """The container is the owner's, as clients know it from the original; the file is the project's."""
        return FilePlace(f"user_{project.owner_id}", owner_id=ctx.actor.user_id, project_id=project.id)


class Material(ProjectContent):
    """What only the project's creator and administrators write."""

    read: ClassVar[Action] = Action.MATERIAL_READ
    create_action: ClassVar[Action] = Action.MATERIAL_WRITE
    update_action: ClassVar[Action] = Action.MATERIAL_WRITE
    delete_action: ClassVar[Action] = Action.MATERIAL_WRITE
    frame: ClassVar[bool] = True

    async def insert_into(self, ctx: RequestContext, project: Project, values: dict[str, Any]) -> Any:
        return await materials.create(ctx.session, ctx.actor, project, self.model, values)

    async def change_in(self, ctx: RequestContext, project: Project, row: Any, values: dict[str, Any]) -> None:
        await materials.update(ctx.session, ctx.actor, project, row, values)

    async def remove(self, ctx: RequestContext, row: Any) -> None:
        await materials.remove(ctx.session, ctx.actor, await self.project_of(ctx, row), row)
