"""A presenter is a guest: whatever it tries, it has nothing of its volunteer but the answers to its own tasks."""

import json
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Frame, Page, expect

from tests.support.site import Site

PRESENTER = "<h1>A guest</h1><script>pybossa.run('PLACE');</script>"
TRY = (
    "async code => { try { return String(await (0, eval)(code)); } catch (error) { return 'refused: ' + error.name; } }"
)


@pytest.fixture
def victim(site: Site, browser: Browser) -> Any:
    """The browser of the owner, an administrator: nobody has more to lose."""
    opened = browser.new_context()
    opened.add_cookies([{"name": name, "value": value, "url": site.url} for name, value in site.http.cookies.items()])
    yield opened
    opened.close()


def guest_in(page: Page, address: str) -> Frame:
    page.goto(address)
    page.frame_locator("#presenter").get_by_role("heading", name="A guest").wait_for()
    return page.frames[1]


@pytest.fixture
def guest(site: Site, victim: BrowserContext) -> Frame:
    return guest_in(victim.new_page(), f"{site.project(PRESENTER).address}/newtask")


@pytest.mark.parametrize(
    "code",
    [
        "parent.document.cookie",
        "parent.document.body.innerHTML",
        "parent.location.href",
        "top.location = 'about:blank'",
        "navigator.serviceWorker.register('/static/js/pybossa/pybossa.js')",
    ],
)
def test_the_page_around_is_out_of_reach(guest: Frame, code: str) -> None:
    assert guest.evaluate(TRY, code).startswith("refused: ")


def test_cookies_and_storage_of_the_site_are_not_there(guest: Frame) -> None:
    assert guest.evaluate("[document.cookie, localStorage.length]") == ["", 0]
    assert guest.evaluate("self.origin") != guest.page.evaluate("self.origin")


def test_the_page_around_cannot_be_led_away(guest: Frame) -> None:
    page = guest.page
    guest.evaluate("try { top.location.href = '/about'; } catch (error) {}")
    page.wait_for_timeout(500)
    assert "/project/" in page.url and page.frames[1] == guest and len(page.context.pages) == 1


@pytest.mark.parametrize("path", ["/account/signout", "/account/owner/delete", "PLACE/settings", "PLACE/delete"])
def test_where_it_leads_the_page_around_after_a_click_nothing_happens(
    guest: Frame, site: Site, victim: BrowserContext, path: str
) -> None:
    """What a test evaluates counts as a click: the page goes there, and asks before it does anything."""
    place = "/project/" + guest.page.url.split("/")[4]
    guest.evaluate("href => window.workbeeBridge.tell('navigate', { href: href })", path.replace("PLACE", place))
    guest.page.wait_for_timeout(500)
    profile = victim.request.get(f"{site.url}/account/profile", headers={"Content-Type": "application/json"})
    assert profile.json()["user"]["name"] == "owner"
    assert site.api("GET", "project", short_name=place.removeprefix("/project/"))


def test_it_is_led_nowhere_by_javascript(guest: Frame) -> None:
    guest.evaluate("window.workbeeBridge.tell('navigate', { href: 'javascript:document.title = 1' })")
    guest.page.wait_for_timeout(300)
    assert guest.page.title() != "1" and guest.page.frames[1] == guest


@pytest.mark.parametrize("credentials", ["same-origin", "include"])
def test_pages_and_api_do_not_take_it_for_its_volunteer(guest: Frame, site: Site, credentials: str) -> None:
    asked = f"{{credentials: '{credentials}', headers: {{'Content-Type': 'application/json'}}}}"
    for path in ("/account/profile", "/account/owner/update"):
        for origin in ("", site.url):
            assert guest.evaluate(TRY, f"fetch('{origin}{path}', {asked}).then(r => r.status)").startswith("refused: ")
    blind = "([credentials, body]) => fetch('/api/project', {method: 'POST', mode: 'no-cors', credentials, body})"
    stolen = '{"name": "stolen", "short_name": "stolen", "description": "x"}'
    guest.evaluate(f"{blind}.then(() => 1)", [credentials, stolen])
    guest.page.wait_for_timeout(300)
    assert site.api("GET", "project", all=1, short_name="stolen") == []


def test_its_token_is_good_for_its_own_project_alone(guest: Frame, site: Site) -> None:
    other = site.project(PRESENTER)
    assert guest.evaluate("id => fetch('/api/project/' + id + '/newtask').then(r => r.status)", other.id) == 403
    for path in ("user/1", "project/1"):
        status = guest.evaluate(
            "path => fetch('/api/' + path, {method: 'PUT', body: '{}', headers: {'Content-Type': 'application/json'}})"
            ".then(r => r.status)",
            path,
        )
        assert status in (401, 403)
    private = guest.evaluate("() => fetch('/api/user/1').then(r => r.text())")
    assert "owner@example.org" not in private and site.key not in private


def test_its_address_opened_by_itself_gives_it_nothing(site: Site, victim: BrowserContext) -> None:
    project = site.project(PRESENTER)
    page = victim.new_page()
    page.goto(f"{project.address}/frame")
    expect(page.get_by_role("link", name="Go to the project")).to_be_visible()
    assert page.evaluate("typeof window.pybossa") == "undefined"


def test_messages_from_elsewhere_are_not_heard(guest: Frame) -> None:
    page = guest.page
    place = page.url.split("/task/")[0].removesuffix("/newtask")
    channel = guest.evaluate("JSON.parse(window.name).channel")
    message = {"workbee": channel, "method": "navigate", "args": json.dumps({"href": f"{place}/tutorial"})}
    page.evaluate("message => window.postMessage(message, '*')", message)
    page.wait_for_timeout(300)
    assert not page.url.endswith("/tutorial")
    guest.evaluate("message => window.parent.postMessage(message, '*')", message)
    page.wait_for_url("**/tutorial")


def test_an_answer_to_a_task_that_it_was_not_given_is_refused(guest: Frame, site: Site) -> None:
    other = site.project(PRESENTER)
    save = "id => window.workbeeBridge.call('save', {task: {id: id}, info: 1}).then(() => 'saved', error => error)"
    assert guest.evaluate(save, other.task_ids[0]) == "This task was not given here."


def test_a_task_of_another_project_is_not_read_with_the_rights_of_its_volunteer(guest: Frame, site: Site) -> None:
    other = site.project(PRESENTER)
    read = "id => window.workbeeBridge.call('task', {id: id}).then(task => JSON.stringify(task), error => error)"
    assert guest.evaluate(read, other.task_ids[0]) == "This task belongs to another project."


def test_the_address_bar_says_nothing_that_a_guest_made_up(guest: Frame) -> None:
    show = "id => window.workbeeBridge.call('shown', {id: id}).then(() => 'shown', error => error)"
    assert guest.evaluate(show, "../../../account/signin") == "This task was not given here."
    assert "/account/" not in guest.page.url
