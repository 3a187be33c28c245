"""Markdown by people, as HTML that is safe on our own pages (docs/contract/gaps.md 3.20)."""

import asyncio
import re
from contextlib import suppress
from functools import lru_cache
from html import escape, unescape

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

_PAGE_TITLE = re.compile(r"<(/?)h1>")
"""The page that shows the text has a title already: the text's own are parts of it."""
_TAGS = re.compile(r"<[^>]+>")
LONGEST_SUMMARY = 255
SUMMARISED = 4000
"""Characters at the beginning of a text that its summary is made of."""
MOST_STEPS = 15_000
"""How often rules may be tried on one text. Prose takes one step for some twenty characters; half a megabyte of `[`,
each of which may begin a link that may end anywhere, took millions of them, and eight seconds."""
MOST_LINES = 5000
SHORT = 2000
"""Characters that take no thread to render."""


class _TooManySteps(Exception):
    """The text is no prose."""


def _step(state: StateInline, _silent: bool) -> bool:
    """A rule that comes before all others and never holds: it counts."""
    state.env["steps"] = state.env.get("steps", 0) + 1
    if state.env["steps"] > MOST_STEPS:
        raise _TooManySteps
    return False


def _renderer() -> MarkdownIt:
    renderer = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
    renderer.inline.ruler.before("text", "step", _step)
    return renderer


_RENDERER = _renderer()


def _rendered(text: str) -> str:
    """The text's HTML; what takes too many steps, or has too many lines, is shown as it was written."""
    if text.count("\n") <= MOST_LINES:
        with suppress(_TooManySteps):
            return str(_RENDERER.render(text))
    return f"<pre>{escape(text)}</pre>"


@lru_cache(maxsize=64)
def to_html(text: str | None) -> str:
    """The text as HTML, without scripts, styles, frames or anything that acts."""
    return _PAGE_TITLE.sub(r"<\1h2>", nh3.clean(_rendered(text or "")))


async def rendered(text: str | None) -> str:
    """`to_html`, of long texts while others are served."""
    return to_html(text) if text is None or len(text) <= SHORT else await asyncio.to_thread(to_html, text)


def summary(text: str | None) -> str:
    """The first words of the text without marks, as a description: at most 255 characters
    (docs/contract/pages.md 4)."""
    plain = " ".join(unescape(_TAGS.sub("", _rendered((text or "")[:SUMMARISED]))).split())
    return plain if len(plain) < LONGEST_SUMMARY - 2 else plain[: LONGEST_SUMMARY - 3] + "..."
