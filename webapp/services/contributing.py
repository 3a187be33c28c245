"""Contributing: drawing tasks, holding them, answering them. What the product exists for (design page, section 6)."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from db.direct import Caller
from db.errors import Duplicate
from db.queries import contribution_state, drawing, holding, submitting
from db.queries.contribution import ProjectForContribution, last_answer
from db.session import AsyncSession, UnitOfWork
from webapp.actor import Actor
from webapp.errors import Forbidden, UnsupportedMedia
from webapp.integrations.queue import Queue
from webapp.policies import Action, about_project, require
from webapp.services import webhooks
from webapp.services.scheduling import Scheduler, scheduler_of

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
"""Why an answer is not taken in (02-api section 2.3)."""


@dataclass(frozen=True, slots=True)
class DrawRequest:
    """What a caller of `newtask` asks for (02-api section 4)."""

    limit: int = 1
    offset: int = 0
    orderby: str = "id"
    descending: bool = False


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
    caller: Caller, contributor: Contributor, project: ProjectForContribution, asked: DrawRequest
) -> list[drawing.DrawnTask]:
    """The next tasks for this contributor; empty if nothing is left. `may_contribute` has been checked."""
    scheduler = scheduler_of(project.sched)
    if not scheduler.check_offset(asked.offset):
        return []
    limit = min(asked.limit, 1 if scheduler.single else MOST_TASKS)
    tasks = await drawing.draw(
        caller,
        drawing.Asked(
            project_id=project.id,
            version=project.version,
            contributor=contributor.key,
            order=_order(scheduler, asked),
            any_state=scheduler.any_state,
            holds=scheduler.holds,
            limit=limit,
            offset=asked.offset,
            hold_seconds=project.hold_seconds,
        ),
    )
    if scheduler.shows_last_answer:
        return [await _with_last_answer(caller, task) for task in tasks]
    return tasks


def _order(scheduler: Scheduler, asked: DrawRequest) -> drawing.Order:
    column, descending = asked.orderby, asked.descending
    if scheduler.order is not None:
        column, descending = scheduler.order, scheduler.descending
    if column == RANDOM and scheduler.order == RANDOM:
        return drawing.RANDOM_ORDER
    try:
        return drawing.ordering(column, descending=descending, fewest_runs_first=scheduler.fewest_runs_first)
    except KeyError as error:
        raise UnsupportedMedia(f"type object 'Task' has no attribute '{column}'", kind="AttributeError") from error


async def is_waiting(caller: Caller, contributor: Contributor, project: ProjectForContribution) -> bool:
    """Whether work is left for this contributor that is in other hands for now."""
    return await contribution_state.anything_left(caller, project.id, contributor.key)


async def _with_last_answer(caller: Caller, task: drawing.DrawnTask) -> drawing.DrawnTask:
    answer, found = await last_answer(caller, task.id)
    if not found or not isinstance(task.info, dict):
        return task
    return replace(task, info=task.info | {"last_answer": answer})


async def lend(session: AsyncSession, contributor: Contributor, project: ProjectForContribution, task_id: int) -> None:
    """Leave to answer the task that the contributor chose by its address."""
    await holding.lend(
        session,
        project_id=project.id,
        task_id=task_id,
        contributor=contributor.key,
        hold_seconds=project.hold_seconds,
    )


async def hold(caller: Caller, contributor: Contributor, project: ProjectForContribution, task_id: int) -> bool:
    """Hold a slot of a lent task as it is shown. False if its slots have gone: draw another. Raises Forbidden."""
    holds = await holding.hold_lent(
        caller,
        project_id=project.id,
        version=project.version,
        task_id=task_id,
        contributor=contributor.key,
        hold_seconds=project.hold_seconds,
    )
    if holds == "not given":
        raise Forbidden(NOT_REQUESTED)
    return holds == "held"


async def reserve(
    caller: Caller, contributor: Contributor, project: ProjectForContribution, task_id: int, unsent: Collection[int]
) -> bool:
    """Keep the slot of the task that is shown while the next one is drawn; `unsent` are the tasks whose answers are on
    their way, and keep theirs. False if its slots have gone, or if it is answered. Raises Forbidden.
    """
    if not scheduler_of(project.sched).holds:
        return True
    state = await holding.reserve(
        caller,
        project_id=project.id,
        version=project.version,
        task_id=task_id,
        contributor=contributor.key,
        unsent=unsent,
        hold_seconds=project.hold_seconds,
    )
    if state == "not given":
        raise Forbidden(NOT_REQUESTED)
    return state == "reserved"


@dataclass(frozen=True, slots=True)
class Submission:
    """An answer as it came in."""

    task_id: int
    info: Any
    media_url: str | None = None
    timeout: int | None = None
    calibration: int | None = None
    idempotency_key: str | None = None


async def submit(
    uow: UnitOfWork,
    queue: Queue,
    contributor: Contributor,
    project: ProjectForContribution,
    submission: Submission,
    *,
    alone: bool,
) -> submitting.Submitted:
    """Take in an answer, and tell the project's server of a task that it completes. Raises as `store_answer` does.

    `alone`: nothing else is written by the unit of work, so that the answer may commit by itself.
    """
    caller = uow.direct if alone and not project.webhook else uow.in_session
    submitted = await store_answer(caller, contributor, project, submission)
    if submitted.result_id is not None and project.webhook:
        await webhooks.announce(uow.session, queue, project, submission.task_id, submitted.result_id)
    return submitted


async def store_answer(
    caller: Caller, contributor: Contributor, project: ProjectForContribution, submission: Submission
) -> submitting.Submitted:
    """Store an answer: counted, or as surplus if the task has no slot left; never lost, never twice.

    What is given back was stored now, or before by the same submission. Raises Forbidden if there is no such task in
    the project, if it was never given to this contributor, or if they have answered it by another submission;
    UnsupportedMedia if its key has come with another task's answer.
    """
    run = submitting.NewRun(
        project_id=project.id,
        version=project.version,
        breadth_first=scheduler_of(project.sched).fewest_runs_first,
        task_id=submission.task_id,
        contributor=contributor.key,
        info=submission.info,
        user_id=contributor.user_id,
        user_ip=contributor.user_ip,
        external_uid=contributor.external_uid,
        media_url=submission.media_url,
        timeout=submission.timeout,
        calibration=submission.calibration,
        idempotency_key=submission.idempotency_key,
    )
    try:
        submitted = await submitting.submit(caller, run)
    except Duplicate as error:
        if error.constraint != submitting.ONE_KEY:
            raise
        raise UnsupportedMedia(KEY_USED, kind="DBIntegrityError") from error
    if submitted.outcome in REFUSALS:
        raise Forbidden(REFUSALS[submitted.outcome])
    return submitted
