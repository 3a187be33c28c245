"""Categories as everybody sees them."""

from typing import Any

from db.models import Category

COLUMNS = ("description", "short_name", "created", "id", "name", "info")


def category_public(category: Category) -> dict[str, Any]:
    return {name: getattr(category, name) for name in COLUMNS}


def pseudo_category(name: str, short_name: str, description: str) -> dict[str, Any]:
    """A list that looks like a category: featured projects, drafts, one's own history."""
    return dict.fromkeys(COLUMNS) | {"name": name, "short_name": short_name, "description": description, "info": {}}
