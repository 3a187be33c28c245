"""Contributing in the browser: the page around a presenter, and the frame that it is a guest in
(docs/architecture.md 7)."""

from typing import Any, TypeVar
from urllib.parse import quote

from markupsafe import escape
from quart import Blueprint

from db.models import Project
from db.queries.assignment import contribution
from db.queries.assignment.progress import contributor_progress
from db.queries.projects import project_listing
from db.queries.projects.project_listing import PageRequest, ProjectPage
from db.queries.reading.task_browsing import task_project
from webapp.errors import Forbidden, NotFound, Unauthorized
from webapp.http.page import Redirected, RequestContext, page
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.services.contributing import contributing
from webapp.services.contributing.contributing import contributor_of
from webapp.services.contributing.frame_token import LIFETIME
from webapp.urls import with_next
from webapp.viewmodels.page import Json, Redirect
from webapp.viewmodels.project.contributing import (
    ContributePage,
    FrameNoticePage,
    FramePage,
    TutorialPage,
    WrongTaskPage,
)
from webapp.viewmodels.public.project import card
from webapp.views.project.context import ProjectContext, remembered_context
from webapp.views.project.frames import (
    DOCUMENTS,
    PRESENTER,
    PREVIEW,
    TUTORIAL,
    around_frame_headers,
    document,
    frame_config,
    frame_token_of,
    guest_host,
)

ContributeT = TypeVar("ContributeT", bound=ContributePage)
blueprint = Blueprint("project_contributing", __name__)
CONTRIBUTE = Action.PROJECT_CONTRIBUTE
SEEN = "seen"


async def _context(ctx: RequestContext, short_name: str) -> ProjectContext:
    """The project, for an actor who may contribute to it; anonymous volunteers are sent to sign in where it asks for
    it. Raises Redirected."""
    context = await remembered_context(ctx, short_name)
    try:
        context.require(Action.PROJECT_CONTRIBUTE)
    except (Unauthorized, Forbidden):
        signin = with_next("/account/signin", context.url("presenter"))
        raise Redirected(Redirect(signin, always_302=True)) from None
    return context


async def _running(ctx: RequestContext, short_name: str) -> ProjectContext:
    """As `_context`, for what hands out tasks: a project that is paused shows its own page instead. Raises
    Redirected."""
    context = await _context(ctx, short_name)
    if context.project.paused:
        await ctx.flash(_("This project is paused: come back later."), "info")
        raise Redirected(Redirect(context.url(), always_302=True))
    return context


def _seen_cookie(short_name: str) -> str:
    """The cookie of who has seen the tutorial; its name is as in the original, but for letters that it cannot hold."""
    return quote(short_name, safe="") + "tutorial"


@page(
    blueprint,
    "/project/<short_name>/newtask",
    action=Action.PROJECT_CONTRIBUTE,
    html_only=True,
    volunteer_cookie=True,
    frame_document=True,
)
@page(
    blueprint,
    "/project/<short_name>/presenter",
    action=Action.PROJECT_CONTRIBUTE,
    html_only=True,
    volunteer_cookie=True,
    frame_document=True,
)
async def presenter(ctx: RequestContext, short_name: str) -> ContributePage | TutorialPage | FramePage:
    """Contribute: the tutorial the first time, then task after task."""
    if ctx.is_framed:
        return await document(ctx, short_name, PRESENTER, "newtask")
    context = await _running(ctx, short_name)
    if context.project.info.get("tutorial") and ctx.cookie(_seen_cookie(short_name)) is None:
        return await _tutorial(ctx, context)
    return await _contribute(ctx, context, ContributePage, frame="frame")


@page(
    blueprint,
    "/project/<short_name>/task/<int:task_id>",
    action=Action.PROJECT_CONTRIBUTE,
    writes=True,
    volunteer_cookie=True,
    frame_document=True,
)
async def task(ctx: RequestContext, short_name: str, task_id: int) -> ContributePage | WrongTaskPage | FramePage:
    """Contribute, beginning with this very task, which is offered for it."""
    if ctx.is_framed:
        return await document(ctx, short_name, PRESENTER, f"task/{task_id}")
    owner = await task_project(ctx.session, task_id)
    if owner is None:
        raise NotFound
    # By this address the page around a presenter also has permission renewed for an answer that is there already.
    context = await (_context if ctx.wants_json else _running)(ctx, short_name)
    title = context.title("Contribute")
    if owner != context.project.id:
        return await _contribute(ctx, context, WrongTaskPage, frame="", title=title)
    project = await contribution.find_project(ctx.uow.in_session, context.project.id)
    if project is not None:
        await contributing.offer(ctx.session, contributor_of(ctx.actor, project.id), project, task_id)
    if ctx.actor.is_anonymous and ctx.wants_json:
        await ctx.flash(_no_credit(context.url(f"task/{task_id}")), "warning")
    return await _contribute(ctx, context, ContributePage, frame=f"frame/task/{task_id}", task_id=task_id, title=title)


def _no_credit(path: str) -> str:
    """What clients show to volunteers who are not signed in (docs/contract/pages.md 4.3): HTML, as flashed texts may
    be. Our own page has its way to sign in at its head."""
    words = _("You get no credit for your answers while you are not signed in.")
    return f'{escape(words)} <a href="{escape(with_next("/account/signin", path))}">{escape(_("Sign in"))}</a>'


@page(
    blueprint,
    "/project/<short_name>/tutorial",
    action=Action.PROJECT_VIEW,
    volunteer_cookie=True,
    frame_document=True,
)
async def tutorial(ctx: RequestContext, short_name: str) -> TutorialPage | FramePage:
    """How it is done."""
    if ctx.is_framed:
        return await document(ctx, short_name, TUTORIAL, TUTORIAL)
    return await _tutorial(ctx, await remembered_context(ctx, short_name))


async def _tutorial(ctx: RequestContext, context: ProjectContext) -> TutorialPage:
    ctx.set_cookie(_seen_cookie(context.project.short_name), SEEN, max_age=365 * 24 * 3600)
    return await _contribute(ctx, context, TutorialPage, frame="frame/tutorial", title=context.title("Tutorial"))


async def _contribute(
    ctx: RequestContext,
    context: ProjectContext,
    kind: type[ContributeT],
    *,
    frame: str,
    task_id: int | None = None,
    title: str | None = None,
) -> ContributeT:
    project = context.project
    key = ctx.actor.contributor or ""
    done, total = await contributor_progress(context.executor, project.id, key)
    url = context.url(frame) if frame else ""
    built = await context.page(
        kind,
        title=title or context.title("Contribute"),
        frame_url=url,
        done=done,
        can_skip=bool(project.info.get("allow_skip")),
        has_presenter=bool(project.info.get("task_presenter")),
        next_project=await _next_project(ctx, project.id),
    )
    built.headers = around_frame_headers(ctx, project.id)
    built.config = frame_config(ctx, context, url) | {
        "name": project.name,
        "description": project.description,
        "task_id": task_id,
        "done": done,
        "total": total,
    }
    return built


async def _next_project(ctx: RequestContext, project_id: int) -> dict[str, Any] | None:
    """Another project to go on with: the first of the ranking that is not complete."""
    found = await ctx.cached("first projects", lambda: _first(ctx), of=(Project,))
    others = [one for one in found.projects if one.id != project_id and one.overall_progress < 100]
    return card(others[0]) if others else None


async def _first(ctx: RequestContext) -> ProjectPage:
    return await project_listing.public(ctx.session, PageRequest(limit=5))


@page(
    blueprint,
    "/project/<short_name>/frame",
    action=Action.PROJECT_CONTRIBUTE,
    html_only=True,
    frame_document=True,
)
async def frame(ctx: RequestContext, short_name: str) -> FramePage | FrameNoticePage:
    """The presenter's document."""
    return await _frame(ctx, short_name, PRESENTER, "newtask")


@page(
    blueprint,
    "/project/<short_name>/frame/task/<int:task_id>",
    action=Action.PROJECT_CONTRIBUTE,
    html_only=True,
    frame_document=True,
)
async def task_frame(ctx: RequestContext, short_name: str, task_id: int) -> FramePage | FrameNoticePage:
    """The presenter's document, which begins with this task."""
    return await _frame(ctx, short_name, PRESENTER, f"task/{task_id}")


@page(
    blueprint,
    "/project/<short_name>/frame/<part>",
    action=Action.PROJECT_VIEW,
    html_only=True,
    frame_document=True,
)
async def part_frame(ctx: RequestContext, short_name: str, part: str) -> FramePage | FrameNoticePage:
    """The document of the tutorial, of the results, or of the editor's preview."""
    if part not in DOCUMENTS or part == PRESENTER:
        raise NotFound
    return await _frame(ctx, short_name, part, "newtask" if part == PREVIEW else part)


async def _frame(ctx: RequestContext, short_name: str, part: str, address: str) -> FramePage | FrameNoticePage:
    """A document for frames alone; whoever opens its address otherwise is shown the way to the project."""
    if ctx.may_be_framed:
        return await document(ctx, short_name, part, address)
    context = await _context(ctx, short_name)
    return await context.page(FrameNoticePage, title=context.title())


@page(blueprint, "/project/<short_name>/frame-token", action=Action.PROJECT_CONTRIBUTE)
async def frame_token(ctx: RequestContext, short_name: str) -> Json:
    """A fresh token for the frame, fetched by the page around it before the old one ends, and who contributes here
    now."""
    context = await _context(ctx, short_name)
    body = {
        "token": frame_token_of(ctx, context),
        "guest": guest_host(ctx, context),
        "who": ctx.actor.contributor,
        "expires_in": int(LIFETIME.total_seconds()),
    }
    return Json(body)
