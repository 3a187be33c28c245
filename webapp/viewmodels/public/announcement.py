"""Announcements as everybody sees them."""

from typing import Any

from db.models import Announcement

COLUMNS = ("id", "created", "updated", "user_id", "title", "body", "media_url", "published")


def announcement_public(announcement: Announcement) -> dict[str, Any]:
    return {name: getattr(announcement, name) for name in COLUMNS}
