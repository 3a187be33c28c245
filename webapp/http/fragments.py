"""Parts of pages that are rendered once and shown again: combs, covers, icons, cards, the frame around a page.

What a part shows is all that it is known by (its arguments, its language), so a part that is cached is the part that
would be rendered: nothing here can be out of date, and nobody's own words can come to another.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from jinja2.runtime import Macro
from markupsafe import Markup

from webapp.i18n import current_locale
from webapp.viewmodels.page import RenderedParts

CAPACITY = 4096
"""Parts kept, the latest used; a card is about five KiB, most are smaller."""
CACHED_MACROS = frozenset({"card_of", "comb", "comb_row", "drawn_cover", "icon", "mark", "search_box"})
"""Macros that show their arguments and nothing else: no `chrome`, no time."""


class FragmentCache:
    """The parts that one process keeps.

    By `functools.lru_cache`, which is written in C: a page asks for some fifty parts, and maps in Python would take a
    tenth of its time.
    """

    def __init__(self) -> None:
        # Typed: `Markup` is not escaped where equal text is, and 1.0 is written otherwise than 1.
        self._macros = lru_cache(maxsize=CAPACITY, typed=True)(_render_macro)
        self._blocks = lru_cache(maxsize=CAPACITY, typed=True)(_Block)

    def macro(self, macro: Macro) -> Callable[..., Markup]:
        """The macro, called only for arguments that it was not called for lately."""

        def cached(*args: Any, **options: Any) -> Markup:
            try:
                return self._macros(macro, current_locale(), *args, **options)
            except TypeError:
                # Arguments that cannot be looked up by, as lists; or the macro's own error, which comes again.
                return Markup(macro(*args, **options))

        return cached

    def block(
        self, name: str, *shown: Any, within: RenderedParts | None = None, caller: Callable[[], Markup]
    ) -> Markup:
        """`{% call cached("name", …) %}`: the block, which shows nothing but what is named after it (a test reads the
        templates for that). `within` a page's `rendered` it may show the fields too that the page shares with others,
        and goes when those go."""
        if within is None:
            found = self._blocks(name, current_locale(), *shown)
        else:
            found = within.setdefault((name, current_locale(), *shown), _Block())
        if found.text is None:
            found.text = caller()
        return found.text


def _render_macro(macro: Macro, _locale: str, *args: Any, **options: Any) -> Markup:
    return Markup(macro(*args, **options))


class _Block:
    """A block of a template, rendered when it is first shown."""

    def __init__(self, *_known_by: Any) -> None:
        self.text: Markup | None = None
