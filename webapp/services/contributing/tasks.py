"""Tasks: adding them, changing and removing single ones."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from db.models import Project, Task
from db.queries.assignment import redundancy
from db.queries.importing.adding_tasks import TaskToAdd, add_tasks
from db.repositories import ResultRepository, TaskRepository
from db.repositories.rows import add_row, change_row, reload_row
from db.session import AsyncSession
from webapp.actor import Actor
from webapp.integrations.queue import Queue
from webapp.policies import Action, Facts, about_project, about_task, require
from webapp.services.projects import webhooks


def _with_redundancy(values: Mapping[str, Any]) -> dict[str, Any]:
    """No answers wanted means one: in the original such a task is handed out, and complete with its first answer."""
    return dict(values) | ({"n_answers": 1} if values.get("n_answers") == 0 else {})


async def create(session: AsyncSession, actor: Actor, project: Project, values: Mapping[str, Any]) -> Task:
    """A new task of the project. `values` are columns."""
    require(actor, Action.TASK_CREATE, about_project(project))
    return await add_row(session, Task(**_with_redundancy(values)))


async def create_many(
    session: AsyncSession, actor: Actor, projects: Iterable[Project], tasks: Sequence[TaskToAdd]
) -> list[int]:
    """Add tasks of these projects, all of them or none; their ids, in the same order."""
    for project in projects:
        require(actor, Action.TASK_CREATE, about_project(project))
    return await add_tasks(session, tasks) if tasks else []


async def update(
    session: AsyncSession, queue: Queue, actor: Actor, project: Project, task: Task, values: Mapping[str, Any]
) -> None:
    """Change columns of the task. Another redundancy completes or reopens it, with all that follows
    (docs/contract/gaps.md 2.3)."""
    require(actor, Action.TASK_UPDATE, about_task(project))
    changes = _with_redundancy(values)
    wanted = changes.pop("n_answers", None)
    await change_row(session, task, changes)
    if wanted is None or wanted == task.n_answers:
        return
    completed = await redundancy.set_for_task(session, task.project_id, task.id, wanted)
    await reload_row(session, task)
    await webhooks.announce_all(session, queue, project, completed)


async def facts_for_removal(session: AsyncSession, project: Project, task: Task) -> Facts:
    """The facts that removing a task needs: whether it has a result. Nobody can complete it meanwhile."""
    await TaskRepository(session).lock_slots(task.id)
    return about_task(project, has_results=await ResultRepository(session).any_of(task.id))


async def remove(session: AsyncSession, actor: Actor, project: Project, task: Task) -> None:
    """Remove the task with its answers and results."""
    require(actor, Action.TASK_DELETE, await facts_for_removal(session, project, task))
    await TaskRepository(session).remove(task)
