"""The project of a page's address: found, gated, and made into what every project page shows."""

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from urllib.parse import quote

from db.executors import Executor
from db.models import Blogpost, Category, Project, User
from db.queries.assignment import contribution_state
from db.queries.assignment.progress import ProjectProgress
from db.queries.projects.project_header import ProjectHeader, project_header
from db.session import AsyncSession
from webapp.errors import Forbidden, Unauthorized
from webapp.http.observe import note_project
from webapp.http.page import Redirected, RequestContext
from webapp.http.security.admission import is_admitted
from webapp.i18n import current_locale
from webapp.policies import Action, Facts, about_feature, about_project, can, require
from webapp.urls import project_url, with_next
from webapp.viewmodels.account.builders import standing_of
from webapp.viewmodels.page import Redirect, RenderedParts
from webapp.viewmodels.project.base import ProjectNav, ProjectPage
from webapp.viewmodels.public.pro import has_feature, pro_features
from webapp.viewmodels.public.project import bar, page_full, page_public
from webapp.viewmodels.public.user import owner_full, user_public

PageT = TypeVar("PageT", bound=ProjectPage)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SharedHeader:
    """The header of a project for everybody who may not change it, and the parts of pages that were rendered of it."""

    header: ProjectHeader
    rendered: RenderedParts = field(default_factory=dict)


class ProjectContext:
    """One project as one caller sees it. With `rendered` the header is shared with other requests, and not changed."""

    def __init__(self, ctx: RequestContext, header: ProjectHeader, rendered: RenderedParts | None = None) -> None:
        self.ctx = ctx
        self.header = header
        self.rendered = rendered
        note_project(header.project.id)
        self._facts: Facts | None = None
        """What `facts` says, where the project is not going to change in this request."""

    @property
    def project(self) -> Project:
        return self.header.project

    @property
    def progress(self) -> ProjectProgress:
        return self.header.progress

    @property
    def facts(self) -> Facts:
        if self._facts is None or self.rendered is None:
            self._facts = about_project(self.project, admitted=is_admitted(self.ctx, self.project))
        return self._facts

    async def cached(self, name: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        """What a page shows to everybody who sees the project: with a shared header it is read once, and is the same in
        all pages that have the same `rendered`."""
        if self.rendered is None:
            return await read()
        key = (name, current_locale())
        if key not in self.rendered:
            # Kept where another request has been quicker: parts that were rendered show that one's.
            self.rendered.setdefault(key, await self.ctx.cached((self.project.id, *key), read, of=(Project,)))
        value: T = self.rendered[key]
        return value

    def require(self, action: Action) -> None:
        """Return if the caller may do this to the project. Raises Unauthorized or Forbidden."""
        require(self.ctx.actor, action, self.facts)

    def require_feature(self, action: Action, feature: str) -> None:
        """Return if the caller may do this, and has the optional feature that it is of. Raises Unauthorized or
        Forbidden."""
        is_open = about_feature(feature, self.ctx.settings.pro_features).feature_open
        require(self.ctx.actor, action, replace(self.facts, feature_open=is_open))

    def may(self, action: Action) -> bool:
        return can(self.ctx.actor, action, self.facts)

    @property
    def executor(self) -> Executor:
        """Where to ask what only this contributor is told: without a transaction where nothing else needs one."""
        return self.ctx.uow.in_session if self.rendered is None else self.ctx.uow.autocommit

    def url(self, rest: str = "") -> str:
        """The path of one of the project's pages."""
        return project_url(self.project.short_name, rest)

    async def page(self, model: type[PageT], /, *, active: str = "", full: bool = False, **fields: Any) -> PageT:
        """A page of this project, its common parts filled in. `full` shows owners the whole project."""
        button = await self.contrib_button() if model.offers_button or self._is_creator() else ""
        common = {
            "project": self._shown(button, full=full),
            "owner": self._owner(full=full),
            "pro_features": pro_features(self.ctx.actor, self.ctx.settings),
            "nav": self._nav(active, button),
            **bar(self.progress),
        }
        if self.rendered is not None:
            common["rendered"] = self.rendered
        return model(**common | fields)

    def _edits(self) -> bool:
        return self.may(Action.PROJECT_UPDATE)

    def _is_creator(self) -> bool:
        return self.ctx.actor.user_id == self.project.owner_id

    def _n_blogposts(self) -> int:
        """How many posts there are for this caller."""
        return self.header.n_posts if self._edits() else self.header.n_published_posts

    def _shown(self, button: str, *, full: bool) -> dict[str, Any]:
        if not (self._is_creator() or (full and self._edits())):
            return page_public(self.project, self.progress, self.header.owner.fullname, self._n_blogposts())
        shown = page_full(self.ctx.actor, self.project, self.progress, self._n_blogposts())
        return shown | {"contrib_button": button}

    def _owner(self, *, full: bool) -> dict[str, Any] | None:
        """The owner; key and address are shown to the owner alone, on `full` pages too (docs/contract/gaps.md 3.4)."""
        owner, standing = self.header.owner, standing_of(self.header.achievement)
        if self._is_creator() or (full and self._edits()):
            return owner_full(owner, standing, private=self._is_creator())
        return user_public(owner, standing)

    async def contrib_button(self) -> str:
        """What the one button of the project's page offers this caller (docs/contract/pages.md 1.6)."""
        progress = self.progress
        if progress.n_tasks and progress.n_completed_tasks >= progress.n_tasks:
            return "completed"
        if not self.project.published:
            ready = bool(self.project.info.get("task_presenter")) and progress.n_tasks > 0
            return "publish" if ready else "draft"
        contributor = self.ctx.actor.contributor or ""
        has_work = await contribution_state.has_work(self.executor, self.project.id, contributor)
        return "can_contribute" if has_work else "cannot_contribute"

    def _nav(self, active: str, button: str) -> ProjectNav:
        edits, category = self._edits(), self.header.category
        return ProjectNav(
            short_name=self.project.short_name,
            name=self.project.name,
            active=active,
            can_edit=edits,
            can_publish=edits and button == "publish",
            can_delete=edits and can(self.ctx.actor, Action.PROJECT_DELETE, self.facts_of_removal),
            in_charge=self.may(Action.PROJECT_MANAGE_COOWNERS),
            leaves_as=(self.ctx.actor.name or "") if self.may(Action.PROJECT_LEAVE) else "",
            can_see_changes=edits,
            can_autoimport=edits and has_feature(self.ctx.actor, self.ctx.settings, "autoimporter"),
            can_see_calls=edits and has_feature(self.ctx.actor, self.ctx.settings, "webhooks"),
            can_contribute=self.may(Action.PROJECT_CONTRIBUTE),
            can_browse=self.may(Action.PROJECT_BROWSE_TASKS),
            published=self.project.published,
            paused=self.project.paused,
            can_unpublish=self.project.published and self.may(Action.PROJECT_REVIEW),
            protected=self.facts.protected,
            has_tutorial=bool(self.project.info.get("tutorial")),
            has_results=self.progress.n_results > 0,
            category=category.name,
            category_short_name=category.short_name,
            n_blogposts=self._n_blogposts(),
            contrib_button=button,
        )

    @property
    def ckan(self) -> dict[str, str]:
        """Where the project's data is, or would be, where the site has a CKAN (docs/contract/pages.md 4.2)."""
        settings = self.ctx.settings
        if settings.ckan_url is None:
            return {}
        name = self.project.short_name
        return {"ckan_name": settings.ckan_name, "ckan_url": settings.ckan_url, "ckan_pkg_name": name}

    @property
    def facts_of_removal(self) -> Facts:
        """The facts that deleting the project needs, by somebody who names it."""
        return replace(self.facts, has_results=self.header.has_results, confirmed=True)

    def title(self, suffix: str = "") -> str:
        """`Project: <name> &middot; <suffix>`, as clients know it (docs/contract/pages.md 7)."""
        return f"Project: {self.project.name}" + (f" &middot; {suffix}" if suffix else "")


async def find_context(ctx: RequestContext, short_name: str) -> ProjectContext:
    """The project of this address. Raises NotFound."""
    return ProjectContext(ctx, await project_header(ctx.session, short_name))


async def owned_context(ctx: RequestContext, short_name: str, action: Action = Action.PROJECT_UPDATE) -> ProjectContext:
    """The project of this address, if the caller may do this to it."""
    context = await find_context(ctx, short_name)
    context.require(action)
    return context


async def gated_context(ctx: RequestContext, short_name: str) -> ProjectContext:
    """The project of this address, if the caller may see inside. Raises Redirected, to its password
    (docs/contract/pages.md 1.7), and as `find_context` does."""
    return gate(await find_context(ctx, short_name))


def gate(context: ProjectContext) -> ProjectContext:
    """The project, if the caller may see inside. Raises Redirected to its password, Unauthorized or Forbidden."""
    try:
        context.require(Action.PROJECT_VIEW)
    except (Unauthorized, Forbidden):
        if not context.facts.protected:
            raise
        password = with_next(context.url("password"), quote(context.ctx.path))
        raise Redirected(Redirect(password, always_302=True)) from None
    return context


async def remembered_context(ctx: RequestContext, short_name: str) -> ProjectContext:
    """As `gated_context`, from this second's memory for those who only look; whoever may change the project, or has
    just changed something, gets it as it is now."""
    return gate(await ungated_context(ctx, short_name))


async def ungated_context(ctx: RequestContext, short_name: str, *, fresh: bool = False) -> ProjectContext:
    """As `remembered_context`, for whoever asks: its caller decides who may. Raises NotFound."""
    if fresh or not ctx.may_be_stale:
        return await find_context(ctx, short_name)
    is_new = False

    async def read() -> SharedHeader:
        nonlocal is_new
        is_new = True
        return await _shared_header(ctx.session, short_name)

    shared = await ctx.cached(("project", short_name), read, of=(Project, Category, User, Blogpost))
    context = ProjectContext(ctx, shared.header, shared.rendered)
    if not context.may(Action.PROJECT_UPDATE):
        return context
    return ProjectContext(ctx, shared.header) if is_new else await find_context(ctx, short_name)


async def _shared_header(session: AsyncSession, short_name: str) -> SharedHeader:
    header = await project_header(session, short_name)
    # Many requests will read these rows; none of their sessions has them.
    for row in (header.project, header.owner, header.category):
        session.expunge(row)
    return SharedHeader(header)
