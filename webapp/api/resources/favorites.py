"""/api/favorites: the tasks that the caller has marked (docs/contract/api.md 2.13)."""

from dataclasses import replace
from typing import Any

from db.queries.reading import favourites
from db.queries.reading.listing import ListQuery
from db.repositories.rows import reload_row
from webapp.api.arguments import json_object
from webapp.api.links import with_links
from webapp.api.resources.task import TaskResource
from webapp.errors import NotFound, Unauthorized, UnsupportedMedia
from webapp.http.page import RequestContext
from webapp.policies import Action, authorization_decided, can, require
from webapp.viewmodels.page import Json


class FavoritesResource(TaskResource):
    """Tasks, as /api/task shows them; what is added and removed is the caller's mark."""

    name = "favorites"
    own_first = False
    methods = frozenset({"POST", "DELETE"})
    read = Action.TASK_FAVORITE
    frame = False

    def caller(self, ctx: RequestContext) -> int:
        """Whose favourites they are. Raises Unauthorized where nobody is signed in."""
        if ctx.actor.user_id is None:
            raise Unauthorized
        return ctx.actor.user_id

    async def adapt(self, ctx: RequestContext, query: ListQuery) -> ListQuery:
        return replace(query, marked_by=self.caller(ctx))

    async def load(self, ctx: RequestContext, identity: int) -> Any:
        """The task, if the caller has marked it: otherwise there is no such favourite."""
        user_id = self.caller(ctx)
        row = await super().load(ctx, identity)
        if user_id not in (row.fav_user_ids or ()):
            raise NotFound
        return row

    async def create(self, ctx: RequestContext) -> Json:
        given = json_object(ctx.body_parts.raw)
        if set(given) != {"task_id"} or not isinstance(given["task_id"], int) or isinstance(given["task_id"], bool):
            raise UnsupportedMedia('the body must be exactly {"task_id": number}', kind="AttributeError")
        user_id = self.caller(ctx)
        row = await super().load(ctx, given["task_id"])
        require(ctx.actor, Action.TASK_FAVORITE, await self.facts(ctx, row))
        await favourites.mark(ctx.session, row.id, user_id)
        await reload_row(ctx.session, row)
        return Json(self.full(ctx, row))

    async def delete(self, ctx: RequestContext, identity: int) -> Json:
        """Anybody takes back their own mark, also where the task is out of their sight by now."""
        row = await self.load(ctx, identity)
        authorization_decided(Action.TASK_FAVORITE)  # `load` finds the caller's own alone
        await self.expected(ctx, row)
        await favourites.unmark(ctx.session, row.id, self.caller(ctx))
        await reload_row(ctx.session, row)
        visible = can(ctx.actor, Action.TASK_READ, await self.facts(ctx, row))
        return Json(self.full(ctx, row) if visible else {"id": row.id})

    def linked(self, ctx: RequestContext, shown: dict[str, Any]) -> dict[str, Any]:
        return with_links(ctx, "task", shown, self.parents)
