"""Help, and the site's terms (docs/contract/pages.md 2)."""

from quart import Blueprint

from db.queries import project_listing
from db.queries.project_listing import Part
from webapp.http.page import Call, page
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.services.site_texts import site_text
from webapp.viewmodels.help import ApiHelpPage, CookiesPage, HelpPage, LicensePage, PrivacyPage, TermsPage

blueprint = Blueprint("help", __name__)


@page(blueprint, "/help/", action=Action.SITE_VIEW)
async def index(call: Call) -> HelpPage:
    """Where to find what."""
    return HelpPage(title=_("Help"))


@page(blueprint, "/help/api", action=Action.SITE_VIEW)
async def api(call: Call) -> ApiHelpPage:
    """How scripts talk to this site; the examples are about the site's first public project."""
    found = await project_listing.public(call.session, Part(limit=1))
    example = found.projects[0] if found.projects else None
    return ApiHelpPage(
        title=_("Help: API"),
        project_id=example.id if example else None,
        short_name=example.short_name if example else None,
        site=call.absolute("").rstrip("/"),
        rate_limit=call.settings.api_rate_limit,
        rate_window_minutes=call.settings.api_rate_window // 60,
    )


@page(blueprint, "/help/license", action=Action.SITE_VIEW)
async def license_page(call: Call) -> LicensePage:
    """Under which licences data and results may be given."""
    return LicensePage(title=_("Help: Licenses"))


@page(blueprint, "/help/privacy", action=Action.SITE_VIEW)
async def privacy(call: Call) -> PrivacyPage:
    """What is kept about people, and why."""
    return PrivacyPage(title=_("Privacy Policy"), content=await site_text("privacy", call.settings))


@page(blueprint, "/help/terms-of-use", action=Action.SITE_VIEW)
async def terms(call: Call) -> TermsPage:
    """The rules of the place."""
    return TermsPage(title=_("Help: Terms of Use"), content=await site_text("terms", call.settings))


@page(blueprint, "/help/cookies-policy", action=Action.SITE_VIEW)
async def cookies(call: Call) -> CookiesPage:
    """Which cookies there are, and what for."""
    return CookiesPage(title=_("Help: Cookies Policy"), content=await site_text("cookies", call.settings))
