"""Lists of projects (docs/contract/pages.md 4.1)."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from quart import Blueprint

from db.queries import project_listing, site_stats
from db.queries.project_cards import ProjectCard
from db.queries.project_listing import ORDERS, Part, ProjectPage
from db.repositories.category import CategoryRepository
from webapp.errors import NotFound
from webapp.http.bounds import check_words
from webapp.http.page import Call, page
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.urls import category_url
from webapp.viewmodels.page import Pagination, Redirect
from webapp.viewmodels.project.listing import ProjectIndexPage
from webapp.viewmodels.public.category import category_public, pseudo_category
from webapp.viewmodels.public.project import card, helped_card

blueprint = Blueprint("project_listing", __name__)
MOST_PAGES = 1_000_000
KEPT = ("query", "orderby", "desc")


def _part(call: Call, number: int) -> Part:
    """What of a list the page of this number shows. Raises NotFound for pages that no list has."""
    if number > MOST_PAGES:
        raise NotFound
    size = call.settings.projects_per_page
    wanted = call.args.get("orderby")
    order = wanted if wanted in ORDERS else None
    return Part(limit=size, offset=(number - 1) * size, orderby=order, descending=bool(call.args.get("desc")))


async def _index(
    call: Call,
    found: ProjectPage,
    number: int,
    active: dict[str, object],
    path: str,
    *,
    query: str = "",
    show: Callable[[ProjectCard], dict[str, Any]] = card,
) -> ProjectIndexPage:
    categories = [category_public(one) for one in await CategoryRepository(call.session).all()]
    if await project_listing.any_featured(call.session):
        categories.insert(0, pseudo_category(_("Featured"), "featured"))
    return ProjectIndexPage(
        title=_("Projects"),
        projects=[show(one) for one in found.projects],
        pagination=Pagination(page=number, per_page=call.settings.projects_per_page, total=found.total),
        active_cat=active,
        categories=categories,
        count=found.total,
        path=path + _asked(call),
        query=query,
    )


def _asked(call: Call) -> str:
    """What the list was asked for by, so that its other pages are parts of the same list."""
    kept = {name: value for name in KEPT if (value := call.args.get(name, ""))}
    return "?" + urlencode(kept) if kept else ""


@page(blueprint, "/project/", action=Action.PROJECT_LIST, defaults={"number": 1})
@page(blueprint, "/project/page/<int:number>/", action=Action.PROJECT_LIST)
async def every(call: Call, number: int) -> ProjectIndexPage:
    """Every public project, or those that `?query=` finds."""
    words = call.args.get("query", "").replace("\x00", "").strip()
    check_words(words)
    part = _part(call, max(1, number))
    found = await (
        project_listing.search(call.session, words, part) if words else project_listing.public(call.session, part)
    )
    active = pseudo_category(_("All"), "all")
    return await _index(call, found, number, active, "/project/page/{page}/", query=words)


@page(blueprint, "/project/category/featured/", action=Action.PROJECT_LIST, defaults={"number": 1})
@page(blueprint, "/project/category/featured/page/<int:number>/", action=Action.PROJECT_LIST)
async def featured(call: Call, number: int) -> ProjectIndexPage | Redirect:
    """What the administrators put forward; without any, the first category."""
    found = await project_listing.featured(call.session, _part(call, max(1, number)))
    if not found.total:
        first = (await site_stats.categories(call.session))[:1]
        return Redirect(category_url(first[0].short_name) if first else "/project/")
    active = pseudo_category(_("Featured"), "featured")
    return await _index(call, found, number, active, "/project/category/featured/page/{page}/")


@page(blueprint, "/project/category/draft/", action=Action.PROJECT_LIST_DRAFTS, sign_in=True, defaults={"number": 1})
@page(blueprint, "/project/category/draft/page/<int:number>/", action=Action.PROJECT_LIST_DRAFTS, sign_in=True)
async def drafts(call: Call, number: int) -> ProjectIndexPage:
    """What is not published yet, for administrators."""
    found = await project_listing.drafts(call.session, _part(call, max(1, number)))
    return await _index(
        call, found, number, pseudo_category(_("Draft"), "draft"), "/project/category/draft/page/{page}/"
    )


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
async def history(call: Call, number: int) -> ProjectIndexPage:
    """What one has helped, the latest first."""
    found = await project_listing.contributed(call.session, call.actor.user_id or 0, _part(call, max(1, number)))
    active = pseudo_category(_("Historical Contributions"), "historical_contributions")
    path = "/project/category/historical_contributions/page/{page}/"
    return await _index(call, found, number, active, path, show=helped_card)


@page(blueprint, "/project/category/<short_name>/", action=Action.PROJECT_LIST, defaults={"number": 1})
@page(blueprint, "/project/category/<short_name>/page/<int:number>/", action=Action.PROJECT_LIST)
async def category(call: Call, short_name: str, number: int) -> ProjectIndexPage:
    """The public projects of a category."""
    shelf = await CategoryRepository(call.session).get_by_short_name(short_name)
    found = await project_listing.in_category(call.session, shelf.id, _part(call, max(1, number)))
    path = category_url(shelf.short_name, "page/{page}/")
    return await _index(call, found, number, category_public(shelf), path)
