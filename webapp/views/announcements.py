"""News from the administrators (docs/contract/pages.md 2)."""

from quart import Blueprint

from db.repositories.announcement import AnnouncementRepository
from webapp.http.page import RequestContext, page
from webapp.i18n import gettext as _
from webapp.policies import Action, can
from webapp.services.site import markdown
from webapp.viewmodels.community import AnnouncementsPage
from webapp.viewmodels.public.announcement import announcement_public
from webapp.views.paging import MOST_IN_JSON, asked_page

blueprint = Blueprint("announcements", __name__)
PER_PAGE = 20


@page(blueprint, "/announcements/", action=Action.SITE_VIEW)
async def announcements(ctx: RequestContext) -> AnnouncementsPage:
    """The newest first; what is not published yet is shown to administrators alone (docs/contract/gaps.md 3.14)."""
    wanted = asked_page(ctx, PER_PAGE, in_json=MOST_IN_JSON)
    drafts = can(ctx.actor, Action.ANNOUNCEMENT_WRITE)
    found = await AnnouncementRepository(ctx.session).page(limit=wanted.size, offset=wanted.offset, drafts=drafts)
    return AnnouncementsPage(
        title=_("Announcements"),
        announcements=[announcement_public(one) for one in found.items],
        bodies={one.id: await markdown.rendered(one.body) for one in found.items},
        pagination=wanted.of(found.total),
    )
