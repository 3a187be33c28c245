"""Texts that are written to do harm, shown by a real browser: nothing in them runs, and nothing hides our page."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.hostile.texts import MARK, TEXTS
from tests.support.site import Site


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    page = context.new_page()
    # Nothing outside of this machine is there to be asked.
    page.route("https://**", lambda route: route.abort())
    yield page
    context.close()


def test_nothing_in_them_runs(site: Site, page: Page) -> None:
    project = site.project("<p>What?</p>", [{"question": "x"}])
    address = f"{project.address}/"
    for name, text in TEXTS.items():
        site.api("PUT", f"project/{project.id}", {"description": text[:255], "long_description": text})
        page.goto(address)
        page.locator("main").get_by_text(MARK).first.wait_for()
        page.mouse.move(200, 300)
        assert page.evaluate("[window.taken, document.title.includes('taken=1')]") == [None, False], name
        assert page.url == address and len(page.context.pages) == 1, name
        heading = page.get_by_role("heading", level=1)
        assert heading.count() == 1 and heading.is_visible(), name
    assert all(not cookie["name"].startswith("taken") for cookie in page.context.cookies())
