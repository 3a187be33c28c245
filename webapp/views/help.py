"""Help, and the site's terms (docs/contract/pages.md 2)."""

from quart import Blueprint

from db.queries.projects import project_listing
from db.queries.projects.project_listing import PageRequest
from webapp.http.page import RequestContext, page
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.services.site.site_texts import site_text
from webapp.viewmodels.help import ApiHelpPage, CookiesPage, HelpPage, LicensePage, PrivacyPage, TermsPage

blueprint = Blueprint("help", __name__)


@page(blueprint, "/help/", action=Action.SITE_VIEW)
async def index(ctx: RequestContext) -> HelpPage:
    """Where to find what."""
    return HelpPage(title=_("Help"))


@page(blueprint, "/help/api", action=Action.SITE_VIEW)
async def api(ctx: RequestContext) -> ApiHelpPage:
    """How scripts talk to this site; the examples are about the site's first public project."""
    found = await project_listing.public(ctx.session, PageRequest(limit=1))
    example = found.projects[0] if found.projects else None
    return ApiHelpPage(
        title=_("Help: API"),
        project_id=example.id if example else None,
        short_name=example.short_name if example else None,
        site=ctx.absolute("").rstrip("/"),
        rate_limit=ctx.settings.api_rate_limit,
        rate_window_minutes=ctx.settings.api_rate_window // 60,
    )


@page(blueprint, "/help/license", action=Action.SITE_VIEW)
async def license_page(ctx: RequestContext) -> LicensePage:
    """Under which licences data and results may be given."""
    return LicensePage(title=_("Help: Licenses"))


@page(blueprint, "/help/privacy", action=Action.SITE_VIEW)
async def privacy(ctx: RequestContext) -> PrivacyPage:
    """What is kept about people, and why."""
    return PrivacyPage(title=_("Privacy Policy"), content=await site_text("privacy", ctx.settings))


@page(blueprint, "/help/terms-of-use", action=Action.SITE_VIEW)
async def terms(ctx: RequestContext) -> TermsPage:
    """The rules of the place."""
    return TermsPage(title=_("Help: Terms of Use"), content=await site_text("terms", ctx.settings))


@page(blueprint, "/help/cookies-policy", action=Action.SITE_VIEW)
async def cookies(ctx: RequestContext) -> CookiesPage:
    """Which cookies there are, and what for."""
    return CookiesPage(title=_("Help: Cookies Policy"), content=await site_text("cookies", ctx.settings))
