"""What projects publish beside their tasks: posts, helping materials and pages (docs/contract/api.md 2.8 to 2.10)."""

from collections.abc import Mapping
from typing import Any, ClassVar

from db.models import Project
from db.repositories.rows import find_row
from webapp.api.resource import Resource, admitted
from webapp.errors import Forbidden, NotFound, UnsupportedMedia
from webapp.http.page import Call, Weight
from webapp.policies import Action, Facts, about_project, require
from webapp.services import materials
from webapp.services.files import FilePlace


class ProjectContent(Resource):
    """Rows of a project that may come with a file, and stay in their project."""

    takes_files: ClassVar[bool] = True
    weight: ClassVar[Weight] = Weight.FILE

    async def insert_into(self, call: Call, project: Project, values: dict[str, Any]) -> Any:
        """Have the service add a row to this project."""
        raise NotImplementedError

    async def change_in(self, call: Call, project: Project, row: Any, values: dict[str, Any]) -> None:
        """Have the service change the row, which is this project's."""
        raise NotImplementedError

    async def project_of(self, call: Call, row: Any) -> Project:
        project = await find_row(call.session, Project, row.project_id)
        if project is None:
            raise NotFound
        return project

    async def _named_project(self, call: Call, values: Mapping[str, Any]) -> Project:
        """The project that a new row is to be in."""
        project = await find_row(call.session, Project, values.get("project_id") or 0)
        if project is None:
            raise UnsupportedMedia("project_id does not exist", kind="AttributeError")
        return project

    async def facts(self, call: Call, row: Any) -> Facts:
        project = await self.project_of(call, row)
        return about_project(project, admitted=admitted(call, project))

    async def insert(self, call: Call, values: dict[str, Any]) -> Any:
        return await self.insert_into(call, await self._named_project(call, values), values)

    async def change(self, call: Call, row: Any, values: dict[str, Any]) -> None:
        if values.get("project_id", row.project_id) != row.project_id:
            raise Forbidden(f"A {self.name} stays in its project.")
        await self.change_in(call, await self.project_of(call, row), row, values)

    async def new_file_place(self, call: Call, values: Mapping[str, Any]) -> FilePlace:
        project = await self._named_project(call, values)
        require(call.actor, self.create_action, about_project(project))
        return self._place(call, project)

    async def file_place(self, call: Call, row: Any) -> FilePlace:
        return self._place(call, await self.project_of(call, row))

    @staticmethod
    def _place(call: Call, project: Project) -> FilePlace:
        """The container is the owner's, as clients know it from the original; the file is the project's."""
        return FilePlace(f"user_{project.owner_id}", owner_id=call.actor.user_id, project_id=project.id)


class Material(ProjectContent):
    """What only the project's creator and administrators write."""

    read: ClassVar[Action] = Action.MATERIAL_READ
    create_action: ClassVar[Action] = Action.MATERIAL_WRITE
    update_action: ClassVar[Action] = Action.MATERIAL_WRITE
    delete_action: ClassVar[Action] = Action.MATERIAL_WRITE
    frame: ClassVar[bool] = True

    async def insert_into(self, call: Call, project: Project, values: dict[str, Any]) -> Any:
        return await materials.create(call.session, call.actor, project, self.model, values)

    async def change_in(self, call: Call, project: Project, row: Any, values: dict[str, Any]) -> None:
        await materials.update(call.session, call.actor, project, row, values)

    async def remove(self, call: Call, row: Any) -> None:
        await materials.remove(call.session, call.actor, await self.project_of(call, row), row)
