"""News from the administrators (docs/contract/pages.md 2)."""

from quart import Blueprint

from db.repositories.announcement import AnnouncementRepository
from webapp.http.page import RequestContext, page
from webapp.i18n import gettext as _
from webapp.policies import Action, can
from webapp.services.site import markdown
from webapp.viewmodels.community import AnnouncementsPage
from webapp.viewmodels.public.announcement import announcement_public

blueprint = Blueprint("announcements", __name__)


@page(blueprint, "/announcements/", action=Action.SITE_VIEW)
async def announcements(ctx: RequestContext) -> AnnouncementsPage:
    """The newest first; what is not published yet is shown to administrators alone (docs/contract/gaps.md 3.14)."""
    found = await AnnouncementRepository(ctx.session).all(drafts=can(ctx.actor, Action.ANNOUNCEMENT_WRITE))
    return AnnouncementsPage(
        title=_("Announcements"),
        announcements=[announcement_public(one) for one in found],
        bodies={one.id: await markdown.rendered(one.body) for one in found},
    )
