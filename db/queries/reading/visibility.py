"""Who may see which rows, as SQL: the same rules as `webapp.policies.table`, which a property test holds this to."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, or_, true

from db.models import (
    Announcement,
    Blogpost,
    Category,
    HelpingMaterial,
    Page,
    Project,
    ProjectStats,
    Result,
    Task,
    TaskRun,
    User,
)

OF_A_PROJECT: tuple[Any, ...] = (Task, TaskRun, Result, HelpingMaterial, Page, ProjectStats)
"""Rows that are seen by whoever may see inside their project."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whoever looks, as plain facts."""

    user_id: int | None = None
    admin: bool = False
    project_id: int | None = None
    """The one project that a presenter's frame may see inside of, in its volunteer's name."""


def owns(viewer: Viewer) -> ColumnElement[bool]:
    """The viewer is owner or co-owner of the project."""
    return Project.owners_ids.contains([viewer.user_id]) if viewer.user_id is not None else false()


def project_open(viewer: Viewer) -> ColumnElement[bool]:
    """The viewer may see inside the project: it is published and asks for no password, or is theirs."""
    granted = Project.id == viewer.project_id if viewer.project_id is not None else false()
    return or_(Project.is_open, owns(viewer), granted)


def visible(model: Any, viewer: Viewer, project_id: ColumnElement[int] | None = None) -> ColumnElement[bool]:
    """The condition under which this viewer may see a row of the model in a list. Of rows of one project, `project_id`,
    it is asked once, not row by row."""
    if model is User:
        return User.restrict.is_(False)
    if model is Category or viewer.admin:
        return true()
    if model is Announcement:
        return Announcement.published.is_(True)
    if model is Project:
        return project_open(viewer)
    if model is Blogpost:
        inside = and_(Blogpost.published, project_open(viewer))
        return exists().where(Project.id == Blogpost.project_id, or_(inside, owns(viewer)))
    if model in OF_A_PROJECT:
        of_row = model.project_id if project_id is None else project_id
        return exists().where(Project.id == of_row, project_open(viewer))
    raise AssertionError(f"no rule for {model.__name__}")


def owned(model: Any, viewer: Viewer) -> ColumnElement[bool]:
    """The row belongs to a project that the viewer owns or co-owns: what a signed-in caller of the API sees first."""
    if model is Project:
        return owns(viewer)
    return exists().where(Project.id == model.project_id, owns(viewer))
