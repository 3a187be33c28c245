"""The hot path: drawing tasks, leasing and answering them, and one's progress (docs/contract/api.md 2.3, 4 and 5)."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import Any, TypedDict

from quart import Blueprint

from db.errors import StaleVersion
from db.queries.assignment import contribution, leasing
from db.queries.assignment.contribution import ProjectForContribution
from db.queries.assignment.progress import contributor_progress
from db.queries.assignment.submitting import Submitted
from db.queries.reading.task_runs import find_run
from webapp.actor import Actor
from webapp.api.arguments import LARGEST, boolean, is_number, json_object, whole_number
from webapp.api.described import NUMBER, TEXT, TRUTH, Argument, closed, described, ref
from webapp.errors import Forbidden, NotFound, Unauthorized, UnsupportedMedia, WorkbeeError
from webapp.http.observe import note_project
from webapp.http.page import RequestContext, endpoint
from webapp.http.security.admission import is_admitted
from webapp.policies import Action, about_project, authorization_decided, require
from webapp.services.contributing import contributing, project_token
from webapp.services.contributing.contributing import AnswerFields, Contributor, contributor_of
from webapp.viewmodels.page import Json, Text

blueprint = Blueprint("api_contributing", __name__)


NO_ANONYMOUS = "This project does not allow anonymous contributors"


class NoAnonymous(Unauthorized):
    """The project wants to know who answers."""

    kind = "Unauthorized"
    message = NO_ANONYMOUS


def is_nobody(actor: Actor) -> bool:
    """Whether the caller has no account, neither itself nor through a presenter's frame."""
    return actor.user_id is None and actor.frame_user_id is None


NULL_TASK = ("id", "created", "project_id", "state", "quorum", "calibration", "priority_0", "n_answers", "fav_user_ids")
IDEMPOTENCY_HEADER = "Idempotency-Key"
LONGEST_KEY, LONGEST_UID = 100, 255
LEFT_HEADER = "X-Workbee-Left"
"""Tells `{}` apart: `waiting` (all in other hands for now) or `none` (nothing is left for this contributor)."""
WAITING, NONE = "waiting", "none"
MOST_UNSENT = 5
"""For how many tasks whose answers are on their way slots are kept: nobody parks more."""
NOTHING_LEFT = closed()
REFUSED_TASK = closed(info=closed(error=TEXT), **{name: {"type": "null"} for name in NULL_TASK})
EXTERNAL_UID = Argument("external_uid", "The user of the project's own app, vouched for by its token")


def _key(text: str) -> int | str:
    """The id that the text is, or the short name."""
    return int(text) if is_number(text) and len(text) < 19 else text


async def _project(ctx: RequestContext, key: str) -> ProjectForContribution:
    """The project of this id or short name, with what the caller has shown to be admitted. Raises NotFound."""
    project = await contribution.find_project(ctx.uow.autocommit, _key(key), lease_default=ctx.settings.hold_seconds)
    if project is None:
        raise NotFound
    ctx.app_services.projects.put(project.id, project)
    note_project(project.id)
    return _admitted(ctx, project)


def _admitted(ctx: RequestContext, project: ProjectForContribution) -> ProjectForContribution:
    return replace(project, admitted=True) if is_admitted(ctx, project) else project


async def _resolve_caller(
    ctx: RequestContext, project_id: str, given_uid: Any
) -> tuple[ProjectForContribution, Contributor]:
    """The project, and the contributor that the caller is in it: a remembered one will do for letting in, but whoever
    is turned away is so by the project as it is now. Raises NotFound, TokenRefused, NoAnonymous and what policies
    raise."""
    key = _key(project_id)
    # By its short name it may be another's by now.
    known = ctx.app_services.projects.find(key) if isinstance(key, int) else None
    if known is not None and not known.paused:  # it may go on by now
        note_project(known.id)
        project = _admitted(ctx, known)
        with suppress(WorkbeeError):
            return project, _contributor(ctx, project, given_uid)
    project = await _project(ctx, project_id)
    return project, _contributor(ctx, project, given_uid)


def _contributor(ctx: RequestContext, project: ProjectForContribution, given_uid: Any) -> Contributor:
    external = None
    if given_uid not in (None, ""):
        project_token.verify(ctx.header("Authorization"), project)
        external = str(given_uid)
        if len(external) > LONGEST_UID:
            raise UnsupportedMedia(f"external_uid has at most {LONGEST_UID} characters")
    elif is_nobody(ctx.actor) and not project.allow_anonymous_contributors:
        raise NoAnonymous
    contributing.may_contribute(ctx.actor, project, vouched=external is not None)
    return contributor_of(ctx.actor, project.id, external)


@contextmanager
def _invalidate_on_stale(ctx: RequestContext, project: ProjectForContribution) -> Iterator[None]:
    """Forget a project that turns out to have changed: the unit of work, which is run again, reads it again."""
    try:
        yield
    except StaleVersion:
        ctx.app_services.projects.drop(project.id)
        raise


@endpoint(
    blueprint,
    "/api/<key>/newtask",
    action=Action.TASKRUN_CREATE,
    scope="api.newtask",
    kind="contributor",
    writes=True,
    frame=True,
)
@endpoint(
    blueprint,
    "/api/project/<key>/newtask",
    action=Action.TASKRUN_CREATE,
    scope="api.newtask",
    kind="contributor",
    writes=True,
    frame=True,
)
@described(
    {"anyOf": [ref("Task"), {"type": "array", "items": ref("Task")}, NOTHING_LEFT, REFUSED_TASK]},
    Argument("limit", "How many tasks: the first is leased, the others are offered", NUMBER),
    Argument("offset", "How many to pass over", NUMBER),
    Argument("orderby", "The column to order by"),
    Argument("desc", "The greatest first", TRUTH),
    EXTERNAL_UID,
    refusals=(401, 403, 404, 415),
    bearer=True,
)
async def newtask(ctx: RequestContext, key: str) -> Json:
    """The next task for the caller: an object, `{}` if nothing is left, an array where `limit` asks for several."""
    if not is_number(key):
        raise UnsupportedMedia(f"invalid literal for int() with base 10: '{key}'")
    try:
        project, contributor = await _resolve_caller(ctx, key, ctx.args.get("external_uid"))
    except project_token.TokenRefused as refused:
        authorization_decided(Action.TASKRUN_CREATE)  # refused
        return Json({"code": refused.code, "description": refused.message}, refused.status)
    except NoAnonymous:
        authorization_decided(Action.TASKRUN_CREATE)  # refused
        return Json(dict.fromkeys(NULL_TASK) | {"info": {"error": NO_ANONYMOUS}})
    with _invalidate_on_stale(ctx, project):
        tasks = await contributing.draw(
            ctx.uow.autocommit,
            contributor,
            project,
            limit=min(whole_number(ctx.args.get("limit", "1")), contributing.MOST_TASKS),
            offset=whole_number(ctx.args.get("offset", "0")),
            **_order(ctx),
        )
    ctx.app_services.counters.draws += len(tasks)
    if not tasks:
        waiting = await contributing.is_waiting(ctx.uow.autocommit, contributor, project)
        return Json({}, headers={LEFT_HEADER: WAITING if waiting else NONE})
    return Json(tasks[0] if len(tasks) == 1 else tasks)


class _Order(TypedDict):
    orderby: str
    descending: bool


def _order(ctx: RequestContext) -> _Order:
    """The order that the caller asks for."""
    return {"orderby": ctx.args.get("orderby", "id"), "descending": boolean(ctx.args.get("desc", "false"))}


@endpoint(
    blueprint,
    "/api/project/<int:project_id>/hold",
    methods=("POST",),
    action=Action.TASKRUN_CREATE,
    scope="api.newtask",
    kind="contributor",
    frame_writes=True,
)
@described(
    closed(held={"type": "boolean"}), body=closed(task_id={"type": "integer"}), refusals=(400, 401, 403, 413, 415)
)
async def hold(ctx: RequestContext, project_id: int) -> Json:
    """Lease a slot of an offered task as it is shown: `{"held": false}` if all have gone, and another is to be
    drawn."""
    project, contributor = await _resolve_caller(ctx, str(project_id), None)
    task_id = _task_id(json_object(ctx.body_parts.raw).get("task_id"))
    with _invalidate_on_stale(ctx, project):
        return Json({"held": await contributing.lease(ctx.uow.autocommit, contributor, project, task_id)})


@endpoint(
    blueprint,
    "/api/project/<int:project_id>/next",
    methods=("POST",),
    action=Action.TASKRUN_CREATE,
    scope="api.newtask",
    kind="contributor",
    frame_writes=True,
)
@described(
    closed(held={"type": "boolean"}, task={"anyOf": [ref("Task"), {"type": "null"}]}, left=TEXT),
    Argument("orderby", "The column to order by"),
    Argument("desc", "The greatest first", TRUTH),
    body=closed(task_id={"type": "integer"}, unsent={"type": "array", "items": {"type": "integer"}}),
    refusals=(400, 401, 403, 404, 413, 415),
)
async def next_task(ctx: RequestContext, project_id: int) -> Json:
    """Draw the next task while another is shown, in one request: the slot of the task shown is kept (`held`; false if
    it has gone), that of the next is leased. `unsent` are tasks whose answers are on their way: their slots are kept
    too. `left` says `waiting` or `none` where there is no next task."""
    project, contributor = await _resolve_caller(ctx, str(project_id), None)
    document = json_object(ctx.body_parts.raw)
    shown, unsent = _task_id(document.get("task_id")), _task_ids(document.get("unsent"))
    caller = ctx.uow.autocommit
    with _invalidate_on_stale(ctx, project):
        held = await contributing.reserve(caller, contributor, project, shown, unsent)
        tasks = await contributing.draw(caller, contributor, project, **_order(ctx))
    ctx.app_services.counters.draws += len(tasks)
    # Where nothing else is open, what is kept for the contributor comes again.
    if tasks and tasks[0].id not in (shown, *unsent):
        return Json({"held": held, "task": tasks[0], "left": WAITING})
    waiting = await contributing.is_waiting(caller, contributor, project)
    return Json({"held": held, "task": None, "left": WAITING if waiting else NONE})


def _task_id(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LARGEST:
        raise UnsupportedMedia("task_id must be a whole number")
    return value


def _task_ids(value: Any) -> list[int]:
    if not isinstance(value, list) or len(value) > MOST_UNSENT:
        raise UnsupportedMedia(f"unsent must be a list of at most {MOST_UNSENT} tasks")
    return [_task_id(one) for one in value]


async def create_taskrun(ctx: RequestContext, given: dict[str, Any], *, alone: bool) -> Json:
    """Store an answer (docs/contract/api.md 2.3). `given` is the run as it came, of known keys only; `alone` if nothing
    else is written by the request, so that the answer may commit by itself."""
    try:
        return await _store(ctx, given, alone=alone)
    except WorkbeeError as refused:
        # Of several reasons for a refusal the contract's first is told.
        await _check_task(ctx, given, refused)
        raise


async def authorize_taskrun(ctx: RequestContext, given: dict[str, Any]) -> None:
    """Return if the caller may send this answer; otherwise raise what sending it would. For answers whose file is to be
    looked into, which costs more than to be told so."""
    try:
        _, contributor = await _answering(ctx, given)
        if not await leasing.was_offered(ctx.uow.autocommit, task_id=given["task_id"], contributor=contributor.key):
            raise Forbidden(contributing.NOT_REQUESTED)
    except WorkbeeError as refused:
        await _check_task(ctx, given, refused)
        raise


async def _check_task(ctx: RequestContext, given: dict[str, Any], refused: WorkbeeError) -> None:
    """Return if the task is the project's, and was given to an anonymous caller who is `refused` as such. Raises
    Forbidden."""
    caller, task_id = ctx.uow.autocommit, given.get("task_id")
    actual = None if task_id is None else await contribution.project_of_task(caller, task_id)
    if actual is None or task_id is None:
        raise Forbidden(contributing.REFUSALS["no task"])
    if actual != given.get("project_id"):
        raise Forbidden(contributing.REFUSALS["other project"])
    if isinstance(refused, NoAnonymous):
        who = contributor_of(ctx.actor, actual)
        if not await leasing.was_offered(caller, task_id=task_id, contributor=who.key):
            raise Forbidden(contributing.NOT_REQUESTED)


async def _answering(ctx: RequestContext, given: dict[str, Any]) -> tuple[ProjectForContribution, Contributor]:
    """The project that is answered in, and who answers. Raises what `_resolve_caller` raises, and Forbidden."""
    if given.get("task_id") is None:
        raise Forbidden(contributing.REFUSALS["no task"])
    try:
        return await _resolve_caller(ctx, str(given.get("project_id")), given.get("external_uid"))
    except project_token.TokenRefused as refused:
        raise Forbidden(refused.message) from refused


async def _store(ctx: RequestContext, given: dict[str, Any], *, alone: bool) -> Json:
    project, contributor = await _answering(ctx, given)
    answer = _answer(ctx, given)
    with _invalidate_on_stale(ctx, project):
        submitted = await contributing.submit(
            ctx.uow, ctx.app_services.queue, contributor, project, alone=alone, **answer
        )
    if submitted.outcome == "stored":
        ctx.uow.after_commit(partial(_count_answer, ctx, project.id))
        return Json(_run(project, contributor, answer, submitted))
    return Json(await find_run(ctx.session, submitted.run_id or 0))


async def _count_answer(ctx: RequestContext, project_id: int) -> None:
    ctx.app_services.streams.touch(project_id)
    ctx.app_services.counters.answers += 1


def _run(
    project: ProjectForContribution, contributor: Contributor, answer: AnswerFields, submitted: Submitted
) -> dict[str, Any]:
    """The task run just stored, as `find_run` would read it."""
    return {
        "id": submitted.run_id,
        "created": submitted.created,
        "project_id": project.id,
        "task_id": answer["task_id"],
        "user_id": contributor.user_id,
        "user_ip": contributor.user_ip,
        "finish_time": submitted.finish_time,
        "timeout": answer["timeout"],
        "calibration": answer["calibration"],
        "external_uid": contributor.external_uid,
        "media_url": answer["media_url"],
        "info": answer["info"],
        "counted": submitted.counted,
    }


def _answer(ctx: RequestContext, given: dict[str, Any]) -> AnswerFields:
    key = ctx.header(IDEMPOTENCY_HEADER)
    if key is not None and not 0 < len(key) <= LONGEST_KEY:
        raise UnsupportedMedia(f"{IDEMPOTENCY_HEADER} has at most {LONGEST_KEY} characters")
    return {
        "task_id": given["task_id"],
        "info": given.get("info"),
        "media_url": given.get("media_url"),
        "timeout": given.get("timeout"),
        "calibration": given.get("calibration"),
        "idempotency_key": key,
    }


def _is_vouched_for(ctx: RequestContext, project: ProjectForContribution, external_uid: str | None) -> bool:
    """Whether the project's own token comes with this external user."""
    if not external_uid:
        return False
    try:
        project_token.verify(ctx.header("Authorization"), project)
    except project_token.TokenRefused:
        return False
    return True


@endpoint(
    blueprint,
    "/api/app/<key>/userprogress",
    action=Action.TASK_READ,
    scope="api.userprogress",
    kind="contributor",
    frame=True,
)
@endpoint(
    blueprint,
    "/api/project/<key>/userprogress",
    action=Action.TASK_READ,
    scope="api.userprogress",
    kind="contributor",
    frame=True,
)
@described(closed(done=NUMBER, total=NUMBER), EXTERNAL_UID, refusals=(401, 403, 415))
async def userprogress(ctx: RequestContext, key: str) -> Json:
    """`{done, total}`: how many of the project's tasks the caller has answered, and how many there are."""
    project = await _project(ctx, key)
    external = ctx.args.get("external_uid")
    framed = ctx.actor.frame_project_id == project.id
    admitted = project.admitted or framed or _is_vouched_for(ctx, project, external)
    require(ctx.actor, Action.TASK_READ, about_project(project, admitted=admitted))
    who: Contributor = contributor_of(ctx.actor, project.id, external if ctx.actor.is_anonymous else None)
    done, total = await contributor_progress(ctx.uow.autocommit, project.id, who.key)
    return Json({"done": done, "total": total})


@endpoint(blueprint, "/api/auth/project/<short_name>/token", action=Action.SITE_VIEW, scope="api.token")
@described(TEXT, content_type="text/html", refusals=(403,))
async def project_jwt(ctx: RequestContext, short_name: str) -> Text:
    """The project's token for its own app, as bare text, for whoever shows the project's secret key."""
    project = await contribution.find_project(ctx.uow.autocommit, short_name)
    token = project_token.issue(project, ctx.header("Authorization"))
    return Text(token)
