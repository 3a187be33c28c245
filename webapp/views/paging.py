"""Long lists, page by page."""

from db.base import LARGEST_ID
from db.paging import Part, TooDeep, numbered_part
from webapp.errors import BadRequest
from webapp.http.page import RequestContext
from webapp.i18n import gettext as _
from webapp.viewmodels.page import Pagination


def part_beyond(ctx: RequestContext, per_page: int) -> Part | None:
    """What follows the row `?after=`, or is before `?before=`; None if neither is given."""
    after, before = ctx.args.get("after", type=int), ctx.args.get("before", type=int)
    beyond = before if after is None else after
    if beyond is None or not 0 < beyond <= LARGEST_ID:
        return None
    return Part(per_page, backwards=after is None, beyond=beyond)


def asked_part(ctx: RequestContext, pagination: Pagination) -> Part:
    """The part of the list that the page shows: beyond the row that is given, or of the page's number. Raises
    BadRequest for a page that is too far from either end to be counted to."""
    if (part := part_beyond(ctx, pagination.per_page)) is not None:
        return part
    try:
        return numbered_part(pagination.page, pagination.per_page, pagination.total)
    except TooDeep as error:
        raise BadRequest(_("This page is too far into the list to be found by its number.")) from error
