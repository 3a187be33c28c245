"""A part of a page that is cached shows nothing but what it is known by."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from jinja2 import Environment, meta, nodes
from markupsafe import Markup

import webapp.app  # noqa: F401  # all view-models are there
from webapp.http.assets import AssetManifest
from webapp.http.fragments import CACHED_MACROS
from webapp.http.renderer import TEMPLATES_DIR, Renderer
from webapp.i18n import use_locale
from webapp.viewmodels.page import Page

SYNTAX = Environment(extensions=["jinja2.ext.loopcontrols", "jinja2.ext.do"])


def _parsed(path: str) -> nodes.Template:
    return SYNTAX.parse((TEMPLATES_DIR / path).read_text())


def _cached_blocks() -> list[tuple[str, nodes.CallBlock]]:
    files = sorted(str(file.relative_to(TEMPLATES_DIR)) for file in TEMPLATES_DIR.rglob("*.html"))
    blocks = ((path, block) for path in files for block in _parsed(path).find_all(nodes.CallBlock))
    return [
        (path, block)
        for path, block in blocks
        if isinstance(block.call.node, nodes.Name) and block.call.node.name == "cached"
    ]


def _shown(body: Sequence[nodes.Node]) -> Iterator[str]:
    """`chrome.x` or `name` for everything from outside that these nodes show, included templates too."""
    for node in body:
        for include in [*node.find_all(nodes.Include), *([node] if isinstance(node, nodes.Include) else [])]:
            assert isinstance(include.template, nodes.Const)
            yield from _shown(_parsed(include.template.value).body)
    template = nodes.Template(list(body), lineno=1)
    template.set_environment(SYNTAX)
    for attribute in template.find_all(nodes.Getattr):
        if isinstance(attribute.node, nodes.Name) and attribute.node.name == "chrome":
            yield f"chrome.{attribute.attr}"
    yield from meta.find_undeclared_variables(template) - {"chrome"}


def _pages_of(path: str, kind: type[Page] = Page) -> Iterator[type[Page]]:
    """The view-models that this template draws."""
    for page in kind.__subclasses__():
        yield from ([page] if page.template.lstrip("/") == path else [])
        yield from _pages_of(path, page)


@pytest.mark.parametrize(("path", "block"), _cached_blocks(), ids=lambda value: value if isinstance(value, str) else "")
def test_a_cached_block_shows_its_arguments_alone(path: str, block: nodes.CallBlock) -> None:
    globals_ = Renderer(AssetManifest.load().url).environment.globals
    # The person is known by the names and picture that the header shows.
    known = {*_shown(block.call.args)} | ({"chrome.user"} if path == "parts/header.html" else set())
    if block.call.kwargs:
        assert block.call.kwargs == [nodes.Keyword("within", nodes.Name("rendered", "load"))]
        known |= set.intersection(*(set(page.shared) for page in _pages_of(path)))
    assert {name for name in _shown(block.body) if name not in globals_} <= known


def test_there_are_blocks_to_look_at() -> None:
    assert len(_cached_blocks()) > 2


def test_cached_macros_show_neither_the_page_nor_the_time() -> None:
    for file in sorted((TEMPLATES_DIR / "macros").glob("*.html")):
        for macro in SYNTAX.parse(file.read_text()).find_all(nodes.Macro):
            if macro.name in CACHED_MACROS:
                names = {name.name for name in macro.find_all(nodes.Name)}
                assert not names & {"chrome", "moment", "day", "caller"}, macro.name


def test_text_and_markup_of_the_same_letters_are_two_parts() -> None:
    ui: Any = Renderer(AssetManifest.load().url).environment.globals["ui"]
    card = (1, "birds", "<b>Birds</b>", "", 0.0, 0, "", 3, "", False)
    raw = (1, "birds", Markup("<b>Birds</b>"), "", 0.0, 0, "", 3, "", False)
    for _ in range(2):
        assert "&lt;b&gt;Birds" in ui.card_of(*card)
        assert "<b>Birds" in ui.card_of(*raw)


def test_a_part_is_cached_in_each_language() -> None:
    ui: Any = Renderer(AssetManifest.load().url).environment.globals["ui"]
    card = (1, "birds", "Birds", "", 50.0, 1234, "", 3, "", False)
    with use_locale("en"):
        assert "1,234" in ui.card_of(*card)
    with use_locale("de"):
        assert "1.234" in ui.card_of(*card)
    with use_locale("en"):
        assert "1,234" in ui.card_of(*card)
