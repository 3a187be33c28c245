"""/api/blogpost (docs/contract/api.md 2.8)."""

from dataclasses import replace
from typing import Any

from db.models import Blogpost, Project
from webapp.api.resources.project_content import ProjectContent
from webapp.http.page import Call
from webapp.policies import Action, Facts
from webapp.services import blog


class BlogpostResource(ProjectContent):
    name = "blogpost"
    class_name = "Blogpost"
    model = Blogpost
    reserved = frozenset({"id", "created", "updated", "user_id"})
    read = Action.BLOGPOST_READ
    create_action = Action.BLOGPOST_CREATE
    update_action = Action.BLOGPOST_UPDATE
    delete_action = Action.BLOGPOST_DELETE

    async def facts(self, call: Call, row: Any) -> Facts:
        return replace(await super().facts(call, row), user_id=row.user_id, content_published=row.published)

    async def insert_into(self, call: Call, project: Project, values: dict[str, Any]) -> Any:
        return await blog.create(call.session, call.actor, project, values)

    async def change_in(self, call: Call, project: Project, row: Any, values: dict[str, Any]) -> None:
        await blog.update(call.session, call.actor, project, row, values)

    async def remove(self, call: Call, row: Any) -> None:
        await blog.remove(call.session, call.actor, await self.project_of(call, row), row)
