"""The site's feed as JSON clients and pages see it (docs/contract/model.md 5)."""

from collections.abc import Mapping
from typing import Any

from db.models import User
from db.queries.projects.project_cards import ProjectCard
from db.queries.site.feed import FeedItem
from webapp.i18n import relative_time
from webapp.viewmodels.public.project import card
from webapp.viewmodels.public.project import public_info as public_project_info
from webapp.viewmodels.public.user import public_info

LONG_TEXTS = ("task_presenter", "tutorial")


def feed_event(found: FeedItem, users: Mapping[int, User], projects: Mapping[int, ProjectCard]) -> dict[str, Any]:
    """One event with what everybody may know of its person and its project."""
    project = projects.get(found.project_id or 0)
    user = users.get(found.user_id or 0)
    shown: dict[str, Any] = {}
    if user is not None:
        shown |= _person(user)
    elif project is not None:
        shown |= _project(project)
    if user is not None and project is not None:
        shown |= {
            "short_name": project.short_name,
            "project_id": project.id,
            "project_name": project.name,
            "project_short_name": project.short_name,
            "category_id": project.category_id,
        }
    return shown | {
        "action_updated": found.kind,
        "updated": found.at.timestamp(),
        "ago": relative_time(found.at),
    }


def _project(project: ProjectCard) -> dict[str, Any]:
    """PROJ-PUB of an event's project, without the texts that volunteers work with: a feed names it many times."""
    return card(project) | {"info": public_project_info(project.info) | dict.fromkeys(LONG_TEXTS)}


def _person(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "name": user.name,
        "fullname": user.fullname,
        "created": user.created,
        "locale": user.locale,
        "info": public_info(user.info),
        "n_answers": None,
        "rank": None,
        "score": None,
        "registered_ago": relative_time(user.created),
    }
