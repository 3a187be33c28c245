"""/api/announcement (02-api section 2.7)."""

from datetime import UTC, datetime
from typing import Any

from db.models import Announcement
from webapp.api.resource import Resource
from webapp.http.page import Call, Weight
from webapp.policies import Action, Facts, require
from webapp.services.files import FilePlace


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

    async def facts(self, call: Call, row: Any) -> Facts:
        return Facts(content_published=row.published)

    async def new(self, call: Call, values: dict[str, Any]) -> Any:
        require(call.actor, Action.ANNOUNCEMENT_WRITE)
        return Announcement(**values, user_id=call.actor.user_id)

    async def change(self, call: Call, row: Any, values: dict[str, Any]) -> None:
        await super().change(call, row, values)
        row.updated = datetime.now(UTC)

    async def file_place(self, call: Call, row: Any) -> FilePlace:
        return FilePlace(f"user_{call.actor.user_id}", owner_id=call.actor.user_id)
