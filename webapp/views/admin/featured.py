"""Projects that the site puts forward (docs/contract/pages.md 5)."""

from quart import Blueprint

from db.models import Project
from db.queries.projects import project_listing
from db.queries.projects.project_listing import PageRequest
from db.repositories.category import CategoryRepository
from db.repositories.rows import find_row
from webapp.errors import NotFound, UnsupportedMedia
from webapp.http.page import RequestContext, page
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.services.projects import projects
from webapp.viewmodels.admin.pages import FeaturedPage
from webapp.viewmodels.page import Json, Redirect
from webapp.viewmodels.public.category import category_public
from webapp.viewmodels.public.project import api_full, card

blueprint = Blueprint("admin_featured", __name__)
LIST = "/admin/featured"
MOST_OF_CATEGORY = 100
"""Public projects of each category that JSON has, the first of their ranking."""
MOST_FEATURED = 200
MOST_FOUND = 20


@page(blueprint, LIST, action=Action.PROJECT_FEATURE, sign_in=True)
async def featured_projects(ctx: RequestContext) -> FeaturedPage:
    """Which ones are; on the page one finds others by their names, and JSON has the first of each category."""
    categories = await CategoryRepository(ctx.session).all()
    query = ctx.args.get("query", "").strip()
    made = FeaturedPage(
        title=None if ctx.wants_json else _("Featured projects"),
        projects={},
        categories=[category_public(one) for one in categories],
        form=ctx.csrf_form(),
        query=query,
    )
    if ctx.wants_json:
        for one in categories:
            found = await project_listing.in_category(ctx.session, one.id, PageRequest(limit=MOST_OF_CATEGORY))
            made.projects[one.short_name] = [card(project) for project in found.projects]
        return made
    featured = await project_listing.featured(ctx.session, PageRequest(limit=MOST_FEATURED))
    others = PageRequest(limit=MOST_FOUND)
    found = await (
        project_listing.search(ctx.session, query, others) if query else project_listing.public(ctx.session, others)
    )
    made.featured = [card(one) for one in featured.projects]
    made.found = [card(one) for one in found.projects if not one.featured]
    return made


@page(
    blueprint,
    "/admin/featured/<int:project_id>",
    methods=("POST", "DELETE"),
    action=Action.PROJECT_FEATURE,
    sign_in=True,
)
async def feature(ctx: RequestContext, project_id: int) -> Json | Redirect:
    """POST puts it forward, DELETE no more; a form of a page says `featured=no` for that. JSON has the project."""
    removes = ctx.method == "DELETE" or ctx.body.get("featured") == "no"
    project = await find_row(ctx.session, Project, project_id)
    try:
        if project is None:
            raise NotFound(f"Project.id {project_id} not found")
        await projects.feature(ctx.session, ctx.actor, project, featured=not removes)
    except (NotFound, UnsupportedMedia) as refused:
        if not ctx.wants_json:
            raise
        ctx.uow.set_rollback_only()
        return Json({"error": refused.message, "status_code": refused.status}, code=refused.status)
    if ctx.wants_json:
        return Json(api_full(ctx.actor, project))
    told = _("%(name)s is not featured any more") if removes else _("%(name)s is featured now")
    await ctx.flash(told % {"name": project.name}, "success")
    return Redirect(LIST)
