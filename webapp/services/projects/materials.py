"""What a project publishes beside its tasks and posts: helping materials and pages."""

from collections.abc import Mapping
from typing import Any, TypeVar

from db.models import HelpingMaterial, Page, Project
from db.repositories.rows import add_row, change_row, remove_row
from db.session import AsyncSession
from webapp.actor import Actor
from webapp.policies import Action, about_project, require

Material = HelpingMaterial | Page
MaterialT = TypeVar("MaterialT", HelpingMaterial, Page)


async def create(
    session: AsyncSession, actor: Actor, project: Project, model: type[MaterialT], values: Mapping[str, Any]
) -> MaterialT:
    """A new one of the project. `values` are columns."""
    require(actor, Action.MATERIAL_WRITE, about_project(project))
    return await add_row(session, model(**{**values, "project_id": project.id}))


async def update(
    session: AsyncSession, actor: Actor, project: Project, material: Material, values: Mapping[str, Any]
) -> None:
    """Change columns of it."""
    require(actor, Action.MATERIAL_WRITE, about_project(project))
    await change_row(session, material, values)


async def remove(session: AsyncSession, actor: Actor, project: Project, material: Material) -> None:
    """Remove it."""
    require(actor, Action.MATERIAL_WRITE, about_project(project))
    await remove_row(session, material)
