"""However a page is reached it tells the same: by link, by HTMX, as JSON. Back, forward and reload work."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.server import RunningServer, running_server

PAGES = (
    "/",
    "/project/",
    "/project/category/thinking/",
    "/project/digits/",
    "/project/digits/tasks/",
    "/project/digits/tasks/browse",
    "/project/digits/stats",
    "/project/digits/results",
    "/project/digits/blog",
    "/leaderboard/",
    "/account/",
    "/stats/",
    "/help/",
    "/about",
    "/account/signin",
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("demo"), demo=True) as running:
        yield running


@pytest.fixture
def page(browser: Browser, server: RunningServer) -> Iterator[Page]:
    context = browser.new_context(base_url=server.url)
    yield context.new_page()
    context.close()


def words(page: Page) -> str:
    """The text of the page's own part, in one line, whatever the clock says meanwhile."""
    return re.sub(r"\d+ minutes?|\d+ seconds?", "a while", " ".join(page.locator("#main").inner_text().split()))


def as_json(server: RunningServer, path: str) -> Any:
    answer = httpx.get(server.url + path, headers={"Content-Type": "application/json"})
    assert answer.is_success and answer.headers["Content-Type"] == "application/json", answer.text
    return answer.json()


@pytest.mark.parametrize("path", PAGES)
def test_a_boosted_link_shows_what_a_plain_one_does(page: Page, path: str) -> None:
    page.goto(path)
    plain, title = words(page), page.title()
    page.goto("/help/license")
    page.evaluate(
        """path => {
          const link = Object.assign(document.createElement('a'), { href: path, textContent: 'there', id: 'there' });
          document.querySelector('#main').append(link);
          window.htmx.process(link);
        }""",
        path,
    )
    page.evaluate("window.unreloaded = true")
    page.click("#there")
    page.wait_for_url(f"**{path}")
    expect(page).to_have_title(title)
    assert words(page) == plain


def test_the_tabs_of_a_project_swap_without_a_reload(page: Page) -> None:
    page.goto("/project/digits/")
    page.evaluate("window.unreloaded = true")
    for name, place in (("Tasks", "tasks/"), ("Statistics", "stats"), ("About", "")):
        page.get_by_role("navigation", name="Parts of this project").get_by_role("link", name=name).click()
        page.wait_for_url(f"**/project/digits/{place}")
        current = page.get_by_role("navigation", name="Parts of this project").locator("[aria-current=page]")
        expect(current).to_have_text(name)
    assert page.evaluate("window.unreloaded") is True


def test_json_tells_the_same_facts(page: Page, server: RunningServer) -> None:
    facts = as_json(server, "/project/digits/")
    page.goto("/project/digits/")
    text = words(page)
    assert facts["project"]["name"] in text and facts["project"]["description"] in text
    assert f"{facts['n_tasks']:,}" in text and f"{facts['n_completed_tasks']:,}" in text
    listing = as_json(server, "/project/")
    page.goto("/project/")
    for project in listing["projects"]:
        assert project["name"] in words(page)
    board = as_json(server, "/leaderboard/")
    page.goto("/leaderboard/")
    for person in board["top_users"]:
        assert person["fullname"] in words(page) and f"{person['score']:,}" in words(page)


def test_back_forward_and_reload(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="All projects").click()
    page.wait_for_url("**/project/")
    page.locator("a.card-link").first.click()
    page.wait_for_url("**/project/*/")
    there, url = words(page), page.url
    page.go_back()
    page.wait_for_url("**/project/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Projects")
    page.go_forward()
    page.wait_for_url(url)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_timeout(300)
    assert words(page) == there
    page.reload()
    assert words(page) == there


def test_after_a_boosted_link_focus_and_scroll_begin_anew(page: Page) -> None:
    page.goto("/project/digits/")
    page.evaluate("scrollTo(0, 400)")
    page.get_by_role("link", name="Demo Owner").click()
    page.wait_for_url("**/account/**")
    page.wait_for_timeout(300)
    assert page.evaluate("scrollY") == 0
    assert page.evaluate("document.querySelector('#main').contains(document.activeElement)")
