"""Markdown by people, as HTML that is safe on our own pages (08-gaps 3.20)."""

import re
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt

_RENDERER = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
_TAGS = re.compile(r"<[^>]+>")
LONGEST_SUMMARY = 255


@lru_cache(maxsize=256)
def to_html(text: str | None) -> str:
    """The text as HTML, without scripts, styles, frames or anything that acts."""
    return nh3.clean(_RENDERER.render(text or ""))


def summary(text: str | None) -> str:
    """The first words of the text without marks, as a description: at most 255 characters (01-pages section 4)."""
    plain = " ".join(_TAGS.sub("", _RENDERER.render(text or "")).split())
    return plain if len(plain) < LONGEST_SUMMARY - 2 else plain[: LONGEST_SUMMARY - 3] + "..."
