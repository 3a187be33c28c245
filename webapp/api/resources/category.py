"""/api/category (02-api section 2.5)."""

from typing import Any

from db.models import Category
from webapp.api.resource import Resource
from webapp.http.page import Call
from webapp.policies import Action, Facts, require


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

    async def facts(self, call: Call, row: Any) -> Facts:
        return Facts()

    async def new(self, call: Call, values: dict[str, Any]) -> Any:
        require(call.actor, Action.CATEGORY_WRITE)
        return Category(**values)
