"""/api/category (02-api section 2.5)."""

from typing import Any

from db.models import Category
from webapp.api.resource import Resource
from webapp.errors import UnsupportedMedia
from webapp.http.page import Call
from webapp.policies import Action, Facts, require
from webapp.services.naming import UnfitName, checked_name, plain_text

RESERVED_NAMES = frozenset({"draft", "featured", "historical_contributions"})
"""Words that stand in the place of a category's short name in addresses of our own."""


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
        return Category(**_fit(values))

    async def change(self, call: Call, row: Any, values: dict[str, Any]) -> None:
        await super().change(call, row, _fit({name: v for name, v in values.items() if v != getattr(row, name)}))


def _fit(values: dict[str, Any]) -> dict[str, Any]:
    """The values as they are kept. Raises UnsupportedMedia for a short name that is none."""
    texts = {"name": plain_text, "short_name": checked_name}
    try:
        kept = values | {name: fit(values[name]) for name, fit in texts.items() if isinstance(values.get(name), str)}
    except UnfitName as unfit:
        raise UnsupportedMedia(f"Category short_name is not valid. {unfit}") from None
    if kept.get("short_name") in RESERVED_NAMES:
        raise UnsupportedMedia("Category short_name is not valid, as it's used by the system.")
    return kept
