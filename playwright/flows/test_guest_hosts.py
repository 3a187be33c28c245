"""Presenters on hosts of their own: what they have there, and what they have not (docs/architecture.md 7)."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Frame, Page, Route, expect

from tests.support.site import FRAMES, Project, Site, at_host

PRESENTER = "<h1>A guest</h1><script>pybossa.run('PLACE');</script>"
ASKS = """<h1>A guest</h1><output id="where"></output><script>
pybossa.run('PLACE');
navigator.geolocation.getCurrentPosition(
  (found) => { where.value = 'at ' + found.coords.latitude; }, (error) => { where.value = 'refused ' + error.code; });
</script>"""
KEPT_MS = 500
"""By then the page around has kept what a browser without cookies for such frames does not."""


@pytest.fixture
def visitor(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context()
    yield opened
    opened.close()


def guest_of(project: Project, page: Page, path: str = "newtask") -> Frame:
    page.goto(f"{project.address}/{path}")
    page.frame_locator("#presenter").get_by_role("heading", name="A guest").wait_for()
    return page.frames[1]


def test_a_guest_has_an_origin_and_the_address_of_its_page(site: Site, visitor: BrowserContext) -> None:
    project = site.project(PRESENTER)
    page = visitor.new_page()
    guest = guest_of(project, page, f"task/{project.task_ids[0]}?lang=es#part")
    port = site.url.rpartition(":")[2]
    assert guest.evaluate("origin") == f"http://p{project.id}.localhost:{port}"
    shown = guest.evaluate("[location.pathname, pybossa.getCurrentTaskId()]")
    assert shown == [f"/project/{project.short_name}/task/{project.task_ids[0]}", str(project.task_ids[0])]


def test_what_it_keeps_is_its_own(site: Site, visitor: BrowserContext) -> None:
    first, second = site.project(PRESENTER), site.project(PRESENTER)
    page = visitor.new_page()
    guest_of(first, page).evaluate("localStorage.seen = 'yes'; document.cookie = 'seen=yes; max-age=99'")
    page.wait_for_timeout(KEPT_MS)
    assert guest_of(first, visitor.new_page()).evaluate("[localStorage.seen, document.cookie]") == ["yes", "seen=yes"]
    assert guest_of(second, visitor.new_page()).evaluate("[localStorage.length, document.cookie]") == [0, ""]


def test_it_can_set_no_cookie_for_the_site(site: Site, visitor: BrowserContext) -> None:
    guest = guest_of(site.project(PRESENTER), visitor.new_page())
    before = {cookie["name"] for cookie in visitor.cookies(site.url)}
    guest.evaluate("document.cookie = 'remember_token=stolen; domain=localhost; path=/'")
    assert {cookie["name"] for cookie in visitor.cookies(site.url)} == before


@pytest.mark.parametrize("command", ["location.reload()", "location.href = '/project/PLACE/newtask'"])
def test_its_scripts_lead_its_frame_as_on_a_page_of_its_own(site: Site, visitor: BrowserContext, command: str) -> None:
    project = site.project(PRESENTER, [{}, {}])
    page = visitor.new_page()
    guest = guest_of(project, page)
    with page.expect_event("framenavigated", lambda frame: frame == guest):
        guest.evaluate(command.replace("PLACE", project.short_name))
    guest.wait_for_function("typeof workbeeBridge === 'object'")
    assert guest.evaluate("pybossa.userProgress('PLACE').then((found) => found.total)") == 2


def test_an_owners_draft_opens_there_and_opens_again(site: Site, browser: Browser) -> None:
    project = site.project(PRESENTER, published=False)
    opened = browser.new_context()
    opened.add_cookies([{"name": name, "value": value, "url": site.url} for name, value in site.http.cookies.items()])
    page = opened.new_page()
    guest = guest_of(project, page)
    assert guest.evaluate("origin").startswith(f"http://p{project.id}.")
    with page.expect_response(lambda response: "ticket=" in response.url and response.ok):
        guest.evaluate("location.reload()")
    page.frame_locator("#presenter").get_by_role("heading", name="A guest").wait_for()
    opened.close()


def test_where_its_host_cannot_be_reached_its_origin_is_opaque(site: Site, visitor: BrowserContext) -> None:
    project = site.project(PRESENTER)

    def unreachable(route: Route) -> None:
        route.abort("namenotresolved")

    visitor.route(f"http://p{project.id}.localhost*/**", unreachable)
    guest = guest_of(project, visitor.new_page())
    assert guest.evaluate("origin") == "null"


@pytest.mark.parametrize("host", FRAMES)
def test_devices_are_lent_to_one_project_by_our_page(site: Site, visitor: BrowserContext, host: str) -> None:
    origin = at_host(site.url, host)
    visitor.grant_permissions(["geolocation"])
    visitor.set_geolocation({"latitude": 52.5, "longitude": 13.4})
    first, second = site.project(ASKS), site.project(ASKS)
    page = visitor.new_page()
    page.goto(f"{origin}/project/{first.short_name}/newtask")
    where = page.frame_locator("#presenter").locator("#where")
    page.get_by_role("button", name="Allow").click()
    expect(where).to_have_text("at 52.5")
    page.reload()
    expect(where).to_have_text("at 52.5")

    page.goto(f"{origin}/project/{second.short_name}/newtask")
    page.get_by_role("dialog").get_by_role("button", name="No").click()
    expect(where).to_have_text("refused 1")


def test_a_permission_of_the_site_alone_gives_a_guest_nothing(site: Site, visitor: BrowserContext) -> None:
    visitor.grant_permissions(["geolocation", "camera", "microphone"])
    guest = guest_of(site.project(PRESENTER), visitor.new_page())
    around = "delete navigator.mediaDevices.getUserMedia; delete navigator.geolocation.getCurrentPosition;"
    asked = f"""{around} Promise.all([
      new Promise((done) => navigator.geolocation.getCurrentPosition(() => done('lent'), () => done('refused'))),
      navigator.mediaDevices.getUserMedia({{audio: true}}).then(() => 'lent', () => 'refused')])"""
    assert guest.evaluate(asked) == ["refused", "refused"]
