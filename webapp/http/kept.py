"""Parts of pages that are drawn once and shown again: combs, covers, icons, cards, the frame around a page.

What a part shows is all that it is known by (its arguments, its language), so a part that is kept is the part that
would be drawn: nothing here can be out of date, and nobody's own words can come to another.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from jinja2.runtime import Macro
from markupsafe import Markup

from webapp.i18n import current_locale
from webapp.viewmodels.page import Drawn

CAPACITY = 4096
"""Parts kept, the latest used; a card is about five KiB, most are smaller."""
PURE = frozenset({"card_of", "comb", "comb_row", "drawn_cover", "icon", "mark", "search_box"})
"""Macros that show their arguments and nothing else: no `chrome`, no time."""


class KeptParts:
    """The parts that one process keeps."""

    def __init__(self) -> None:
        # Typed: `Markup` is not escaped where equal text is, and 1.0 is written otherwise than 1.
        self._drawn = lru_cache(maxsize=CAPACITY, typed=True)(_draw_macro)
        self._blocks = lru_cache(maxsize=CAPACITY, typed=True)(_Block)

    def macro(self, macro: Macro) -> Callable[..., Markup]:
        """The macro, called only for arguments that it was not called for lately."""

        def kept(*args: Any, **options: Any) -> Markup:
            try:
                return self._drawn(macro, current_locale(), *args, **options)
            except (
                TypeError
            ):  # of arguments that cannot be looked up by, as lists; or of the macro, which says so again
                return Markup(macro(*args, **options))

        return kept

    def block(self, name: str, *shown: Any, caller: Callable[[], Markup]) -> Markup:
        """`{% call kept("name", …) %}`: the block, which shows nothing but what is named after it (a test reads the
        templates for that)."""
        found = self._blocks(name, current_locale(), *shown)
        if found.text is None:
            found.text = caller()
        return found.text


def kept_in(drawn: Drawn, name: str, *shown: Any, caller: Callable[[], Markup]) -> str:
    """`{% call kept_in(drawn, "name", …) %}`: the block, which shows nothing but what is named after it and what is
    `shared` by all pages that have this `drawn`. It goes when that goes."""
    key = (name, current_locale(), *shown)
    text = drawn.get(key)
    if text is None:
        text = drawn[key] = caller()
    return text


def _draw_macro(macro: Macro, _locale: str, *args: Any, **options: Any) -> Markup:
    return Markup(macro(*args, **options))


class _Block:
    """A block of a template, drawn when it is first shown."""

    def __init__(self, *_known_by: Any) -> None:
        self.text: Markup | None = None
