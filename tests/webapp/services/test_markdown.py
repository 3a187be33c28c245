"""Markdown is rendered in bounded time; what is no prose is shown as it was written."""

import time

import pytest

from webapp.services.site import markdown
from webapp.services.site.markdown import rendered, to_html

SIZE = 60_000
PROSE = "A *bee*, a [flower](https://example.org) and `code`; what else?\n\n- one\n- two\n\n> said\n\n"
PATHOLOGICAL = {
    sign: sign * (SIZE // len(sign)) for sign in ("[", "![", "*a ", "_a", "**a*b", "[a](", "<", "`` `", "&", "[a]: b\n")
} | {"rows": "a|b\n-|-\n" + "|\n" * (SIZE // 2), "quotes": "\n".join(">" * (n % 200) for n in range(SIZE // 100))}


@pytest.mark.parametrize("text", PATHOLOGICAL.values(), ids=PATHOLOGICAL.keys())
def test_no_text_takes_much_longer_than_prose(text: str) -> None:
    """On processor time, next to what prose of that length takes here; half a megabyte of `[` took 8 seconds."""
    assert seconds(text) < 1 + 10 * seconds(PROSE * (SIZE // len(PROSE)))


def seconds(text: str) -> float:
    begun = time.process_time()
    markdown._rendered(text)
    return time.process_time() - begun


def test_prose_of_fifty_thousand_characters_is_rendered() -> None:
    html = to_html(PROSE * 580)
    assert html.count("<em>bee</em>") == 580


def test_what_takes_too_many_steps_is_shown_as_it_was_written() -> None:
    html = to_html("[" * SIZE + "<script>")
    assert html == "<pre>" + "[" * SIZE + "&lt;script&gt;</pre>"


async def test_long_and_short_texts_are_rendered_alike() -> None:
    for text in (None, "", PROSE, PROSE * 100):
        assert await rendered(text) == to_html(text)


def test_a_summary_is_made_of_the_beginning() -> None:
    assert markdown.summary("*Bees* " + "[" * 1_000_000).startswith("Bees [")
