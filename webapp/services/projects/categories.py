"""Categories of projects."""

from collections.abc import Mapping
from typing import Any

from db.models import Category
from db.repositories.category import CategoryRepository
from db.repositories.rows import remove_row, try_to_add, try_to_change
from db.session import AsyncSession
from webapp.actor import Actor
from webapp.errors import BadRequest, UnsupportedMedia
from webapp.policies import Action, require
from webapp.services.site import admin_record
from webapp.services.site.naming import UnfitName, checked_name, plain_text

RESERVED_NAMES = frozenset({"draft", "featured", "historical_contributions"})
"""Words that stand in the place of a category's short name in addresses of our own."""


class LastCategory(BadRequest):
    message = "The only category cannot be removed: new projects begin in it."


async def create(session: AsyncSession, actor: Actor, values: Mapping[str, Any]) -> Category:
    """A new category. `values` are columns. Raises UnsupportedMedia for a short name that is none."""
    require(actor, Action.CATEGORY_WRITE)
    category = await try_to_add(session, Category(**_checked(values)))
    await admin_record.note(session, actor, "add", "category", category.id, category.short_name)
    return category


async def update(session: AsyncSession, actor: Actor, category: Category, values: Mapping[str, Any]) -> None:
    """Change columns of it. A name that stays as it is need not be one that a new category could have."""
    require(actor, Action.CATEGORY_WRITE)
    changes = {name: value for name, value in values.items() if value != getattr(category, name)}
    await try_to_change(session, category, _checked(changes))
    await admin_record.note(session, actor, "change", "category", category.id, category.short_name)


async def remove(session: AsyncSession, actor: Actor, category: Category) -> None:
    """Remove it. Raises InUse while projects are in it, and LastCategory where new projects would have none."""
    require(actor, Action.CATEGORY_WRITE)
    if await CategoryRepository(session).is_only(category):
        raise LastCategory
    await admin_record.note(session, actor, "delete", "category", category.id, category.short_name)
    await remove_row(session, category)


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are stored. Raises UnsupportedMedia for a short name that is none."""
    texts = {"name": plain_text, "short_name": checked_name}
    try:
        checked = {name: fit(values[name]) for name, fit in texts.items() if isinstance(values.get(name), str)}
    except UnfitName as unfit:
        raise UnsupportedMedia(f"Category short_name is not valid. {unfit}") from None
    if checked.get("short_name") in RESERVED_NAMES:
        raise UnsupportedMedia("Category short_name is not valid, as it's used by the system.")
    return {**values, **checked}
