"""What projects publish beside their tasks: posts, helping materials and pages (02-api sections 2.8 to 2.10)."""

from typing import Any, ClassVar

from db.models import Project
from db.repositories.rows import find_row
from webapp.api.resource import Resource, admitted
from webapp.errors import Forbidden, NotFound, UnsupportedMedia
from webapp.http.page import Call, Weight
from webapp.policies import Action, Facts, about_project, require
from webapp.services.files import FilePlace


class ProjectContent(Resource):
    """Rows of a project that may come with a file, and stay in their project."""

    takes_files: ClassVar[bool] = True
    weight: ClassVar[Weight] = Weight.FILE

    async def project_of(self, call: Call, row: Any) -> Project:
        project = await find_row(call.session, Project, row.project_id)
        if project is None:
            raise NotFound
        return project

    async def facts(self, call: Call, row: Any) -> Facts:
        project = await self.project_of(call, row)
        return about_project(project, admitted=admitted(call, project))

    async def new(self, call: Call, values: dict[str, Any]) -> Any:
        project = await find_row(call.session, Project, values.get("project_id") or 0)
        if project is None:
            raise UnsupportedMedia("project_id does not exist", kind="AttributeError")
        require(call.actor, self.create_action, about_project(project))
        return self.model(**values)

    async def change(self, call: Call, row: Any, values: dict[str, Any]) -> None:
        if values.get("project_id", row.project_id) != row.project_id:
            raise Forbidden(f"A {self.name} stays in its project.")
        await super().change(call, row, values)

    async def file_place(self, call: Call, row: Any) -> FilePlace:
        """The container is the owner's, as clients know it from the original; the file is the project's."""
        owner_id = (await self.project_of(call, row)).owner_id
        return FilePlace(f"user_{owner_id}", owner_id=call.actor.user_id, project_id=row.project_id)


class Material(ProjectContent):
    """What only the project's creator and administrators write."""

    read: ClassVar[Action] = Action.MATERIAL_READ
    create_action: ClassVar[Action] = Action.MATERIAL_WRITE
    update_action: ClassVar[Action] = Action.MATERIAL_WRITE
    delete_action: ClassVar[Action] = Action.MATERIAL_WRITE
    frame: ClassVar[bool] = True
