"""/api/blogpost (docs/contract/api.md 2.8)."""

from dataclasses import replace
from typing import Any

from db.models import Blogpost, Project
from webapp.api.resources.project_content import ProjectContent
from webapp.http.page import RequestContext
from webapp.policies import Action, Facts
from webapp.services.projects import blog


class BlogpostResource(ProjectContent):
    name = "blogpost"
    class_name = "Blogpost"
    model = Blogpost
    reserved = frozenset({"id", "created", "updated", "user_id"})
    read = Action.BLOGPOST_READ
    create_action = Action.BLOGPOST_CREATE
    update_action = Action.BLOGPOST_UPDATE
    delete_action = Action.BLOGPOST_DELETE

    async def facts(self, ctx: RequestContext, row: Any) -> Facts:
        return replace(await super().facts(ctx, row), user_id=row.user_id, content_published=row.published)

    async def insert_into(self, ctx: RequestContext, project: Project, values: dict[str, Any]) -> Any:
        return await blog.create(ctx.session, ctx.actor, project, values)

    async def change_in(self, ctx: RequestContext, project: Project, row: Any, values: dict[str, Any]) -> None:
        await blog.update(ctx.session, ctx.actor, project, row, values)

    async def remove(self, ctx: RequestContext, row: Any) -> None:
        await blog.remove(ctx.session, ctx.actor, await self.project_of(ctx, row), row)
