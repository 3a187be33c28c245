"""Projects as their owners and as everybody else see them (docs/contract/pages.md 1.6, docs/contract/api.md 2.1)."""

from collections.abc import Mapping
from typing import Any

from db.models import Project
from db.queries.assignment.progress import ProjectProgress
from db.queries.projects.project_cards import ProjectCard
from webapp.actor import Actor
from webapp.i18n import relative_time
from webapp.policies import Action, about_project, can
from webapp.services.importing import automatic

PUBLIC_INFO = ("container", "thumbnail", "thumbnail_url", "task_presenter", "tutorial", "sched")
SECRET_INFO = frozenset({"passwd_hash"})
"""Keys of `info` that are shown to nobody: that there is a password is told as `protected`."""
COLUMNS = (
    "id",
    "created",
    "updated",
    "name",
    "short_name",
    "description",
    "long_description",
    "webhook",
    "allow_anonymous_contributors",
    "published",
    "featured",
    "contacted",
    "secret_key",
    "zip_download",
    "owner_id",
    "category_id",
    "info",
    "owners_ids",
)
API_PUBLIC = (
    "id",
    "description",
    "info",
    "name",
    "short_name",
    "created",
    "category_id",
    "long_description",
    "updated",
    "featured",
    "owner_id",
    "owners_ids",
)


def public_info(info: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of `info` that everybody may read, each present; empty where there is no info at all."""
    return {key: info.get(key) for key in PUBLIC_INFO} if info else {}


def owner_info(info: Mapping[str, Any]) -> dict[str, Any]:
    """All of `info` but its secrets."""
    shown = {key: value for key, value in info.items() if key not in SECRET_INFO}
    return shown | {automatic.KEY: automatic.without_secrets(shown[automatic.KEY])} if automatic.KEY in shown else shown


def api_full(actor: Actor, project: Project) -> dict[str, Any]:
    """Every column, for owners: clients send the whole object back, so `info` must be complete. The secret key is in it
    only for whoever may read that (docs/contract/gaps.md 3.3)."""
    row = {name: getattr(project, name) for name in COLUMNS} | {"info": owner_info(project.info)}
    if not can(actor, Action.PROJECT_READ_SECRET, about_project(project)):
        del row["secret_key"]
    return row


def api_public(project: Project) -> dict[str, Any]:
    """What the API shows to everybody."""
    return {name: getattr(project, name) for name in API_PUBLIC} | {"info": public_info(project.info)}


def overlay(progress: ProjectProgress, n_blogposts: int = 0) -> dict[str, Any]:
    """The counts that pages lay over a project."""
    return {
        "n_tasks": progress.n_tasks,
        "n_task_runs": progress.n_task_runs,
        "n_results": progress.n_results,
        "n_completed_tasks": progress.n_completed_tasks,
        "n_volunteers": progress.n_volunteers,
        "overall_progress": progress.whole_percent,
        "n_blogposts": n_blogposts,
        "last_activity": progress.last_activity,
    }


def page_public(
    project: Project, progress: ProjectProgress, owner_name: str | None = None, n_blogposts: int = 0
) -> dict[str, Any]:
    """PROJ-PUB: what pages show of a project to everybody."""
    return api_public(project) | {
        "owner": owner_name,
        "last_activity_raw": progress.last_activity,
        **overlay(progress, n_blogposts),
    }


def page_full(actor: Actor, project: Project, progress: ProjectProgress, n_blogposts: int = 0) -> dict[str, Any]:
    """PROJ-FULL: what its owners see on its pages."""
    return api_full(actor, project) | overlay(progress, n_blogposts)


def bar(progress: ProjectProgress) -> dict[str, Any]:
    """BAR: the counts at the top level of a project's pages."""
    return {
        "n_tasks": progress.n_tasks,
        "n_task_runs": progress.n_task_runs,
        "overall_progress": progress.whole_percent,
        "last_activity": progress.last_activity,
        "n_completed_tasks": progress.n_completed_tasks,
        "n_volunteers": progress.n_volunteers,
    }


def card(found: ProjectCard) -> dict[str, Any]:
    """PROJ-PUB of a project in a list: there clients know `last_activity` in words, and fractions of a per cent."""
    shown = {name: getattr(found, name) for name in API_PUBLIC} | {"info": public_info(found.info)}
    return shown | {
        "owner": found.owner,
        "n_tasks": found.n_tasks,
        "n_task_runs": found.n_task_runs,
        "n_results": found.n_results,
        "n_completed_tasks": found.n_completed_tasks,
        "n_volunteers": found.n_volunteers,
        "n_blogposts": found.n_blogposts,
        "overall_progress": found.overall_progress,
        "last_activity": relative_time(found.last_activity) if found.last_activity else None,
        "last_activity_raw": found.last_activity,
        "published": found.published,
    }


def helped_card(found: ProjectCard) -> dict[str, Any]:
    """A project in the list of what somebody helped: more of its columns, as clients had the whole row there, without
    its secrets (docs/contract/gaps.md 3.3)."""
    return card(found) | {
        "project_id": found.id,
        "last_contribution": found.last_contribution,
        "allow_anonymous_contributors": found.allow_anonymous_contributors,
        "zip_download": found.zip_download,
        "contacted": found.contacted,
    }
