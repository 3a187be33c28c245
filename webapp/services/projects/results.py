"""Results: made by completing tasks, concluded by owners."""

from collections.abc import Mapping
from typing import Any

from db.models import Project, Result
from db.repositories.rows import change_row
from db.session import AsyncSession
from webapp.actor import Actor
from webapp.policies import Action, about_task, require


async def update(
    session: AsyncSession, actor: Actor, project: Project, result: Result, values: Mapping[str, Any]
) -> None:
    """Write what the owners conclude from the answers. `values` are columns."""
    require(actor, Action.RESULT_UPDATE, about_task(project))
    await change_row(session, result, values)
