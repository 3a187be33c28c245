"""The project of a page's address: found, gated, and made into what every project page shows."""

from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from urllib.parse import quote

from db.direct import Caller
from db.models import Category, Project, User
from db.queries import contribution_state
from db.queries.profile import achievement
from db.queries.progress import ProjectProgress, progress_of
from db.repositories import BlogpostRepository, ProjectRepository
from db.repositories.rows import get_row
from webapp.errors import Forbidden, Unauthorized
from webapp.http.admission import has_password
from webapp.http.observe import note_project
from webapp.http.page import Call, Redirected
from webapp.policies import Action, Facts, about_project, can, require
from webapp.services import projects
from webapp.urls import project_url, with_next
from webapp.viewmodels.account.builders import standing_of
from webapp.viewmodels.page import Drawn, Redirect
from webapp.viewmodels.project.base import Here, ProjectPage
from webapp.viewmodels.public.pro import has_feature, pro_features
from webapp.viewmodels.public.project import bar, page_full, page_public
from webapp.viewmodels.public.user import Standing, owner_full, user_public

PageT = TypeVar("PageT", bound=ProjectPage)


@dataclass(frozen=True, slots=True)
class SharedFacts:
    """What a project's pages show to everybody who may not change it."""

    project: Project
    progress: ProjectProgress
    n_blogposts: int
    owner: User
    category: Category
    standing: Standing
    drawn: Drawn = field(default_factory=dict)


class ProjectContext:
    """One project as one caller sees it; `shared` are its facts where they are known already."""

    def __init__(self, call: Call, project: Project, shared: SharedFacts | None = None) -> None:
        self.call = call
        self.project = project
        self.shared = shared
        note_project(project.id)
        self._facts: Facts | None = None
        """What `facts` says, where the project is not going to change in this request."""

    @property
    def facts(self) -> Facts:
        if self._facts is None or self.shared is None:
            self._facts = about_project(self.project, admitted=has_password(self.call, self.project))
        return self._facts

    def require(self, action: Action) -> None:
        """Return if the caller may do this to the project. Raises Unauthorized or Forbidden."""
        require(self.call.actor, action, self.facts)

    def require_feature(self, action: Action, feature: str) -> None:
        """Return if the caller may do this, and has the optional feature that it is of. Raises Unauthorized or
        Forbidden."""
        is_open = feature not in self.call.settings.pro_features
        require(self.call.actor, action, replace(self.facts, feature_open=is_open))

    def may(self, action: Action) -> bool:
        return can(self.call.actor, action, self.facts)

    async def progress(self) -> ProjectProgress:
        if self.shared is not None:
            return self.shared.progress
        return (await progress_of(self.call.session, [self.project.id]))[self.project.id]

    async def _n_blogposts(self) -> int:
        if self.shared is not None:
            return self.shared.n_blogposts
        return await BlogpostRepository(self.call.session).count(self.project.id, drafts=self._edits())

    async def _owner_row(self) -> User:
        return self.shared.owner if self.shared else await get_row(self.call.session, User, self.project.owner_id)

    async def _category(self) -> Category:
        if self.shared is not None:
            return self.shared.category
        return await get_row(self.call.session, Category, self.project.category_id)

    async def _standing(self, owner: User) -> Standing:
        return self.shared.standing if self.shared else standing_of(await achievement(self.call.session, owner.id))

    @property
    def caller(self) -> Caller:
        """Where to ask what only this contributor is told: without a transaction where nothing else needs one."""
        return self.call.uow.direct if self.shared else self.call.uow.in_session

    def url(self, rest: str = "") -> str:
        """The path of one of the project's pages."""
        return project_url(self.project.short_name, rest)

    async def page(self, model: type[PageT], /, *, active: str = "", full: bool = False, **fields: Any) -> PageT:
        """A page of this project, its common parts filled in. `full` shows owners the whole project."""
        progress = await self.progress()
        blogposts = await self._n_blogposts()
        owner = await self._owner_row()
        offered = model.offers_button or self._is_creator()
        button = await self.contrib_button(progress) if offered else ""
        common = {
            "project": self._shown(progress, blogposts, owner, button, full=full),
            "owner": await self._owner(owner, full=full),
            "pro_features": pro_features(self.call.actor, self.call.settings),
            "here": await self._here(progress, blogposts, active, button),
            **bar(progress),
        }
        if self.shared is not None:
            common["drawn"] = self.shared.drawn
        return model(**common | fields)

    def _edits(self) -> bool:
        return self.may(Action.PROJECT_UPDATE)

    def _is_creator(self) -> bool:
        return self.call.actor.user_id == self.project.owner_id

    def _shown(
        self, progress: ProjectProgress, blogposts: int, owner: User, button: str, *, full: bool
    ) -> dict[str, Any]:
        if not (self._is_creator() or (full and self._edits())):
            return page_public(self.project, progress, owner.fullname, blogposts)
        return page_full(self.call.actor, self.project, progress, blogposts) | {"contrib_button": button}

    async def _owner(self, owner: User, *, full: bool) -> dict[str, Any] | None:
        """The owner; key and address are shown to the owner alone, on `full` pages too (08-gaps 3.4)."""
        standing = await self._standing(owner)
        if self._is_creator() or (full and self._edits()):
            return owner_full(owner, standing, private=self._is_creator())
        return user_public(owner, standing)

    async def contrib_button(self, progress: ProjectProgress) -> str:
        """What the one button of the project's page offers this caller (01-pages section 1.6)."""
        if progress.n_tasks and progress.n_completed_tasks >= progress.n_tasks:
            return "completed"
        if not self.project.published:
            ready = bool(self.project.info.get("task_presenter")) and progress.n_tasks > 0
            return "publish" if ready else "draft"
        contributor = self.call.actor.contributor or ""
        left = await contribution_state.anything_left(self.caller, self.project.id, contributor)
        return "can_contribute" if left else "cannot_contribute"

    async def _here(self, progress: ProjectProgress, blogposts: int, active: str, button: str) -> Here:
        edits = self._edits()
        category = await self._category()
        return Here(
            short_name=self.project.short_name,
            name=self.project.name,
            active=active,
            can_edit=edits,
            can_publish=edits and button == "publish",
            can_delete=edits and can(self.call.actor, Action.PROJECT_DELETE, await self._facts_with_results()),
            in_charge=self.may(Action.PROJECT_MANAGE_COOWNERS),
            leaves_as=(self.call.actor.name or "") if self.may(Action.PROJECT_LEAVE) else "",
            can_see_changes=edits and has_feature(self.call.actor, self.call.settings, "auditlog"),
            can_see_calls=edits and has_feature(self.call.actor, self.call.settings, "webhooks"),
            can_contribute=self.may(Action.PROJECT_CONTRIBUTE),
            can_browse=self.may(Action.PROJECT_BROWSE_TASKS),
            published=self.project.published,
            protected=bool(self.project.info.get("passwd_hash")),
            has_tutorial=bool(self.project.info.get("tutorial")),
            has_results=progress.n_results > 0,
            category=category.name,
            category_short_name=category.short_name,
            n_blogposts=blogposts,
            contrib_button=button,
        )

    async def _facts_with_results(self) -> Facts:
        return await projects.facts_of(self.call.session, self.project)

    def title(self, suffix: str = "") -> str:
        """`Project: <name> &middot; <suffix>`, as clients know it (01-pages section 7)."""
        return f"Project: {self.project.name}" + (f" &middot; {suffix}" if suffix else "")


async def find_context(call: Call, short_name: str) -> ProjectContext:
    """The project of this address. Raises NotFound."""
    return ProjectContext(call, await ProjectRepository(call.session).get_by_short_name(short_name))


async def owned_context(call: Call, short_name: str, action: Action = Action.PROJECT_UPDATE) -> ProjectContext:
    """The project of this address, if the caller may do this to it."""
    context = await find_context(call, short_name)
    context.require(action)
    return context


async def gated_context(call: Call, short_name: str) -> ProjectContext:
    """The project of this address, if the caller may see inside. Raises Redirected, to its password (01-pages 1.7),
    and as `find_context` does."""
    return gate(await find_context(call, short_name))


def gate(context: ProjectContext) -> ProjectContext:
    """The project, if the caller may see inside. Raises Redirected to its password, Unauthorized or Forbidden."""
    try:
        context.require(Action.PROJECT_VIEW)
    except (Unauthorized, Forbidden):
        if not context.project.info.get("passwd_hash"):
            raise
        password = with_next(context.url("password"), quote(context.call.path))
        raise Redirected(Redirect(password, always_302=True)) from None
    return context
