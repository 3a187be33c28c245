"""Import, as an owner sees it: the first rows, a progress that survives leaving, and the way without scripts."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, Route, expect

from tests.support.site import Project, Site

N_ROWS = 30_000
PRESENTER = "<p>PLACE</p>"


@pytest.fixture
def project(site: Site) -> Project:
    return site.project(PRESENTER)


def signed_in(browser: Browser, site: Site, **options: Any) -> BrowserContext:
    """The owner's browser."""
    context = browser.new_context(base_url=site.url, **options)
    context.add_cookies(
        [{"name": one.name, "value": one.value or "", "url": site.url} for one in site.http.cookies.jar]
    )
    return context


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    context = signed_in(browser, site)
    yield context.new_page()
    context.close()


def file(n_rows: int) -> FilePayload:
    rows = b"".join(b"Is there a bee in picture %d?,2\n" % number for number in range(n_rows))
    return {"name": "pictures.csv", "mimeType": "text/csv", "buffer": b"question,n_answers\n" + rows}


def choose(page: Page, project: Project, n_rows: int) -> None:
    page.goto(f"/project/{project.short_name}/tasks/import")
    page.get_by_role("link", name="A CSV file").first.click()
    page.get_by_label("CSV file").set_input_files(file(n_rows))


def tasks_of(project: Project) -> int:
    stats = project.site.api("GET", "projectstats", project_id=project.id)
    return int(stats[0]["n_tasks"])


def test_the_first_rows_are_shown_before_anything_is_imported(page: Page, project: Project) -> None:
    choose(page, project, 3)
    page.get_by_role("button", name="Look at the first rows").click()
    table = page.get_by_role("table", name="The first rows")
    expect(table.get_by_role("columnheader", name="n_answers")).to_contain_text("of the task")
    expect(table.get_by_role("cell", name="Is there a bee in picture 2?")).to_be_visible()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("3 new tasks were imported successfully")).to_be_visible()


def test_the_progress_of_a_large_import_survives_leaving_the_page(page: Page, project: Project) -> None:
    choose(page, project, N_ROWS)
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("You may leave this page")).to_be_visible()
    page.goto("/")
    page.goto(f"/project/{project.short_name}/tasks/import")
    page.get_by_role("link", name="Import 1").or_(page.locator("main ul.rows a")).first.click()
    expect(page.get_by_role("heading", name="All rows are in")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("30,000").first).to_be_visible()
    assert tasks_of(project) == N_ROWS + 1


def test_without_a_stream_the_page_asks(page: Page, project: Project) -> None:
    def refuse(route: Route) -> None:
        route.fulfill(status=503, body="")

    page.route("**/events", refuse)
    choose(page, project, 5000)
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("heading", name="All rows are in")).to_be_visible(timeout=60_000)


def test_a_file_that_lies_about_its_type_is_refused(page: Page, project: Project) -> None:
    page.goto(f"/project/{project.short_name}/tasks/import?type=localCSV")
    wrong: FilePayload = {"name": "tasks.csv", "mimeType": "text/csv", "buffer": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"}
    page.get_by_label("CSV file").set_input_files(wrong)
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("This is not a CSV file").first).to_be_visible()


def test_it_works_without_scripts(browser: Browser, site: Site, project: Project) -> None:
    context = signed_in(browser, site, java_script_enabled=False)
    page = context.new_page()
    choose(page, project, 300)
    page.get_by_role("button", name="Import", exact=True).click()
    for _reload in range(100):
        if page.get_by_role("heading", name="All rows are in").is_visible():
            break
        page.wait_for_timeout(300)
        page.reload()
    expect(page.get_by_role("heading", name="All rows are in")).to_be_visible()
    context.close()
