"""Long lists, page by page."""

from dataclasses import dataclass

from db.base import LARGEST_ID
from db.paging import Part, TooDeep, numbered_part
from webapp.errors import BadRequest, NotFound
from webapp.http.page import RequestContext
from webapp.i18n import gettext as _
from webapp.viewmodels.page import Pagination

MOST_IN_JSON = 1000
"""Of lists that have no pages in the original JSON clients are given so many rows at once: as good as all."""


@dataclass(frozen=True, slots=True)
class AskedPage:
    """Which page of a list is wanted, the first being 1, and how long it is."""

    number: int
    size: int

    @property
    def offset(self) -> int:
        """How many rows come before it."""
        return (self.number - 1) * self.size

    def of(self, total: int) -> Pagination:
        """The page in a list of so many rows."""
        return Pagination(page=self.number, per_page=self.size, total=total)


def asked_page(ctx: RequestContext, size: int, *, in_json: int | None = None, name: str = "page") -> AskedPage:
    """The page that the query asks for, of so many rows, or of `in_json` for JSON clients. Raises NotFound for what is
    no number of a page."""
    wanted = ctx.args.get(name, "1")
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 10 and int(wanted) > 0):
        raise NotFound
    return AskedPage(int(wanted), in_json if in_json is not None and ctx.wants_json else size)


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
