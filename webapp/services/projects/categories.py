"""Categories of projects."""

from collections.abc import Mapping
from typing import Any

from db.models import Category
from db.repositories.rows import add_row, change_row, remove_row
from db.session import AsyncSession
from webapp.actor import Actor
from webapp.errors import UnsupportedMedia
from webapp.policies import Action, require
from webapp.services.site.naming import UnfitName, checked_name, plain_text

RESERVED_NAMES = frozenset({"draft", "featured", "historical_contributions"})
"""Words that stand in the place of a category's short name in addresses of our own."""


async def create(session: AsyncSession, actor: Actor, values: Mapping[str, Any]) -> Category:
    """A new category. `values` are columns. Raises UnsupportedMedia for a short name that is none."""
    require(actor, Action.CATEGORY_WRITE)
    return await add_row(session, Category(**_checked(values)))


async def update(session: AsyncSession, actor: Actor, category: Category, values: Mapping[str, Any]) -> None:
    """Change columns of it. A name that stays as it is need not be one that a new category could have."""
    require(actor, Action.CATEGORY_WRITE)
    changes = {name: value for name, value in values.items() if value != getattr(category, name)}
    await change_row(session, category, _checked(changes))


async def remove(session: AsyncSession, actor: Actor, category: Category) -> None:
    """Remove it. Raises InUse while projects are in it."""
    require(actor, Action.CATEGORY_WRITE)
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
