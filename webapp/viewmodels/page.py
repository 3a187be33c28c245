"""What a view returns: plain data that the responder shows as JSON, as a full page or as an HTMX fragment."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import cached_property
from math import ceil
from typing import Any, ClassVar

from webapp.i18n import format_number
from webapp.i18n import gettext as _

NOT_JSON = {"json": False}
"""`field(metadata=NOT_JSON)`: for the template alone, or (None) left out of JSON."""


RenderedParts = dict[Any, Any]
"""Parts of pages that were rendered from values which many requests are shown, kept with those values."""


@dataclass(kw_only=True)
class Page:
    """The base of all view-models: one dataclass a template, holding plain data only.

    `template` is the exact text that JSON clients see; `fragments` maps the id that HTMX asks to replace (`HX-Target`)
    to the block of the page's own template that is rendered alone.
    """

    template: ClassVar[str] = ""
    fragments: ClassVar[dict[str, str]] = {}
    shared: ClassVar[frozenset[str]] = frozenset()
    """The fields that are the same in every page that has the same `rendered`."""
    is_guest: ClassVar[bool] = False
    """Whether its document is a presenter's: the seam adds nothing that is for pages of ours."""
    stands_alone: ClassVar[bool] = False
    """Whether it has a frame of its own around it, so that no other page can take up its main part: HTMX is
    told to load it whole."""
    has_chooser: ClassVar[bool] = False
    """Whether Dropbox's own script chooses files on it: its policy lets that script run, and open its window."""
    section: ClassVar[str] = ""
    """The entry of the main navigation that this page belongs to."""
    code: int | None = field(default=None)
    """The HTTP status where it is not 200 (JSON shows it as `code`)."""
    title: str | None = None
    headers: dict[str, str] = field(default_factory=dict, metadata=NOT_JSON)
    """Response headers that this page sets itself, over the seam's own."""
    rendered: RenderedParts = field(default_factory=dict, metadata=NOT_JSON)
    """Parts rendered before from the same `shared` fields."""

    def template_file(self) -> str:
        """The file that draws this page; JSON may name another path for old clients."""
        return self.template.lstrip("/")

    def plain_title(self) -> str | None:
        """The title as people read it: it holds people's own words, so that it is text; the one entity that JSON
        clients know in it becomes its sign."""
        return self.title and self.title.replace("&middot;", "·")

    def tab_title(self) -> str:
        """What the browser's tab says, before the site's name: of no two addresses the same."""
        return self.plain_title() or ""

    def to_json(self) -> dict[str, Any]:
        """The fields as JSON clients see them; `code` and `title` only where set."""
        body = {f.name: getattr(self, f.name) for f in fields(self) if f.metadata.get("json", True)}
        for name in ("code", "title"):
            if body[name] is None:
                del body[name]
        return body | {"template": self.template}


@dataclass(frozen=True, slots=True)
class Redirect:
    """Go elsewhere on this site: 302, or `{"next": …}` for JSON clients (docs/contract/pages.md 1.3)."""

    next: str
    status: str | None = None
    always_302: bool = False
    """JSON clients get a 302 too: the few views that do so in the original, and the way to sign in."""
    reload: bool = False
    """HTMX loads the whole page anew: the session, and so the CSRF token, has changed."""
    extra: dict[str, Any] = field(default_factory=dict)
    """Further keys of the JSON body."""


@dataclass(frozen=True, slots=True)
class Json:
    """Plain JSON whatever the caller asked for: the few page endpoints that never have a template."""

    body: Any
    code: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    validated: bool = False
    """It carries an ETag, and callers who have it already are told so."""


@dataclass(frozen=True, slots=True)
class Text:
    """Bare text whatever the caller asked for."""

    body: str
    code: int = 200
    content_type: str = "text/html; charset=utf-8"


NEAR = 1000
"""So many rows from the beginning or the end of a list a page is reached by its number alone."""


@dataclass(frozen=True, slots=True)
class Pagination:
    """Where in a list the reader is; pages count from 1."""

    page: int
    per_page: int
    total: int
    shown: tuple[int, int] | None = None
    """The ids of the first and the last row of the page, of a list that goes on from a row (`?after=`, `?before=`)."""

    @property
    def pages(self) -> int:
        return max(1, ceil(self.total / self.per_page))

    @property
    def next(self) -> bool:
        return self.page < self.pages

    @property
    def prev(self) -> bool:
        return self.page > 1

    @property
    def next_query(self) -> str:
        """What the address of the next page has behind its number."""
        return f"?after={self.shown[1]}" if self.shown and self._is_far(self.page + 1) else ""

    @property
    def prev_query(self) -> str:
        """What the address of the page before has behind its number."""
        return f"?before={self.shown[0]}" if self.shown and self._is_far(self.page - 1) else ""

    def _is_far(self, page: int) -> bool:
        return min((page - 1) * self.per_page, self.total - page * self.per_page) > NEAR

    def to_json(self) -> dict[str, Any]:
        return {
            "page": self.page,
            "per_page": self.per_page,
            "total": self.total,
            "next": self.next,
            "prev": self.prev,
        }


def numbered(title: str, pagination: Pagination) -> str:
    """The title of one page of a list: the first has the list's own."""
    if pagination.page == 1:
        return title
    return _("%(title)s, page %(page)s", title=title, page=format_number(pagination.page))


@dataclass(kw_only=True)
class ErrorPage(Page):
    """Any error, in plain words; JSON: `{code, description, template}` (docs/contract/pages.md 1.5)."""

    template: ClassVar[str] = "errors/error.html"
    code: int | None = 500
    description: str = ""
    fix_url: str = field(default="", metadata=NOT_JSON)
    """The address of the page on which whoever is refused can do something about it; "" if there is none."""

    def to_json(self) -> dict[str, Any]:
        return {"code": self.code, "description": self.description, "template": f"{self.code}.html"}


@dataclass(frozen=True)
class Chrome:
    """What every page shows around its own content; what it does not show is not made, nor taken from others."""

    brand: str
    path: str
    url: str
    nonce: str
    section: str
    locale: str
    new_token: Callable[[], str]
    take_flashes: Callable[[], tuple[tuple[str, str], ...]]
    locales: tuple[tuple[str, str], ...] = ()
    user: Any = None
    contact_email: str = ""
    description: str = ""
    direction: str = "ltr"
    """How the language is written: `ltr` or `rtl`."""
    theme: str = ""
    """`light` or `dark` where the person has chosen one; otherwise the page follows the system."""

    @cached_property
    def csrf_token(self) -> str:
        """A token for the next unsafe request of this session."""
        return self.new_token()

    @cached_property
    def flashes(self) -> tuple[tuple[str, str], ...]:
        """The waiting messages as (category, text): shown here, and so never again."""
        return self.take_flashes()
