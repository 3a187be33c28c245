"""The page around a presenter: what a volunteer has done is never lost, and no task is lost on a volunteer."""

import itertools
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Error, FrameLocator, Page, Route, expect

from tests.support.presses import until_presses_count
from tests.support.site import Project, Site

PRESENTER = """
<h1 id="question">Loading</h1>
<button id="yes">Yes</button> <button id="undo">Undo</button> <a id="tutorial" href="/project/PLACE/tutorial">How</a>
<script>
  var last, on;
  pybossa.presentTask(function (task, deferred) {
    if ($.isEmptyObject(task)) { return; }
    on = { task: task, deferred: deferred };
    $('#question').text(task.info.question);
    $('#yes').focus().off('click').on('click', function () {
      last = task;
      pybossa.saveTask(task, 'yes to ' + task.info.question, { undoable: UNDOABLE }).done(deferred.resolve);
    });
  });
  $('#undo').on('click', function () {
    pybossa.takeBack(last.id).done(function (back) { $('#question').text(back ? 'Taken back' : 'Too late'); });
  });
  pybossa.run('PLACE');
</script>
"""
NUMBERS = itertools.count(1)
PLAIN, UNDOABLE = (PRESENTER.replace("UNDOABLE", word) for word in ("false", "true"))


def questions(*texts: str) -> list[dict[str, Any]]:
    return [{"question": text} for text in texts]


@pytest.fixture
def volunteer(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context()
    yield opened
    opened.close()


@pytest.fixture
def page(volunteer: BrowserContext) -> Page:
    return volunteer.new_page()


def task(page: Page) -> FrameLocator:
    return page.frame_locator("#presenter")


def shows(page: Page, question: str) -> None:
    expect(task(page).locator("#question")).to_have_text(question, timeout=15000)


def answer(page: Page, question: str) -> None:
    shows(page, question)
    until_presses_count(page)
    task(page).locator("#yes").click()


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Wait for something on the server, for ten seconds at the most."""
    for _ in range(100):
        if holds():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not come to this")


def test_the_address_follows_the_task_and_reload_and_back_work(site: Site, page: Page) -> None:
    project = site.project(PLAIN, questions("a", "b", "c"))
    page.goto(f"{project.address}/")
    page.goto(f"{project.address}/newtask")
    answer(page, "a")
    shows(page, "b")
    expect(page).to_have_url(f"{project.address}/task/{project.task_ids[1]}")
    page.reload()
    shows(page, "b")
    expect(page.locator("[data-part=done]")).to_have_text("1 of 3")
    page.go_back()
    expect(page).to_have_url(f"{project.address}/")


def test_a_task_is_fetched_ahead_and_the_keyboard_is_in_it(site: Site, page: Page) -> None:
    project = site.project(PLAIN, questions("a", "b", "c"))
    page.goto(f"{project.address}/newtask")
    shows(page, "a")
    expect(task(page).locator("#yes")).to_be_focused()
    # Whatever the server takes over the answer, the next task is shown before.
    page.route("**/api/taskrun", lambda route: None)
    page.keyboard.press("Enter")
    shows(page, "b")
    assert project.answers() == []


def test_answers_outlive_a_crash_while_the_server_is_away(site: Site, volunteer: BrowserContext, page: Page) -> None:
    project = site.project(PLAIN, questions("a", "b", "c"))
    is_away = True
    volunteer.route(
        "**/api/taskrun", lambda route: route.fulfill(status=503, json={}) if is_away else route.continue_()
    )
    page.goto(f"{project.address}/newtask")
    answer(page, "a")
    answer(page, "b")
    expect(page.locator("[data-part=badge]")).to_have_text("2 answers waiting")
    expect(page.locator("[data-part=offline]")).to_be_visible()
    with suppress(Error):
        page.goto("chrome://crash", timeout=3000)
    assert project.answers() == []
    is_away = False
    again = volunteer.new_page()
    again.goto(f"{project.address}/newtask")
    shows(again, "c")
    until(again, lambda: project.answers() == ["yes to a", "yes to b"])
    expect(again.locator("[data-part=done]")).to_have_text("2 of 3")


def test_a_lost_reply_does_not_store_the_answer_twice(site: Site, page: Page) -> None:
    project = site.project(PLAIN, questions("a", "b"), n_answers=2)
    lost: list[int] = []

    def lose_the_first_reply(route: Route) -> None:
        response = route.fetch()
        lost.append(response.status)
        if len(lost) == 1:
            route.abort()
        else:
            route.fulfill(response=response)

    page.route("**/api/taskrun", lose_the_first_reply)
    page.goto(f"{project.address}/newtask")
    answer(page, "a")
    shows(page, "b")
    until(page, lambda: len(lost) == 2)
    assert lost == [200, 200] and project.answers() == ["yes to a"]


def test_it_waits_while_all_tasks_are_in_other_hands_and_goes_on_by_itself(site: Site, page: Page) -> None:
    project = site.project(PLAIN, questions("a", "b"))
    held = site.api("GET", f"project/{project.id}/newtask")
    page.goto(f"{project.address}/newtask")
    answer(page, "b")
    expect(page.get_by_role("heading", name="All hands are busy")).to_be_visible(timeout=15000)
    site.api("GET", f"project/{site.project(PLAIN).id}/newtask")
    site.api("POST", "taskrun", {"project_id": project.id, "task_id": held["id"], "info": "x"})
    expect(page.get_by_role("heading", name="Thank you!")).to_be_visible(timeout=15000)
    expect(page.locator("[data-part=own]")).to_have_text("1")
    expect(page.locator("[data-part=project-progress]")).to_have_text("100 %")
    expect(page.locator("[data-part=thanks-done]")).to_be_visible()
    expect(page.locator("[data-part=thanks-none]")).to_be_hidden()
    expect(page.locator("[data-part=own-label]")).to_have_text("your answer")
    expect(page.locator("[data-project-cell].comb-open")).to_have_count(0)


def test_the_comb_of_the_thanks_shows_what_the_project_has_come_to(site: Site, page: Page) -> None:
    project = site.project(PLAIN, questions("a"), n_answers=2)
    page.goto(f"{project.address}/newtask")
    answer(page, "a")
    expect(page.locator("[data-part=volunteers-label]")).to_have_text("volunteer", timeout=15000)
    expect(page.locator("[data-part=project-progress]")).to_have_text("0 %")
    expect(page.locator("[data-project-cell].comb-open")).to_have_count(20)


def test_whoever_comes_too_late_is_not_thanked_for_answers(site: Site, page: Page) -> None:
    project = site.project(PLAIN, questions("a"))
    held = site.api("GET", f"project/{project.id}/newtask")
    site.api("POST", "taskrun", {"project_id": project.id, "task_id": held["id"], "info": "x"})
    page.goto(f"{project.address}/newtask")
    expect(page.locator("[data-part=thanks-none]")).to_be_visible(timeout=15000)
    expect(page.locator("[data-part=thanks-done]")).to_be_hidden()
    expect(page.locator("[data-part=thanks-keep]")).to_be_hidden()


def drawn_by_another(site: Site, project: Project) -> Any:
    """The question of the task that somebody else is given."""
    with httpx.Client(base_url=site.url, headers={"Content-Type": "application/json"}) as http:
        site.register(http, f"other{next(NUMBERS)}")
        return http.get(f"/api/project/{project.id}/newtask").json().get("info", {}).get("question")


def test_the_next_task_is_kept_while_this_one_is_answered(site: Site, page: Page) -> None:
    project = site.project(PLAIN, questions("a", "b", "c"))
    with page.expect_response("**/next?*"):
        page.goto(f"{project.address}/newtask")
    assert drawn_by_another(site, project) == "c"
    answer(page, "a")
    shows(page, "b")


def test_a_task_whose_slot_has_gone_gives_way_before_anybody_has_begun_with_it(site: Site, page: Page) -> None:
    # However slow the machine is, it is the moment after the task was shown.
    project = site.project("<script>Date.now = () => 0;</script>" + PLAIN, questions("a", "b"))
    with page.expect_response("**/next?*"):
        page.goto(f"{project.address}/newtask")
    assert drawn_by_another(site, project) == "b", "what is only ahead of somebody goes to who has nothing else"
    site.api("POST", "task", {"project_id": project.id, "info": {"question": "new"}, "n_answers": 1})
    answer(page, "a")
    shows(page, "new")


LOOP = """
<p id="question">Loading</p>
<script>
pybossa.newTask('PLACE').done(function (data) {
  $('#question').text(data.task.info ? data.task.info.question : 'The end');
});
</script>
"""


def test_who_waits_in_vain_is_shown_the_end_that_the_presenter_has(site: Site, page: Page) -> None:
    project = site.project(LOOP, questions("a"))
    with httpx.Client(base_url=site.url, headers={"Content-Type": "application/json"}) as http:
        site.register(http, f"other{next(NUMBERS)}")
        lent = http.get(f"/api/project/{project.id}/newtask").json()
        page.goto(f"{project.address}/newtask")
        expect(page.locator("[data-part=waiting]")).to_be_visible()
        http.post(
            "/api/taskrun", json={"project_id": project.id, "task_id": lent["id"], "info": "b"}
        ).raise_for_status()
    shows(page, "The end")
    expect(task(page).locator("#question")).to_be_visible()


def test_who_leaves_comes_back_to_the_task_that_was_shown(site: Site, page: Page) -> None:
    project = site.project(PLAIN, questions("a", "b", "c"))
    page.goto(f"{project.address}/newtask")
    answer(page, "a")
    shows(page, "b")
    page.goto(f"{project.address}/")
    page.goto(f"{project.address}/newtask")
    answer(page, "b")
    shows(page, "c")


def test_an_answer_can_be_taken_back_until_it_is_sent(site: Site, page: Page) -> None:
    project = site.project(UNDOABLE, questions("a", "b", "c"))
    page.goto(f"{project.address}/newtask")
    answer(page, "a")
    shows(page, "b")
    until_presses_count(page)
    task(page).locator("#undo").click()
    shows(page, "Taken back")
    expect(page.locator("[data-part=done]")).to_have_text("0 of 3")
    page.wait_for_timeout(500)
    assert project.answers() == []


def test_what_could_be_taken_back_is_sent_by_the_next_answer_and_by_leaving(site: Site, page: Page) -> None:
    project = site.project(UNDOABLE, questions("a", "b", "c"))
    page.goto(f"{project.address}/newtask")
    answer(page, "a")
    answer(page, "b")
    until(page, lambda: project.answers() == ["yes to a"])
    page.goto(f"{project.address}/")
    until(page, lambda: project.answers() == ["yes to a", "yes to b"])


def test_who_signs_in_meanwhile_keeps_the_answers_given_before(
    site: Site, volunteer: BrowserContext, page: Page
) -> None:
    project = site.project(PLAIN, questions("a", "b"))
    page.goto(f"{project.address}/newtask")
    shows(page, "a")
    volunteer.route("**/api/taskrun", lambda route: route.fulfill(status=503, json={}))
    answer(page, "a")
    shows(page, "b")
    with httpx.Client(base_url=site.url, headers={"Content-Type": "application/json"}) as http:
        site.register(http, f"late{project.id}")
        volunteer.add_cookies([{"name": name, "value": value, "url": site.url} for name, value in http.cookies.items()])
    volunteer.unroute("**/api/taskrun")
    page.goto(f"{project.address}/newtask")
    until(page, lambda: project.answers() == ["yes to a"])
    assert project.runs()[0]["user_id"] is not None


def test_a_task_can_be_skipped_where_the_project_allows_it(site: Site, page: Page) -> None:
    project = site.project(PLAIN, questions("a", "b"), allow_skip=True)
    page.goto(f"{project.address}/newtask")
    shows(page, "a")
    page.get_by_role("button", name="Skip").click()
    shows(page, "b")
    page.get_by_role("button", name="Skip").click()
    shows(page, "a")


def test_the_tutorial_comes_first_and_leads_on(site: Site, page: Page) -> None:
    project = site.project(PLAIN, questions("a"), tutorial="<p>Look closely.</p>")
    page.goto(f"{project.address}/newtask")
    expect(task(page).get_by_text("Look closely.")).to_be_visible()
    task(page).locator("a#start").click()
    shows(page, "a")
    task(page).locator("#tutorial").click()
    expect(page).to_have_url(f"{project.address}/tutorial")


def test_a_task_of_another_project_is_not_shown(site: Site, page: Page) -> None:
    one, other = site.project(PLAIN), site.project(PLAIN)
    page.goto(f"{one.address}/task/{other.task_ids[0]}")
    expect(page.locator("iframe")).to_have_count(0)


def test_an_answered_task_at_its_address_gives_way_to_another(site: Site, page: Page) -> None:
    project = site.project(PLAIN, questions("a", "b"), n_answers=2)
    page.goto(f"{project.address}/newtask")
    answer(page, "a")
    until(page, lambda: len(project.answers()) == 1)
    page.goto(f"{project.address}/task/{project.task_ids[0]}")
    shows(page, "b")
    expect(page).to_have_url(re.compile(rf"/task/{project.task_ids[1]}$"))
