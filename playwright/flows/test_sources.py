"""Sources with scripts of their own, and what is followed as it goes on, in a real browser."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.support.server import running_server
from tests.support.site import Site

CHOOSER = """
window.Dropbox = {choose: (options) => options.success([
  {name: "a.png", link: "https://www.dropbox.com/s/1/a.png?dl=0"},
  {name: "b.png", link: "https://www.dropbox.com/s/2/b.png?dl=0"},
])};
"""
"""In place of Dropbox's own, which opens a window there."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with a key for Dropbox's chooser."""
    with (
        running_server(tmp_path_factory.mktemp("site"), variables={"DROPBOX_APP_KEY": "key"}) as server,
        closing(Site(server.url)) as made,
    ):
        yield made


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """The owner's. Any fault of a script, or against the page's policy, fails."""
    context = browser.new_context(base_url=site.url)
    context.add_cookies(
        [{"name": one.name, "value": one.value or "", "url": site.url} for one in site.http.cookies.jar]
    )
    faults: list[str] = []
    made = context.new_page()
    made.on("pageerror", lambda error: faults.append(str(error)))
    made.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    yield made
    context.close()
    assert faults == []


def test_files_are_chosen_in_dropbox(page: Page, site: Site) -> None:
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(body=CHOOSER, content_type="text/javascript")

    page.route("https://www.dropbox.com/**", answer)
    project = site.project("<p>?</p>")
    page.goto(f"/project/{project.short_name}/tasks/import")
    page.get_by_role("link", name="Dropbox").click()
    page.get_by_role("button", name="Choose files in Dropbox").click()
    expect(page.get_by_role("listitem").filter(has_text="b.png")).to_be_visible()
    page.get_by_role("button", name="Look at the first rows").click()
    expect(page.get_by_role("cell", name="a.png", exact=True).first).to_be_visible()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("2 new tasks were imported successfully")).to_be_visible()
    assert asked and asked[0].endswith("/dropins.js")


def test_an_owner_sees_answers_come(page: Page, site: Site) -> None:
    project = site.project("<p>?</p>", [{"n": n} for n in range(3)])
    with page.expect_request(lambda request: request.url.endswith("/publicstream")):
        page.goto(f"/project/{project.short_name}/settings")
    shown = page.locator("#project-progress")
    expect(shown).to_contain_text("0 %")
    page.wait_for_timeout(500)
    task = site.api("GET", f"project/{project.id}/newtask")
    site.api("POST", "taskrun", {"project_id": project.id, "task_id": task["id"], "info": "yes"})
    # Sooner than it would ask by itself.
    expect(shown).to_contain_text("33 %", timeout=6_000)


def test_a_table_to_start_from_is_looked_at(page: Page, site: Site) -> None:
    project = site.project("<p>?</p>")
    page.goto(f"/project/{project.short_name}/tasks/import")
    page.get_by_role("link", name="Maps").click()
    expect(page.get_by_label("Address of the spreadsheet")).to_have_value(f"{site.url}/static/tasks/map.csv")
    page.get_by_role("button", name="Look at the first rows").click()
    expect(page.get_by_role("cell", name="Berlin")).to_be_visible()
