"""Lists of what has happened to a project, page by page."""

from webapp.errors import NotFound
from webapp.http.page import RequestContext

PER_PAGE = 50


LONGEST_VALUE = 300


def page_number(ctx: RequestContext) -> int:
    """Which page of the list `?page=` asks for."""
    wanted = ctx.args.get("page", "1")
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 10 and int(wanted) > 0):
        raise NotFound
    return int(wanted)


def shortened(value: str | None) -> str | None:
    return value if value is None or len(value) <= LONGEST_VALUE else value[:LONGEST_VALUE] + "…"
