"""/api/announcement (docs/contract/api.md 2.7)."""

from collections.abc import Mapping
from typing import Any

from db.models import Announcement
from webapp.api.resource import Resource
from webapp.http.page import RequestContext, Weight
from webapp.policies import Action, Facts, require
from webapp.services.site import announcements
from webapp.services.site.files import FilePlace


class AnnouncementResource(Resource):
    name = "announcement"
    class_name = "Announcement"
    model = Announcement
    reserved = frozenset({"id", "created", "updated", "user_id"})
    parents = ()
    own_first = False
    weight = Weight.FILE
    takes_files = True
    read = Action.ANNOUNCEMENT_READ
    create_action = Action.ANNOUNCEMENT_WRITE
    update_action = Action.ANNOUNCEMENT_WRITE
    delete_action = Action.ANNOUNCEMENT_WRITE

    async def facts(self, ctx: RequestContext, row: Any) -> Facts:
        return Facts(content_published=row.published)

    async def insert(self, ctx: RequestContext, values: dict[str, Any]) -> Any:
        return await announcements.create(ctx.session, ctx.actor, values)

    async def change(self, ctx: RequestContext, row: Any, values: dict[str, Any]) -> None:
        await announcements.update(ctx.session, ctx.actor, row, values)

    async def remove(self, ctx: RequestContext, row: Any) -> None:
        await announcements.remove(ctx.session, ctx.actor, row)

    async def new_file_place(self, ctx: RequestContext, values: Mapping[str, Any]) -> FilePlace:
        require(ctx.actor, Action.ANNOUNCEMENT_WRITE)
        return self._place(ctx)

    async def file_place(self, ctx: RequestContext, row: Any) -> FilePlace:
        return self._place(ctx)

    @staticmethod
    def _place(ctx: RequestContext) -> FilePlace:
        return FilePlace(f"user_{ctx.actor.user_id}", owner_id=ctx.actor.user_id)
