"""Markdown is rendered in bounded time; what is no prose is shown as it was written."""

import sys
from collections import Counter

import pytest

from webapp.services.site import markdown
from webapp.services.site.markdown import rendered, to_html

SIZE = 60_000
PROSE = "A *bee*, a [flower](https://example.org) and `code`; what else?\n\n- one\n- two\n\n> said\n\n"
PATHOLOGICAL = {
    sign: sign * (SIZE // len(sign)) for sign in ("[", "![", "*a ", "_a", "**a*b", "[a](", "<", "`` `", "&", "[a]: b\n")
} | {"rows": "a|b\n-|-\n" + "|\n" * (SIZE // 2), "quotes": "\n".join(">" * (n % 200) for n in range(SIZE // 100))}


@pytest.mark.parametrize("text", PATHOLOGICAL.values(), ids=PATHOLOGICAL.keys())
def test_no_text_costs_much_more_than_prose(text: str) -> None:
    """In calls of functions, next to prose of that length; without the bound, brackets take eight times as many."""
    assert calls(text) < 3 * calls(PROSE * (SIZE // len(PROSE)))


def calls(text: str) -> int:
    """How many calls of functions, ours and C's, it takes to render the text."""
    events: Counter[str] = Counter()
    before = sys.getprofile()
    sys.setprofile(lambda _frame, event, _argument: events.update((event,)))
    try:
        markdown._rendered(text)
    finally:
        sys.setprofile(before)
    return events["call"] + events["c_call"]


def test_prose_of_fifty_thousand_characters_is_rendered() -> None:
    html = to_html(PROSE * 580)
    assert html.count("<em>bee</em>") == 580


def test_what_takes_too_many_steps_is_shown_as_it_was_written() -> None:
    html = to_html("[" * SIZE + "<script>")
    assert html == "<pre>" + "[" * SIZE + "&lt;script&gt;</pre>"


async def test_long_and_short_texts_are_rendered_alike() -> None:
    for text in (None, "", PROSE, PROSE * 100):
        assert await rendered(text) == to_html(text)


def test_a_summary_is_text() -> None:
    assert markdown.summary("Birds & bees < **3**") == "Birds & bees < 3"


def test_a_summary_is_made_of_the_beginning() -> None:
    assert markdown.summary("*Bees* " + "[" * 1_000_000).startswith("Bees [")
