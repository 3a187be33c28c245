"""Windows that a guest opens have their opener, as on PYBOSSA's page, and no way to the page around it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.support.site import FRAMES, Site, at_host

OPENS = """<h1>A guest</h1><button id="open">Open</button><script>
pybossa.run('PLACE');
document.getElementById('open').onclick = () => { window.opened = window.open('ADDRESS'); };
</script>"""


@pytest.fixture
def visitor(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context()
    yield opened
    opened.close()


def opened_by_a_guest(site: Site, visitor: BrowserContext, host: str, address: str) -> tuple[Page, Page]:
    """The page around the guest, and the window that the guest has opened."""
    project = site.project(OPENS.replace("ADDRESS", address))
    page = visitor.new_page()
    page.goto(at_host(f"{project.address}/newtask", host))
    with page.expect_popup() as popup:
        page.frame_locator("#presenter").locator("#open").click()
    return page, popup.value


def test_a_guest_on_its_own_host_writes_into_the_window_that_it_opens(site: Site, visitor: BrowserContext) -> None:
    page, window = opened_by_a_guest(site, visitor, "localhost", "")
    page.frames[1].evaluate("opened.document.body.textContent = 'written by its opener'")
    assert window.locator("body").inner_text() == "written by its opener"


@pytest.mark.parametrize("host", FRAMES)
def test_the_window_does_not_lead_the_page_around_away(site: Site, visitor: BrowserContext, host: str) -> None:
    page, window = opened_by_a_guest(site, visitor, host, "")
    before = page.url
    window.evaluate(
        "() => { try { opener.top.location = 'about:blank'; } catch (error) { window.refused = error.name; } }"
    )
    page.wait_for_timeout(300)
    assert page.url == before


@pytest.mark.parametrize("host", FRAMES)
def test_a_page_of_the_site_in_it_knows_no_opener(site: Site, visitor: BrowserContext, host: str) -> None:
    page, window = opened_by_a_guest(site, visitor, host, f"{site.url}/about")
    window.wait_for_url("**/about")
    assert window.evaluate("window.opener") is None
    assert page.frames[1].evaluate("opened.closed") is True
