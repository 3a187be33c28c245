"""Answers that are stored: what their contributors may still change of them, and taking them back."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from db.models import Project, TaskRun
from db.queries.assignment import submitting
from db.repositories import ResultRepository
from db.repositories.rows import change_row, remove_row
from db.session import AsyncSession
from webapp.actor import Actor
from webapp.policies import Action, Facts, about_task, require


async def facts_for_change(session: AsyncSession, project: Project, run: TaskRun) -> Facts:
    """The facts that changing an answer needs: whether its task's result is made of it."""
    in_result = await ResultRepository(session).current_has(run.task_id, run.id)
    return replace(about_task(project), user_id=run.user_id, in_result=in_result)


async def facts_for_removal(session: AsyncSession, project: Project, run: TaskRun) -> Facts:
    """As `facts_for_change`. Whoever is just completing the task goes first: the answer may be part of its result
    then."""
    await submitting.lock_task(session, project_id=run.project_id, task_id=run.task_id, contributor=run.contributor)
    return await facts_for_change(session, project, run)


async def update(
    session: AsyncSession, actor: Actor, project: Project, run: TaskRun, values: Mapping[str, Any]
) -> None:
    """Change columns of the answer."""
    require(actor, Action.TASKRUN_UPDATE, await facts_for_change(session, project, run))
    await change_row(session, run, values)


async def remove(session: AsyncSession, actor: Actor, project: Project, run: TaskRun) -> None:
    """Remove the answer; its slot is free again."""
    require(actor, Action.TASKRUN_DELETE, await facts_for_removal(session, project, run))
    await remove_row(session, run)
