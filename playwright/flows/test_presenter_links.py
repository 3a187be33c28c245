"""Links, forms and what a presenter keeps, in frames of either kind: as on PYBOSSA's page, and the task stays."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Page, Route, expect

from tests.support.site import FRAMES, Project, Site, at_host

PRESENTER = """<p>Task <b id="n"></b> <input id="typed"></p>
%s
<script>pybossa.presentTask(function (task) { $('#n').text('shown'); }); pybossa.run('PLACE');</script>"""
STOPPED = "<script>$('#link').on('click', function (event) { event.stopPropagation(); });</script>"
Opened = Callable[..., tuple[Project, FrameLocator]]


@pytest.fixture(params=FRAMES)
def opened(request: pytest.FixtureRequest, site: Site, page: Page) -> Opened:
    """A presenter with this markup, opened where its frame is opaque, or has a host of its own."""

    def open_it(markup: str, **info: Any) -> tuple[Project, FrameLocator]:
        project = site.project(PRESENTER % markup, **info)
        address = at_host(project.address, str(request.param))
        if info:
            page.goto(f"{address}/tutorial")  # which comes first, once
        page.goto(f"{address}/newtask")
        inside = page.frame_locator("#presenter")
        expect(inside.locator("#n")).to_have_text("shown", timeout=20_000)
        return project, inside

    return open_it


@pytest.mark.parametrize(
    ("markup", "path"),
    [
        ('<a id="link" href="../tutorial">x</a>', "/project/{}/tutorial"),
        ('<a id="link" href="/project/PLACE">x</a>', "/project/{}"),
        ('<a id="link" href="/leaderboard/">x</a>', "/leaderboard/"),
        ('<a id="link" href="/about" target="_top">x</a>', "/about"),
        ('<a id="link" href="/about">x</a>' + STOPPED, "/about"),
        ('<svg width="50" height="20"><a id="link" href="/about"><rect width="50" height="20"/></a></svg>', "/about"),
        ('<form action="/project/"><button id="link">x</button></form>', "/project/"),
        ('<button id="link" onclick="location.href = \'/about\'">x</button>', "/about"),
        ("<button id=\"link\" onclick=\"window.open('/about', '_self')\">x</button>", "/about"),
    ],
)
def test_links_to_the_site_are_followed_by_the_page_around(opened: Opened, page: Page, markup: str, path: str) -> None:
    project, inside = opened(markup, tutorial="<p>How</p>")
    inside.locator("#link").click()
    page.wait_for_url(f"**{path.format(project.short_name)}", wait_until="commit")


@pytest.mark.parametrize(
    "markup",
    [
        '<a id="link" href="mailto:us@example.org">x</a>',
        '<a id="link" href="tel:+34600000">x</a>',
        "<a id=\"link\" href=\"javascript:$('#n').text('ran')\">x</a>",
        '<a id="link" href="#below">x</a>',
        '<a id="link" href="/static/img/icon-180.png" download="icon.png">x</a>',
        '<a id="link" href="other:thing">x</a>',
        '<form action="/account/signin" method="post"><button id="link">x</button></form>',
    ],
)
def test_what_leads_out_of_the_web_leaves_the_task(opened: Opened, page: Page, markup: str) -> None:
    _, inside = opened(markup)
    before = page.url
    inside.locator("#typed").fill("half an hour of work")
    inside.locator("#link").click()
    page.wait_for_timeout(300)
    expect(inside.locator("#typed")).to_have_value("half an hour of work")
    assert page.url == before
    if "javascript:" in markup:
        expect(inside.locator("#n")).to_have_text("ran")
    if "other:" in markup or "post" in markup:
        expect(inside.locator("#pybossa-notification")).to_have_class("show-notification notification-warning")


def test_a_file_is_saved_under_its_name(opened: Opened, page: Page) -> None:
    _, inside = opened('<a id="link" href="/static/img/icon-180.png" download="icon.png">x</a>')
    with page.expect_download() as download:
        inside.locator("#link").click()
    assert download.value.suggested_filename == "icon.png"


@pytest.mark.parametrize("href", ["/project/PLACE/tutorial", "/about"])
def test_a_link_in_a_new_tab_is_of_the_site(opened: Opened, page: Page, href: str) -> None:
    _, inside = opened(f'<a id="link" target="_blank" href="{href}">x</a>', tutorial="<p>How</p>")
    with page.context.expect_page() as tab:
        inside.locator("#link").click()
    tab.value.wait_for_load_state()
    assert tab.value.url.split("/")[2] == page.url.split("/")[2]
    expect(tab.value.locator("#main")).to_be_visible()


KEEPS = """<b id="before"></b><script>
$('#before').text([localStorage.seen, sessionStorage.seen, document.cookie].join());
localStorage.seen = 1; sessionStorage.seen = 2; document.cookie = 'seen=3; max-age=1000; path=/';
</script>"""


def test_what_a_presenter_keeps_outlasts_the_page(opened: Opened, page: Page) -> None:
    _, inside = opened(KEEPS)
    expect(inside.locator("#before")).to_have_text(",,")
    page.reload()
    expect(inside.locator("#before")).to_have_text("1,2,seen=3", timeout=20_000)


def test_what_one_project_keeps_another_does_not_see(opened: Opened) -> None:
    opened(KEEPS)
    _, inside = opened(KEEPS)
    expect(inside.locator("#before")).to_have_text(",,")


LATE = """<p id="said"></p><script>
if (location.search.indexOf('second') < 0) {
  workbeeBridge.call('progress');
  location.href = '/project/PLACE/newtask?second=1';
} else {
  workbeeBridge.call('draw', { offset: 0, current: null }).then(function (task) { $('#said').text(task.info.n); });
}
</script>"""


def test_a_late_reply_to_the_previous_document_is_ignored(site: Site, page: Page) -> None:
    held: dict[str, Route] = {}
    page.route("**/userprogress*", lambda route: held.update(progress=route))
    page.route("**/newtask?offset*", lambda route: held.update(draw=route))
    with page.expect_request("**/newtask?offset*"):
        page.goto(f"{site.project(LATE, [{'n': 7}]).address}/newtask")
    page.wait_for_timeout(100)
    with page.expect_response("**/userprogress*"):
        held["progress"].continue_()
    page.wait_for_timeout(200)
    said = page.frame_locator("#presenter").locator("#said")
    expect(said).to_have_text("")
    held["draw"].continue_()
    expect(said).to_have_text("7")
