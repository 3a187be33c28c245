"""/api/announcement (docs/contract/api.md 2.7)."""

from collections.abc import Mapping
from typing import Any

from db.models import Announcement
from webapp.api.resource import Resource
from webapp.http.page import Call, Weight
from webapp.policies import Action, Facts, require
from webapp.services import announcements
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

    async def insert(self, call: Call, values: dict[str, Any]) -> Any:
        return await announcements.create(call.session, call.actor, values)

    async def change(self, call: Call, row: Any, values: dict[str, Any]) -> None:
        await announcements.update(call.session, call.actor, row, values)

    async def remove(self, call: Call, row: Any) -> None:
        await announcements.remove(call.session, call.actor, row)

    async def new_file_place(self, call: Call, values: Mapping[str, Any]) -> FilePlace:
        require(call.actor, Action.ANNOUNCEMENT_WRITE)
        return self._place(call)

    async def file_place(self, call: Call, row: Any) -> FilePlace:
        return self._place(call)

    @staticmethod
    def _place(call: Call) -> FilePlace:
        return FilePlace(f"user_{call.actor.user_id}", owner_id=call.actor.user_id)
