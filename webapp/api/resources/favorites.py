"""/api/favorites: the tasks that the caller has marked (docs/contract/api.md 2.13)."""

from dataclasses import replace
from typing import Any

from db.queries import favourites
from db.queries.listing import ListQuery
from db.repositories.rows import reload_row
from webapp.api.arguments import json_object
from webapp.api.links import with_links
from webapp.api.resources.task import TaskResource
from webapp.errors import NotFound, Unauthorized, UnsupportedMedia
from webapp.http.page import Call
from webapp.policies import Action, authorization_decided, can, require
from webapp.viewmodels.page import Json


class FavoritesResource(TaskResource):
    """Tasks, as /api/task shows them; what is added and removed is the caller's mark."""

    name = "favorites"
    own_first = False
    methods = frozenset({"POST", "DELETE"})
    read = Action.TASK_FAVORITE
    frame = False

    def caller(self, call: Call) -> int:
        """Whose favourites they are. Raises Unauthorized where nobody is signed in."""
        if call.actor.user_id is None:
            raise Unauthorized
        return call.actor.user_id

    async def adapt(self, call: Call, query: ListQuery) -> ListQuery:
        return replace(query, marked_by=self.caller(call))

    async def load(self, call: Call, identity: int) -> Any:
        """The task, if the caller has marked it: otherwise there is no such favourite."""
        user_id = self.caller(call)
        row = await super().load(call, identity)
        if user_id not in (row.fav_user_ids or ()):
            raise NotFound
        return row

    async def create(self, call: Call) -> Json:
        given = json_object(call.body_parts.raw)
        if set(given) != {"task_id"} or not isinstance(given["task_id"], int) or isinstance(given["task_id"], bool):
            raise UnsupportedMedia('the body must be exactly {"task_id": number}', kind="AttributeError")
        user_id = self.caller(call)
        row = await super().load(call, given["task_id"])
        require(call.actor, Action.TASK_FAVORITE, await self.facts(call, row))
        await favourites.mark(call.session, row.id, user_id)
        await reload_row(call.session, row)
        return Json(self.full(call, row))

    async def delete(self, call: Call, identity: int) -> Json:
        """Anybody takes back their own mark, also where the task is out of their sight by now."""
        row = await self.load(call, identity)
        authorization_decided(Action.TASK_FAVORITE)  # `load` finds the caller's own alone
        await self.expected(call, row)
        await favourites.unmark(call.session, row.id, self.caller(call))
        await reload_row(call.session, row)
        visible = can(call.actor, Action.TASK_READ, await self.facts(call, row))
        return Json(self.full(call, row) if visible else {"id": row.id})

    def linked(self, call: Call, shown: dict[str, Any]) -> dict[str, Any]:
        return with_links(call, "task", shown, self.parents)
