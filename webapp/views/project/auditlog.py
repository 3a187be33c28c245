"""The log of a project's changes (docs/contract/pages.md 4.2)."""

from quart import Blueprint

from db.models import Auditlog
from db.repositories import AuditlogRepository
from webapp.http.page import RequestContext, page
from webapp.policies import Action
from webapp.viewmodels.project.auditlog import Change, ChangesPage
from webapp.views.paging import asked_page
from webapp.views.project.context import owned_context
from webapp.views.project.paging import PER_PAGE, shortened

blueprint = Blueprint("project_auditlog", __name__)


@page(blueprint, "/project/<short_name>/auditlog", action=Action.PROJECT_AUDITLOG, sign_in=True, html_only=True)
async def auditlog(ctx: RequestContext, short_name: str) -> ChangesPage:
    """Who changed what, the latest first."""
    context = await owned_context(ctx, short_name, Action.PROJECT_AUDITLOG)
    wanted = asked_page(ctx, PER_PAGE)
    found = await AuditlogRepository(ctx.session).page(context.project.id, limit=wanted.size, offset=wanted.offset)
    return await context.page(
        ChangesPage,
        active="changes",
        title=context.title("Changes"),
        changes=[_change(row) for row in found.items],
        pagination=wanted.of(found.total),
    )


def _change(row: Auditlog) -> Change:
    return Change(
        row.created, row.user_name, row.attribute, shortened(row.old_value), shortened(row.new_value), row.caller
    )
