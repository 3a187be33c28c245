"""An owner's way from registration to a published project with fifty tasks, and volunteers who finish it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.presses import until_presses_count
from tests.support.server import RunningServer, running_server

SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
PASSWORD = "a long enough one"
PRESENTER = """
<h1 id="question">Loading</h1>
<button id="yes" class="btn btn-primary">Yes</button> <button id="no" class="btn btn-default">No</button>
<script>
  pybossa.taskLoaded(function (task, deferred) { deferred.resolve(task); });
  pybossa.presentTask(function (task, deferred) {
    if ($.isEmptyObject(task)) { $('#question').text('Nothing left'); return; }
    $('#question').text(task.info.question);
    $('#yes').focus();
    $('#yes, #no').off('click').on('click', function () {
      pybossa.saveTask(task.id, $(this).attr('id')).done(function () { deferred.resolve(); });
    });
  });
  pybossa.run('%s');
</script>
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("owner")) as running:
        yield running


@pytest.fixture(params=list(SIZES))
def size(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def context(browser: Browser, server: RunningServer, size: str) -> Iterator[BrowserContext]:
    viewport: Any = SIZES[size]
    opened = browser.new_context(viewport=viewport, base_url=server.url, has_touch=size == "phone")
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def api(server: RunningServer, path: str, **query: str) -> Any:
    answer = httpx.get(f"{server.url}/api/{path}", params=query)
    assert answer.is_success, answer.text
    return answer.json()


def register(page: Page, name: str) -> None:
    page.goto("/account/register")
    page.get_by_label("Full name").fill(f"{name} the Owner")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Email").fill(f"{name}@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Repeat", exact=False).last.fill(PASSWORD)
    page.get_by_role("button", name="Create my account").click()
    # The first page of a server that has just started, on a machine that does other things too.
    expect(page.get_by_text("Thanks for signing-up")).to_be_visible(timeout=30_000)


def publish_project(page: Page, server: RunningServer, short_name: str, rows: int, folder: Path) -> None:
    """Draft, tasks, presenter, publication: each by the page's own forms and links."""
    page.goto("/project/new")
    page.get_by_label("Name", exact=True).fill(f"Questions of {short_name}")
    page.get_by_label("Short name").fill(short_name)
    page.get_by_label("Why it matters").fill("## Because\n\nSomebody has to ask.")
    page.get_by_role("button", name="Create the draft").click()
    page.wait_for_url(f"**/project/{short_name}/update")

    table = folder / "tasks.csv"
    table.write_text("question,n_answers\n" + "".join(f"Is {number} prime?,1\n" for number in range(rows)))
    page.goto(f"/project/{short_name}/tasks/import?type=localCSV")
    page.get_by_label("CSV file").set_input_files(table)
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text(f"{rows} new tasks were imported successfully")).to_be_visible()

    page.goto(f"/project/{short_name}/tasks/taskpresentereditor?template=basic")
    page.locator("textarea[name=editor]").evaluate("(area, text) => { area.value = text; }", PRESENTER % short_name)
    page.get_by_role("button", name="Save the presenter").click()
    page.wait_for_url(f"**/project/{short_name}/tasks/")

    page.goto(f"/project/{short_name}/")
    page.get_by_role("link", name="Publish", exact=True).first.click()
    page.get_by_role("button", name="Publish now").click()
    expect(page.get_by_text("Project published!")).to_be_visible()


def test_from_registration_to_a_published_project(page: Page, server: RunningServer, size: str, tmp_path: Path) -> None:
    register(page, f"owner-{size}")
    publish_project(page, server, f"fifty-{size}", 50, tmp_path)
    expect(page.get_by_role("link", name="Contribute")).to_be_visible()
    [project] = api(server, "project", short_name=f"fifty-{size}")
    assert len(api(server, "task", project_id=str(project["id"]), limit="100")) == 50


def test_an_anonymous_volunteer_finishes_by_keyboard_alone(
    browser: Browser, page: Page, server: RunningServer, size: str, tmp_path: Path
) -> None:
    register(page, f"keys-{size}")
    publish_project(page, server, f"keys-{size}", 3, tmp_path)
    viewport: Any = SIZES[size]
    volunteer = browser.new_context(viewport=viewport, base_url=server.url)
    theirs = volunteer.new_page()
    theirs.goto(f"/project/keys-{size}/")
    theirs.get_by_role("link", name="Contribute").focus()
    theirs.keyboard.press("Enter")
    for number in range(3):
        expect(theirs.frame_locator("#presenter").get_by_role("heading")).to_have_text(f"Is {number} prime?")
        expect(theirs.frame_locator("#presenter").locator("#yes")).to_be_focused()
        until_presses_count(theirs)
        theirs.keyboard.press("Enter")
    expect(theirs.get_by_role("heading", name="Thank you!")).to_be_visible()
    expect(theirs.get_by_role("link", name="Create an account")).to_be_visible()
    [project] = api(server, "project", short_name=f"keys-{size}")
    runs = api(server, "taskrun", project_id=str(project["id"]))
    assert sorted(run["info"] for run in runs) == ["yes"] * 3
    assert len(api(server, "result", project_id=str(project["id"]))) == 3
    volunteer.close()


def test_the_network_is_cut_and_no_answer_is_lost(
    browser: Browser, page: Page, server: RunningServer, size: str, tmp_path: Path
) -> None:
    register(page, f"cut-{size}")
    publish_project(page, server, f"cut-{size}", 4, tmp_path)
    viewport: Any = SIZES[size]
    volunteer = browser.new_context(viewport=viewport, base_url=server.url)
    theirs = volunteer.new_page()
    theirs.goto(f"/project/cut-{size}/newtask")
    question = theirs.frame_locator("#presenter").get_by_role("heading")
    expect(question).to_have_text("Is 0 prime?")
    theirs.wait_for_timeout(500)
    volunteer.set_offline(True)
    theirs.frame_locator("#presenter").locator("#no").click()
    expect(theirs.locator("[data-part=badge]")).to_contain_text("1 answer waiting")
    expect(question).to_have_text("Is 1 prime?")
    [project] = api(server, "project", short_name=f"cut-{size}")
    assert api(server, "taskrun", project_id=str(project["id"])) == []
    volunteer.set_offline(False)
    expect(theirs.locator("[data-part=badge]")).to_be_hidden(timeout=15000)
    runs = api(server, "taskrun", project_id=str(project["id"]))
    assert [run["info"] for run in runs] == ["no"]
    volunteer.close()
