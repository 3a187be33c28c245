"""Posts of a project's blog as everybody sees them."""

from typing import Any

from db.models import Blogpost

COLUMNS = ("created", "updated", "project_id", "id", "user_id", "title", "body", "media_url", "published")


def blogpost_public(post: Blogpost) -> dict[str, Any]:
    return {name: getattr(post, name) for name in COLUMNS}
