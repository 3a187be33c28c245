"""What the site is, what came of it, and what is found in it (docs/contract/pages.md 2)."""

from quart import Blueprint

from db.queries.projects import project_listing
from db.queries.projects.project_listing import PageRequest
from db.queries.site import site_stats
from webapp.http.limits.bounds import check_words
from webapp.http.page import RequestContext, page
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.viewmodels.about import AboutPage, ResultsPage, SearchPage
from webapp.viewmodels.page import Pagination
from webapp.viewmodels.public.project import card
from webapp.viewmodels.stats import figures

blueprint = Blueprint("about", __name__)
MOST_PAGES = 1_000_000


@page(blueprint, "/about", action=Action.SITE_VIEW)
async def about(ctx: RequestContext) -> AboutPage:
    """What this site is for, and how it works."""
    return AboutPage(title=_("About"), stats=figures(await site_stats.totals(ctx.session)))


@page(blueprint, "/results", action=Action.SITE_VIEW)
async def results(ctx: RequestContext) -> ResultsPage:
    """Public projects whose owners have come to conclusions."""
    part = PageRequest(limit=ctx.settings.projects_per_page, orderby="n_results", descending=True)
    found = await project_listing.public(ctx.session, part)
    return ResultsPage(title=_("Results"), projects=[card(one) for one in found.projects if one.n_results])


@page(blueprint, "/search", action=Action.SITE_VIEW)
async def search(ctx: RequestContext) -> SearchPage:
    """Public projects that have all the words of `?query=`; pages by `?page=`."""
    words = " ".join(ctx.args.get("query", "").replace("\x00", "").split())
    number = min(max(1, ctx.args.get("page", 1, type=int)), MOST_PAGES)
    size = ctx.settings.projects_per_page
    check_words(words)
    found = await project_listing.search(ctx.session, words, PageRequest(limit=size, offset=(number - 1) * size))
    return SearchPage(
        title=_("Search"),
        query=words,
        projects=[card(one) for one in found.projects],
        pagination=Pagination(page=number, per_page=size, total=found.total),
    )
