"""Lists of projects (docs/contract/pages.md 4.1)."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from quart import Blueprint

from db.models import Category, Project, User
from db.queries.projects import project_listing
from db.queries.projects.project_cards import ProjectCard
from db.queries.projects.project_listing import ORDERS, PageRequest, ProjectPage
from db.queries.site import site_stats
from db.repositories.category import CategoryRepository
from webapp.errors import NotFound
from webapp.http.limits.bounds import check_words
from webapp.http.page import RequestContext, page
from webapp.i18n import current_locale
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.urls import category_url
from webapp.viewmodels.page import Pagination, Redirect
from webapp.viewmodels.project.listing import ProjectIndexPage
from webapp.viewmodels.public.category import category_public, pseudo_category
from webapp.viewmodels.public.project import card, helped_card

blueprint = Blueprint("project_listing", __name__)
MOST_PAGES = 1_000_000
DRAFT = "draft"
KEPT = ("query", "orderby", "desc")


def _part(ctx: RequestContext, number: int) -> PageRequest:
    """What of a list the page of this number shows. Raises NotFound for pages that no list has."""
    if number > MOST_PAGES:
        raise NotFound
    size = ctx.settings.projects_per_page
    wanted = ctx.args.get("orderby")
    order = wanted if wanted in ORDERS else None
    return PageRequest(limit=size, offset=(number - 1) * size, orderby=order, descending=bool(ctx.args.get("desc")))


async def _index(
    ctx: RequestContext,
    found: ProjectPage,
    number: int,
    active: dict[str, Any],
    path: str,
    *,
    query: str = "",
    show: Callable[[ProjectCard], dict[str, Any]] = card,
) -> ProjectIndexPage:
    categories = [category_public(one) for one in await CategoryRepository(ctx.session).all()]
    if await project_listing.any_featured(ctx.session):
        categories.insert(0, _featured_category())
    if active["short_name"] == DRAFT:
        categories.insert(0, active)
    return ProjectIndexPage(
        title=_("Projects"),
        projects=[show(one) for one in found.projects],
        pagination=Pagination(page=number, per_page=ctx.settings.projects_per_page, total=found.total),
        active_cat=active,
        categories=categories,
        count=found.total,
        path=path + _asked(ctx),
        query=query,
    )


async def _cached(
    ctx: RequestContext, name: str, part: PageRequest, read: Callable[[], Awaitable[ProjectIndexPage]]
) -> ProjectIndexPage:
    """A list that everybody is shown alike."""
    key = ("projects", name, part, current_locale())
    return replace(await ctx.cached(key, read, of=(Project, Category, User)))


def _featured_category() -> dict[str, Any]:
    return pseudo_category(_("Featured"), "featured", _("Featured projects"))


def _asked(ctx: RequestContext) -> str:
    """What the list was asked for by, so that its other pages are parts of the same list."""
    kept = {name: value for name in KEPT if (value := ctx.args.get(name, ""))}
    return "?" + urlencode(kept) if kept else ""


@page(blueprint, "/project/", action=Action.PROJECT_LIST, defaults={"number": 1})
@page(blueprint, "/project/page/<int:number>/", action=Action.PROJECT_LIST)
async def every(ctx: RequestContext, number: int) -> ProjectIndexPage:
    """Every public project, or those that `?query=` finds."""
    words = ctx.args.get("query", "").replace("\x00", "").strip()
    check_words(words)
    part = _part(ctx, max(1, number))

    async def read() -> ProjectIndexPage:
        found = await (
            project_listing.search(ctx.session, words, part) if words else project_listing.public(ctx.session, part)
        )
        active = pseudo_category(_("All"), "all", _("All projects"))
        return await _index(ctx, found, number, active, "/project/page/{page}/", query=words)

    return await read() if words else await _cached(ctx, "", part, read)


@page(blueprint, "/project/category/featured/", action=Action.PROJECT_LIST, defaults={"number": 1})
@page(blueprint, "/project/category/featured/page/<int:number>/", action=Action.PROJECT_LIST)
async def featured(ctx: RequestContext, number: int) -> ProjectIndexPage | Redirect:
    """What the administrators put forward; without any, the first category."""
    found = await project_listing.featured(ctx.session, _part(ctx, max(1, number)))
    if not found.total:
        first = (await site_stats.categories(ctx.session))[:1]
        return Redirect(category_url(first[0].short_name) if first else "/project/")
    active = _featured_category()
    return await _index(ctx, found, number, active, "/project/category/featured/page/{page}/")


@page(blueprint, "/project/category/draft/", action=Action.PROJECT_LIST_DRAFTS, sign_in=True, defaults={"number": 1})
@page(blueprint, "/project/category/draft/page/<int:number>/", action=Action.PROJECT_LIST_DRAFTS, sign_in=True)
async def drafts(ctx: RequestContext, number: int) -> ProjectIndexPage:
    """What is not published yet, for administrators."""
    found = await project_listing.drafts(ctx.session, _part(ctx, max(1, number)))
    active = pseudo_category(_("Draft"), DRAFT, _("Draft projects"))
    return await _index(ctx, found, number, active, "/project/category/draft/page/{page}/")


@page(
    blueprint,
    "/project/category/historical_contributions/",
    action=Action.PROJECT_LIST_HISTORY,
    sign_in=True,
    defaults={"number": 1},
)
@page(
    blueprint,
    "/project/category/historical_contributions/page/<int:number>/",
    action=Action.PROJECT_LIST_HISTORY,
    sign_in=True,
)
async def history(ctx: RequestContext, number: int) -> ProjectIndexPage:
    """What one has helped, the latest first."""
    found = await project_listing.contributed(ctx.session, ctx.actor.user_id or 0, _part(ctx, max(1, number)))
    active = pseudo_category(
        _("Historical Contributions"), "historical_contributions", _("Projects previously contributed to")
    )
    path = "/project/category/historical_contributions/page/{page}/"
    return await _index(ctx, found, number, active, path, show=helped_card)


@page(blueprint, "/project/category/<short_name>/", action=Action.PROJECT_LIST, defaults={"number": 1})
@page(blueprint, "/project/category/<short_name>/page/<int:number>/", action=Action.PROJECT_LIST)
async def category(ctx: RequestContext, short_name: str, number: int) -> ProjectIndexPage:
    """The public projects of a category."""
    part = _part(ctx, max(1, number))

    async def read() -> ProjectIndexPage:
        category_row = await CategoryRepository(ctx.session).get_by_short_name(short_name)
        found = await project_listing.in_category(ctx.session, category_row.id, part)
        path = category_url(category_row.short_name, "page/{page}/")
        return await _index(ctx, found, number, category_public(category_row), path)

    return await _cached(ctx, short_name, part, read)
