"""Contributing: drawing tasks, leasing them, answering them. What the product exists for (docs/architecture.md 6)."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, Required, TypedDict, Unpack

from db.errors import Duplicate
from db.executors import Executor
from db.queries.assignment import contribution_state, drawing, leasing, submitting
from db.queries.assignment.contribution import ProjectForContribution, last_answer
from db.session import AsyncSession, UnitOfWork
from webapp.actor import Actor
from webapp.errors import Forbidden, UnsupportedMedia
from webapp.integrations.queue import Queue
from webapp.policies import Action, about_project, require
from webapp.services.contributing.scheduling import Scheduler, scheduler_of
from webapp.services.projects import webhooks

MOST_TASKS = 100
"""How many tasks one draw returns at the most."""
RANDOM = "random"
NOT_REQUESTED = "You must request a task first!"
KEY_USED = "This Idempotency-Key has come with an answer to another task: each answer has a key of its own."
REFUSALS: dict[str, str] = {
    "no task": "Invalid task_id",
    "other project": "Invalid project_id",
    "not requested": NOT_REQUESTED,
    "answered": "You have already answered this task.",
}
"""Why an answer is not taken in (docs/contract/api.md 2.3)."""


class AnswerFields(TypedDict, total=False):
    """An answer as it came in."""

    task_id: Required[int]
    info: Required[Any]
    media_url: str | None
    timeout: int | None
    calibration: int | None
    idempotency_key: str | None


@dataclass(frozen=True, slots=True)
class Contributor:
    """In whose name tasks are drawn and answered: the one key, and how a run of theirs is attributed."""

    key: str
    user_id: int | None = None
    user_ip: str | None = None
    external_uid: str | None = None


def contributor_of(actor: Actor, project_id: int, external_uid: str | None = None) -> Contributor:
    """The contributor that this actor is; `external_uid` only once the project's token has been verified."""
    if external_uid is not None:
        return Contributor(f"ext:{project_id}:{external_uid}", external_uid=external_uid)
    if actor.contributor is None:
        raise Forbidden("Nobody in particular cannot contribute.")
    if (user_id := actor.user_id or actor.frame_user_id) is not None:
        return Contributor(actor.contributor, user_id=user_id)
    return Contributor(actor.contributor, user_ip=actor.ip)


def may_contribute(actor: Actor, project: ProjectForContribution, *, vouched: bool = False) -> None:
    """Return if the actor may draw and answer here; `vouched` by the project's own token, which admits anybody it
    names."""
    if actor.frame_project_id not in (None, project.id):
        raise Forbidden("A presenter works for its own project only.")
    # A frame got its token from a page that had checked its volunteer.
    admitted = vouched or actor.frame_project_id == project.id
    facts = about_project(project, admitted=admitted or project.admitted)
    if admitted:
        facts = replace(facts, anonymous_allowed=True)
    require(actor, Action.TASKRUN_CREATE, facts)


async def draw(
    executor: Executor,
    contributor: Contributor,
    project: ProjectForContribution,
    *,
    limit: int = 1,
    offset: int = 0,
    orderby: str = "id",
    descending: bool = False,
) -> list[drawing.DrawnTask]:
    """The next tasks for this contributor (docs/contract/schedulers.md); empty if nothing is left, or while the project
    is paused. `may_contribute` has been checked. Raises UnsupportedMedia for an `orderby` that is no column of a
    task."""
    scheduler = scheduler_of(project.sched)
    if project.paused or not scheduler.check_offset(offset):
        return []
    ordering = _ordering(scheduler, orderby, descending=descending)
    query = drawing.Draw(
        project_id=project.id,
        version=project.version,
        contributor=contributor.key,
        order=ordering.order,
        sort=ordering.sort,
        any_state=scheduler.any_state,
        leases=scheduler.leases,
        limit=min(limit, 1 if scheduler.single else MOST_TASKS),
        offset=offset,
        lease_seconds=project.lease_seconds,
    )
    tasks = await drawing.draw(executor, query)
    if scheduler.shows_last_answer:
        return [await _with_last_answer(executor, task) for task in tasks]
    return tasks


def _ordering(scheduler: Scheduler, column: str, *, descending: bool) -> drawing.Ordering:
    if scheduler.order is not None:
        column, descending = scheduler.order, scheduler.descending
    if column == RANDOM and scheduler.order == RANDOM:
        return drawing.RANDOM_ORDER
    try:
        return drawing.ordering(column, descending=descending, fewest_runs_first=scheduler.fewest_runs_first)
    except KeyError as error:
        raise UnsupportedMedia(f"type object 'Task' has no attribute '{column}'", kind="AttributeError") from error


async def is_waiting(executor: Executor, contributor: Contributor, project: ProjectForContribution) -> bool:
    """Whether work is left for this contributor that others have leased for now."""
    return await contribution_state.has_work(executor, project.id, contributor.key)


async def _with_last_answer(executor: Executor, task: drawing.DrawnTask) -> drawing.DrawnTask:
    answer, found = await last_answer(executor, task.id)
    if not found or not isinstance(task.info, dict):
        return task
    return replace(task, info=task.info | {"last_answer": answer})


async def offer(session: AsyncSession, contributor: Contributor, project: ProjectForContribution, task_id: int) -> None:
    """Permission to answer the task that the contributor chose by its address."""
    await leasing.offer(
        session,
        project_id=project.id,
        task_id=task_id,
        contributor=contributor.key,
        lease_seconds=project.lease_seconds,
    )


async def lease(executor: Executor, contributor: Contributor, project: ProjectForContribution, task_id: int) -> bool:
    """Lease a slot of an offered task as it is shown. False if its slots have gone: draw another. Raises Forbidden."""
    wanted = leasing.Lease(project.id, project.version, task_id, contributor.key, project.lease_seconds)
    outcome = await leasing.lease(executor, wanted)
    if outcome == "not offered":
        raise Forbidden(NOT_REQUESTED)
    return outcome == "leased"


async def reserve(
    executor: Executor, contributor: Contributor, project: ProjectForContribution, task_id: int, unsent: Collection[int]
) -> bool:
    """Keep the slot of the task that is shown while the next one is drawn; `unsent` are the tasks whose answers are on
    their way, and keep theirs. False if its slots have gone, or if it is answered. Raises Forbidden.
    """
    if not scheduler_of(project.sched).leases:
        return True
    wanted = leasing.Reservation(
        project.id, project.version, task_id, contributor.key, tuple(unsent), project.lease_seconds
    )
    outcome = await leasing.reserve(executor, wanted)
    if outcome == "not offered":
        raise Forbidden(NOT_REQUESTED)
    return outcome == "reserved"


async def submit(
    uow: UnitOfWork,
    queue: Queue,
    contributor: Contributor,
    project: ProjectForContribution,
    *,
    alone: bool,
    **answer: Unpack[AnswerFields],
) -> submitting.Submitted:
    """Take in an answer, and tell the project's server of a task that it completes. Raises as `store_answer` does.

    `alone`: nothing else is written by the unit of work, so that the answer may commit by itself.
    """
    executor = uow.autocommit if alone and not project.webhook else uow.in_session
    submitted = await store_answer(executor, contributor, project, **answer)
    if submitted.result_id is not None and project.webhook:
        await webhooks.announce(uow.session, queue, project, answer["task_id"], submitted.result_id)
    return submitted


async def store_answer(
    executor: Executor, contributor: Contributor, project: ProjectForContribution, **answer: Unpack[AnswerFields]
) -> submitting.Submitted:
    """Store an answer: counted, or as surplus if the task has no slot left; never lost, never twice.

    What is given back was stored now, or before by the same submission. Raises Forbidden if there is no such task in
    the project, if it was never given to this contributor, or if they have answered it by another submission;
    UnsupportedMedia if its key has come with another task's answer.
    """
    new = submitting.Answer(
        project_id=project.id,
        version=project.version,
        breadth_first=scheduler_of(project.sched).fewest_runs_first,
        contributor=contributor.key,
        user_id=contributor.user_id,
        user_ip=contributor.user_ip,
        external_uid=contributor.external_uid,
        **answer,
    )
    try:
        submitted = await submitting.submit(executor, new)
    except Duplicate as error:
        if error.constraint != submitting.ONE_KEY:
            raise
        raise UnsupportedMedia(KEY_USED, kind="DBIntegrityError") from error
    if submitted.outcome in REFUSALS:
        raise Forbidden(REFUSALS[submitted.outcome])
    return submitted
