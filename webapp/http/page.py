"""The two decorators through which every request comes: `page` for pages, `endpoint` for the API.

limits -> who -> may they -> body -> unit of work -> view -> commit -> respond (docs/architecture.md 3). A view returns
plain data; the transaction commits before anything is rendered; a raise rolls back; a refused form dooms the unit of
work.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from copy import deepcopy
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any, Literal

from quart import Blueprint, Response, current_app, session

from db.errors import TransientError
from db.repositories import ProjectRepository
from webapp.actor import Actor
from webapp.config import Settings
from webapp.errors import Forbidden, NotFound
from webapp.forms.base import WorkbeeForm
from webapp.http import once
from webapp.http.app_services import AppServices, current_services
from webapp.http.application import Request, current_request
from webapp.http.body import MULTIPART_TYPE, Body, is_json_type, read_body, wants_json
from webapp.http.limits.bounds import KIB, Weight, check_query, largest_body
from webapp.http.limits.ratelimit import Kind, WorkbeeLimiter, is_proven, limited
from webapp.http.locale import choose_locale
from webapp.http.observe import note_attempt
from webapp.http.request_context import RequestContext
from webapp.http.respond import Outcome, respond
from webapp.http.security import auth, csrf, frames
from webapp.policies import Action, can, needs_facts, require, track_authorization
from webapp.viewmodels.page import Redirect

log = logging.getLogger(__name__)
View = Callable[..., Awaitable[Outcome]]
REWRITTEN_HOST = "workbee_rewritten_host"
"""Under this name the app knows that it has said so."""
TRIES = 8
"""How often a unit of work is run when the database says that others were in the way."""


@dataclass(frozen=True)
class Route:
    """What a route declares; the rules of the whole read it (docs/architecture.md 9, habit 10)."""

    action: Action
    api: bool = False
    sign_in: bool = False
    writes: bool = False
    mutating_get: bool = False
    mutating_argument: str = ""
    """The argument of the query with which such a GET changes something; "" if it always does."""
    mutating_json: bool = False
    """Whether it changes something for callers alone who get JSON."""
    html_only: bool = False
    volunteer_cookie: bool = False
    weight: Weight = Weight.FIELDS
    """The largest body that it takes."""
    frame: bool = False
    """Whether a presenter's frame may read here with its token."""
    frame_writes: bool = False
    """Whether it may write here too: submit answers, hold tasks."""
    frame_document: bool = False
    """Whether a frame that is led here gets a presenter's document, by the same view."""
    fail_closed: bool = False
    """Whether what is sent here is refused (503) while Redis cannot count it; elsewhere it passes uncounted."""
    signed_link: bool = False
    """Whether what is sent here is proven by a key of ours in its address, which no other site knows, and by nothing
    else: programs that read mail send no cookie and no token (RFC 8058)."""
    forms: tuple[type[WorkbeeForm], ...] = ()
    """The forms that may be sent here; `RequestContext.bind` takes no other."""


def page(
    blueprint: Blueprint,
    rule: str,
    *,
    action: Action,
    methods: tuple[str, ...] = ("GET",),
    sign_in: bool = False,
    writes: bool = False,
    mutating_get: bool = False,
    mutating_argument: str = "",
    mutating_json: bool = False,
    html_only: bool = False,
    volunteer_cookie: bool = False,
    frame_document: bool = False,
    fail_closed: bool = False,
    signed_link: bool = False,
    weight: Weight = Weight.FIELDS,
    forms: tuple[type[WorkbeeForm], ...] = (),
    defaults: dict[str, Any] | None = None,
) -> Callable[[View], View]:
    """Register a page endpoint.

    `action` is what the caller wants to do; it is checked here unless its rule needs facts of a thing, which the
    service then requires. `sign_in`: anonymous callers are sent to sign in. `writes`: a GET that needs a writing
    transaction. `mutating_get`: a GET that changes something, kept for old clients, refused from other sites
    (`mutating_argument`: only with this argument; `mutating_json`: only as JSON).
    `html_only`: never JSON. `volunteer_cookie`: anonymous volunteers get the signed cookie that tells them apart.
    `frame_document`: in a frame the view returns a presenter's document. `fail_closed`: what is sent is refused while
    Redis cannot count it; routes whose views count attempts have to say so.
    `signed_link`: a signed key in the address, which the view looks at, is all that what is sent needs.
    `weight`: the largest body. `forms`: those that the view binds.
    """
    route = Route(
        action=action,
        signed_link=signed_link,
        sign_in=sign_in,
        writes=writes or mutating_get,
        mutating_get=mutating_get,
        mutating_argument=mutating_argument,
        mutating_json=mutating_json,
        html_only=html_only,
        volunteer_cookie=volunteer_cookie,
        frame_document=frame_document,
        fail_closed=fail_closed,
        weight=weight,
        forms=forms,
    )
    return _register(blueprint, rule, route, methods, kind="page", scope="page", defaults=defaults)


def endpoint(
    blueprint: Blueprint,
    rule: str,
    *,
    action: Action,
    scope: str,
    methods: tuple[str, ...] = ("GET",),
    kind: Literal["api", "contributor"] = "api",
    writes: bool = False,
    frame: bool = False,
    frame_writes: bool = False,
    weight: Weight = Weight.FIELDS,
    defaults: dict[str, Any] | None = None,
) -> Callable[[View], View]:
    """Register an API endpoint. `scope` names the rate limit's counter; `frame` and `frame_writes` let a presenter's
    frame read, and write; `weight` is the largest body."""
    route = Route(
        action=action, api=True, writes=writes, weight=weight, frame=frame or frame_writes, frame_writes=frame_writes
    )
    return _register(blueprint, rule, route, methods, kind=kind, scope=scope, defaults=defaults)


def _register(
    blueprint: Blueprint,
    rule: str,
    route: Route,
    methods: tuple[str, ...],
    *,
    kind: Kind,
    scope: str,
    defaults: dict[str, Any] | None,
) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        handler = getattr(view, "workbee_handler", None) or _handler(view, route, kind, scope)
        view.workbee_handler = handler  # type: ignore[attr-defined]
        blueprint.add_url_rule(rule, view.__name__, handler, methods=list(methods), defaults=defaults or {})
        return view

    return decorate


def _handler(view: View, route: Route, kind: Kind, scope: str) -> Callable[..., Awaitable[Response]]:
    @wraps(view)
    async def handle(**arguments: Any) -> Response:
        app_services, request = current_services(), current_request()
        if "\x00" in request.path:
            raise NotFound  # nothing that a database holds has such a name
        check_query(request.query_string)
        if route.api:
            _refuse_service_workers(request)
        elif (other := frames.elsewhere(app_services, request, has_document=route.frame_document)) is not None:
            return other
        if not route.api:
            choose_locale(app_services.settings)
        ctx, outcome = await _run(view, route, app_services, request, arguments)
        if not route.frame and (route.writes or request.method not in csrf.SAFE_METHODS):
            ctx.bypass_cache_after_write()
        return await respond(ctx, outcome, route)

    handle.workbee_route = route  # type: ignore[attr-defined]
    declared: Callable[..., Awaitable[Response]] = limited(kind, scope, fail_closed=route.fail_closed)(handle)
    return declared


async def _run(
    view: View, route: Route, app_services: AppServices, request: Request, arguments: dict[str, Any]
) -> tuple[RequestContext, Outcome]:
    """Run the view in a unit of work of its own, again from the start where others were in the way. Who asks, how often
    and with what is found out once, before there is a connection of the database."""
    read_only = request.method in csrf.SAFE_METHODS and not route.writes
    request.actor = actor = await _identify(route, app_services, request)
    await _authorize(route, app_services, request, actor)
    body = await _received(route, app_services, request, actor)
    # Deeply: a message is added to the list of those that wait.
    kept = None if route.api or read_only else deepcopy(dict(session))
    for attempt in range(TRIES):
        try:
            async with app_services.database.unit(read_only=read_only) as uow:
                ctx = RequestContext(app_services, request, body, actor, uow, route.forms, route.fail_closed)
                return ctx, await once.run_once(ctx, partial(_authorized, view, route, ctx, arguments))
        except TransientError as busy:
            if attempt == TRIES - 1:
                raise
            _note_retry(app_services, busy, number=attempt + 1)
            if kept is not None:
                _restore_session(kept)
            await asyncio.sleep(random.uniform(0.002, 0.01) * (attempt + 1))
    raise AssertionError("unreachable")


async def _authorized(view: View, route: Route, ctx: RequestContext, arguments: dict[str, Any]) -> Outcome:
    """What the view makes of the request. Raises MissingAuthorization."""
    required = track_authorization()
    try:
        outcome = await view(ctx, **arguments)
    except Redirected as elsewhere:
        outcome = elsewhere.redirect
    writes = route.api and ctx.method not in csrf.SAFE_METHODS
    if (writes or needs_facts(route.action)) and not required:
        raise MissingAuthorization(f"{ctx.method} {ctx.request.url_rule}: nobody has asked whether the caller may")
    return outcome


class Redirected(Exception):
    """The caller is sent elsewhere before the view can do its work: to a project's password, to sign in."""

    def __init__(self, redirect: Redirect) -> None:
        super().__init__(redirect.next)
        self.redirect = redirect


class MissingAuthorization(RuntimeError):
    """A view has ended without having asked whether its caller may: nothing of it is stored or told."""


def _restore_session(kept: dict[str, Any]) -> None:
    """What the view has put into the session, such as messages, it is going to put there once more."""
    if dict(session) != kept:
        session.clear()
        session.update(deepcopy(kept))


def _note_retry(app_services: AppServices, busy: TransientError, *, number: int) -> None:
    """Others were in the way for the `number`th time: the unit of work is run again."""
    app_services.counters.retries += 1
    note_attempt(number + 1)
    if number == 2:
        log.warning("others were in the way twice (%s): the request is run a third time", type(busy).__name__)


def _shows_itself(route: Route, request: Request) -> bool:
    """Whether the answer is the page that a volunteer sees, rather than its JSON or what is in its frame."""
    return (route.html_only or not wants_json(request)) and not frames.is_framed(request)


def _refuse_service_workers(request: Request) -> None:
    """A presenter on a host of its own must not outlive its page there: JSONP would be a script of its making."""
    if "Service-Worker" in request.headers:
        raise Forbidden("No service worker is served here.")


async def _identify(route: Route, app_services: AppServices, request: Request) -> Actor:
    """Who asks, as far as this route wants to know it."""
    actor = await auth.identify(app_services, request, cached=route.frame)
    if _is_public_read(route, request, actor):
        actor = auth.nobody(request, app_services)
    if route.volunteer_cookie and _shows_itself(route, request):
        actor = auth.assign_volunteer_id(request, actor)
    return actor


async def _authorize(route: Route, app_services: AppServices, request: Request, actor: Actor) -> None:
    """Turn away who may not come in, before the body is read."""
    limiter: WorkbeeLimiter = current_app.extensions["workbee_limiter"]
    await limiter.count_contributor(app_services, request, actor)
    writes = request.method not in csrf.SAFE_METHODS
    if actor.frame_project_id is not None and not (route.frame_writes if writes else route.frame):
        raise Forbidden("A presenter may not do this.")
    if route.api and (route.writes or writes):
        _check_origin(app_services.settings, request, actor)
    if route.sign_in and actor.is_anonymous:
        raise auth.SignInFirst
    if not needs_facts(route.action):
        require(actor, route.action)


async def _received(route: Route, app_services: AppServices, request: Request, actor: Actor) -> Body:
    """The body of the request, of no more bytes than this caller may send here, and with its token where it needs one.
    Raises RequestEntityTooLarge, RequestTimeout, ClientDisconnected, BadRequest and CsrfFailed."""
    if request.method in csrf.SAFE_METHODS and not route.mutating_get:
        return Body()
    is_anonymous = actor.user_id is None and actor.frame_user_id is None
    is_multipart = request.mimetype == MULTIPART_TYPE
    weight = route.weight
    if weight is Weight.IMPORT and not await _takes_many_tasks(app_services, request, actor):
        weight = Weight.DOCUMENT
    most = largest_body(weight, app_services.settings, is_anonymous=is_anonymous, is_multipart=is_multipart)
    if request.method not in csrf.SAFE_METHODS:
        request.limit_body(most)
    body = await read_body(request, lenient=route.api)
    if not (route.api or route.signed_link):
        _check_csrf(app_services.settings, route, request, body)
    return body


async def _takes_many_tasks(app_services: AppServices, request: Request, actor: Actor) -> bool:
    """Whether more than a document is taken from this caller: they need a project. Not asked where less is sent."""
    length = request.content_length
    if actor.user_id is None or (length is not None and length <= app_services.settings.max_answer_kib * KIB):
        return False
    if can(actor, Action.ADMIN):
        return True
    async with app_services.database.unit(read_only=True) as uow:
        return await ProjectRepository(uow.session).any_owned_by(actor.user_id)


def _is_public_read(route: Route, request: Request, actor: Actor) -> bool:
    """Whether a presenter's frame reads what is none of its project's: its token says nothing there, and it reads what
    anybody may."""
    is_read = route.api and not route.frame and request.method in csrf.SAFE_METHODS
    return is_read and actor.frame_project_id is not None


def _check_csrf(settings: Settings, route: Route, request: Request, body: Body) -> None:
    """Every unsafe request carries the session's token; a changing GET carries it, or is a JSON request that no
    other origin's page started."""
    if request.method in csrf.SAFE_METHODS:
        if not _changes_something(route, request):
            return
        if is_json_type(request) and not csrf.from_elsewhere(request):
            return
        token = csrf.sent_token(request, request.args)
    else:
        token = csrf.sent_token(request, body.fields)
    csrf.check_token(session, settings.key("csrf"), settings.csrf_lifetime, token)


def _changes_something(route: Route, request: Request) -> bool:
    """Whether this GET does."""
    if route.mutating_argument and route.mutating_argument not in request.args:
        return False
    return route.mutating_get and (wants_json(request) or not route.mutating_json)


def _check_origin(settings: Settings, request: Request, actor: Actor) -> None:
    """A write by cookie, a volunteer's as well, must not come from elsewhere (docs/contract/gaps.md 3.29); keys and
    frame tokens prove themselves, and who has none of them writes as anybody may."""
    if actor.by_key or actor.frame_project_id is not None or not is_proven(actor):
        return
    if request.trusted_origin is not None:
        return
    origin = request.headers.get("Origin")
    ours = (request.host_url.rstrip("/"), (settings.base_url or request.host_url).rstrip("/"))
    is_other = origin is not None and origin.rstrip("/") not in ours
    if request.headers.get("Sec-Fetch-Site") == "same-origin":
        # No script may say this for its browser, which knows better than we do where a proxy has rewritten Host.
        if is_other:
            _note_rewritten_host()
        return
    if is_other or csrf.from_elsewhere(request):
        raise Forbidden("Requests from another site may not write with your cookie.")


def _note_rewritten_host() -> None:
    """Say once in each process that links and guests' hosts follow a name that browsers do not know."""
    if not current_app.extensions.get(REWRITTEN_HOST):
        current_app.extensions[REWRITTEN_HOST] = True
        log.warning("A proxy rewrites Host: set WORKBEE_BASE_URL, or have it pass on the name (docs/operations.md)")


__all__ = ["Redirected", "RequestContext", "Route", "Weight", "endpoint", "page"]
