"""Templates: every page's template and every declared fragment exists and compiles."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest

import webapp.viewmodels
from webapp.http.renderer import Renderer
from webapp.viewmodels.page import Page

RENDERER = Renderer(lambda path: f"/static/{path}")


def page_classes() -> Iterator[type[Page]]:
    for info in pkgutil.walk_packages(webapp.viewmodels.__path__, "webapp.viewmodels."):
        module = importlib.import_module(info.name)
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Page) and value.__module__ == info.name and value.template:
                yield value


PAGES = sorted(set(page_classes()), key=lambda page: (page.__module__, page.__name__))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.__name__)
def test_every_page_has_its_template(page: type[Page]) -> None:
    if "json_only" in vars(page):
        return
    template = RENDERER.environment.get_template(page.template.lstrip("/"))
    assert template.name


@pytest.mark.parametrize("page", [page for page in PAGES if page.fragments], ids=lambda page: page.__name__)
def test_every_declared_fragment_is_a_block_of_the_template(page: type[Page]) -> None:
    template = RENDERER.environment.get_template(page.template.lstrip("/"))
    assert set(page.fragments.values()) <= set(template.blocks)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.__name__)
def test_whatever_htmx_may_take_up_has_a_main_part(page: type[Page]) -> None:
    if page.stands_alone or page.is_guest or "json_only" in vars(page):
        return
    chain = RENDERER._chain(page.template.lstrip("/"))
    assert any("main" in template.blocks for template in chain)
