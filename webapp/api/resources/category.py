"""/api/category (docs/contract/api.md 2.5)."""

from typing import Any

from db.models import Category
from webapp.api.resource import Resource
from webapp.http.page import RequestContext
from webapp.policies import Action, Facts
from webapp.services.projects import categories


class CategoryResource(Resource):
    name = "category"
    class_name = "Category"
    model = Category
    parents = ()
    own_first = False
    read = Action.CATEGORY_READ
    create_action = Action.CATEGORY_WRITE
    update_action = Action.CATEGORY_WRITE
    delete_action = Action.CATEGORY_WRITE

    async def facts(self, ctx: RequestContext, row: Any) -> Facts:
        return Facts()

    async def insert(self, ctx: RequestContext, values: dict[str, Any]) -> Any:
        return await categories.create(ctx.session, ctx.actor, values)

    async def change(self, ctx: RequestContext, row: Any, values: dict[str, Any]) -> None:
        await categories.update(ctx.session, ctx.actor, row, values)

    async def remove(self, ctx: RequestContext, row: Any) -> None:
        await categories.remove(ctx.session, ctx.actor, row)
