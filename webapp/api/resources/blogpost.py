"""/api/blogpost (02-api section 2.8)."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from db.models import Blogpost
from webapp.api.resources.project_content import ProjectContent
from webapp.http.page import Call
from webapp.policies import Action, Facts


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

    async def new(self, call: Call, values: dict[str, Any]) -> Any:
        return await super().new(call, values | {"user_id": call.actor.user_id})

    async def change(self, call: Call, row: Any, values: dict[str, Any]) -> None:
        await super().change(call, row, values)
        row.updated = datetime.now(UTC)
