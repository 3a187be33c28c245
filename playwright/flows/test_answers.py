"""Answers are never lost, never spoilt: whatever a presenter gives, the server says, or the line does."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Download, Page, Route, expect

from tests.support.presses import guest, until_presses_count
from tests.support.site import Project, Site

PRESENTER = """
<h1 id="question">Loading</h1> <button id="yes">Yes</button>
<script>
  var on;
  pybossa.presentTask(function (task, deferred) {
    if ($.isEmptyObject(task)) { return; }
    on = { task: task, deferred: deferred };
    $('#question').text(task.info.question);
    $('#yes').off('click').on('click', function () {
      pybossa.saveTask(task.id, 'yes to ' + task.info.question).done(deferred.resolve);
    });
  });
  pybossa.run('PLACE');
</script>
"""
SAVE = """code => Promise.resolve(pybossa.saveTask(on.task.id, (0, eval)('(' + code + ')'))).then(
    function (run) { on.deferred.resolve(); return run.queued; }, function (error) { return String(error); })"""
MAIN = Path(__file__).parents[2] / "webapp/static/js/contribute/main.js"


@pytest.fixture
def volunteer(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context()
    yield opened
    opened.close()


@pytest.fixture
def page(volunteer: BrowserContext) -> Page:
    return volunteer.new_page()


def a_project(site: Site, *questions: str) -> Project:
    return site.project(PRESENTER, [{"question": one} for one in questions])


def shows(page: Page, question: str) -> None:
    expect(page.frame_locator("#presenter").locator("#question")).to_have_text(question, timeout=20000)


def answer(page: Page, question: str) -> None:
    # Chromium loses clicks into a frame of another process while the tab is behind others.
    page.bring_to_front()
    shows(page, question)
    until_presses_count(page)
    page.frame_locator("#presenter").locator("#yes").click()


def comes_to(page: Page, project: Project, answers: list[Any]) -> None:
    """Wait until these are the answers that the server has, in any order."""
    for _ in range(150):
        if sorted(map(str, project.answers())) == sorted(map(str, answers)):
            return
        page.wait_for_timeout(100)
    assert project.answers() == answers


def envelope(status: int) -> dict[str, Any]:
    return {"status": "failed", "status_code": status, "exception_cls": "Refused", "exception_msg": "Not this one."}


IMPOSSIBLE = {
    "10n": "JSON",
    "(function () { var o = {}; o.o = o; return o; }())": "JSON",
    "{ toJSON: function () { throw new Error('no'); } }": "JSON",
    "'x'.repeat(5e6)": "too large",
    "'\u00e4'.repeat(3e6)": "too large",
    "(function () { var a = []; for (var i = 0; i < 200; i += 1) { a = [a]; } return a; }())": "too deeply",
}
ODD = {
    "{ n: NaN, i: -Infinity, u: undefined, f: function () {} }": {"n": None, "i": None},
    "undefined": None,
    "new Date(0)": "1970-01-01T00:00:00.000Z",
    "'The bee \\ud83d\\udc1d'.slice(0, 9)": "The bee \ufffd",
    "({ 'half \\udc1d': 'nul \\u0000' })": {"half \ufffd": "nul \ufffd"},
    "'kept: \\ud83d\\udc1d \\\\ud83d \\\\u0000'": "kept: \U0001f41d \\ud83d \\u0000",
    "'x'.repeat(1e5)": "x" * 100_000,
}


def test_what_can_never_be_taken_is_rejected_at_once_and_what_can_is_stored(site: Site, page: Page) -> None:
    project = a_project(site, *(str(place) for place in range(len(ODD))))
    page.goto(f"{project.address}/newtask")
    shows(page, "0")
    for code, reason in IMPOSSIBLE.items():
        assert reason in guest(page).evaluate(SAVE, code)
    for place, code in enumerate(ODD):
        shows(page, str(place))
        assert guest(page).evaluate(SAVE, code) is True
    comes_to(page, project, list(ODD.values()))


RAW = [
    "{}",
    "null",
    "10n",
    "{ task: { id: TASK }, info: 10n }",
    "(function () { var o = { task: { id: TASK } }; o.info = o; return o; }())",
    "new Date()",
    "'{'",
    "'[]'",
    "'null'",
    "'\"x\"'",
    "'{\"task\": {\"id\": TASK}, \"info\": ' + '['.repeat(5000) + ']'.repeat(5000) + '}'",
    "JSON.stringify({ task: { id: TASK }, info: 'x'.repeat(5e6) })",
]
POST = """([method, code]) => new Promise(done => {
    const id = 1e6 + Math.floor(Math.random() * 1e6), channel = JSON.parse(window.name).channel;
    addEventListener('message', event => event.data.id === id && done(event.data.ok));
    parent.postMessage({ workbee: channel, id, method, args: (0, eval)('(' + code + ')') }, '*');
})"""


def methods() -> list[str]:
    """What the page around offers to a guest, as its source has it."""
    [block] = re.findall(r"^const methods = \{\n(.*?)^\};", MAIN.read_text(), re.MULTILINE | re.DOTALL)
    return re.findall(r"^  (?:async )?(\w+)(?:\(|:)", block, re.MULTILINE)


def test_what_is_no_measured_text_reaches_no_method_of_the_page(site: Site, page: Page) -> None:
    project = a_project(site, "a", "b")
    page.goto(f"{project.address}/newtask")
    shows(page, "a")
    assert {"save", "draw", "shown"} <= set(methods())
    for method in methods():
        for code in RAW:
            sent = code.replace("TASK", str(project.task_ids[0]))
            assert guest(page).evaluate(POST, [method, sent]) is False, (method, code)
    answer(page, "a")
    answer(page, "b")
    comes_to(page, project, ["yes to a", "yes to b"])


def test_an_answer_that_an_older_page_has_queued_and_cannot_be_sent_holds_up_none(site: Site, page: Page) -> None:
    project = a_project(site, "a", "b")
    page.goto(f"{project.address}/newtask")
    shows(page, "a")
    who = page.evaluate("JSON.parse(document.getElementById('contribute').dataset.config).who")
    page.goto(f"{project.address}/")
    page.evaluate(
        """([projectId, place, taskId, who]) => new Promise((done, failed) => {
            const opening = indexedDB.open('workbee-answers', 1);
            opening.onsuccess = () => {
                const writing = opening.result.transaction('answers', 'readwrite');
                const old = { projectId, shortName: place, taskId, who, undoableUntil: 0 };
                writing.objectStore('answers').put({ ...old, key: '00', at: 1, info: 10n });
                writing.objectStore('answers').put({ ...old, key: '01', at: 2, info: 'from before' });
                writing.oncomplete = done; writing.onerror = failed;
            };
        })""",
        [project.id, project.short_name, project.task_ids[0], who],
    )
    page.goto(f"{project.address}/newtask")
    answer(page, "b")
    comes_to(page, project, ["from before", "yes to b"])
    expect(page.locator("[data-part=refused]")).to_have_text("1 could not be sent")


def saved(download: Download) -> Any:
    return json.loads(Path(download.path()).read_text())


@pytest.mark.parametrize("status", [400, 409, 413, 415, 422])
def test_what_the_server_refuses_for_good_is_kept_until_it_is_let_go(site: Site, page: Page, status: int) -> None:
    project = a_project(site, "a", "b")
    refusal: list[int] = []

    def refuse_the_first(route: Route) -> None:
        if refusal:
            route.continue_()
        else:
            refusal.append(status)
            route.fulfill(status=status, json=envelope(status))

    page.route("**/api/taskrun", refuse_the_first)
    page.goto(f"{project.address}/newtask")
    answer(page, "a")
    answer(page, "b")
    comes_to(page, project, ["yes to b"])
    expect(page.locator("[data-part=done]")).to_have_text("1 of 2")
    page.goto(f"{project.address}/newtask")
    page.locator("[data-part=refused]").click()
    expect(page.locator("[data-part=refused-reason]")).to_have_text("Not this one.")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a file").click()
    [kept] = saved(download.value)
    assert (kept["info"], kept["task_id"], kept["status"]) == ("yes to a", project.task_ids[0], status)
    page.get_by_role("button", name="Let go").click()
    expect(page.locator("[data-part=refused]")).to_be_hidden()


TRANSIENT: dict[str, dict[str, Any] | None] = {
    "no line": None,
    "500": {"status": 500, "json": envelope(500)},
    "503": {"status": 503, "json": {}},
    "429": {"status": 429, "json": envelope(429), "headers": {"Retry-After": "1"}},
    "a hotel's sign-in page": {"status": 200, "body": "<h1>Welcome, guest</h1>"},
    "a proxy's refusal": {"status": 403, "body": "<h1>Forbidden</h1>"},
}


@pytest.mark.parametrize("what", TRANSIENT)
def test_what_passes_is_waited_for(site: Site, page: Page, what: str) -> None:
    project = a_project(site, "a", "b")
    troubled: list[str] = []

    def trouble_twice(route: Route) -> None:
        troubled.append(what)
        response = TRANSIENT[what]
        if len(troubled) > 2:
            route.continue_()
        elif response is None:
            route.abort()
        else:
            route.fulfill(**response)

    page.route("**/api/taskrun", trouble_twice)
    page.goto(f"{project.address}/newtask")
    answer(page, "a")
    comes_to(page, project, ["yes to a"])
    expect(page.locator("[data-part=refused]")).to_be_hidden()


def test_one_answer_at_which_the_server_fails_holds_up_no_other(site: Site, page: Page) -> None:
    project = a_project(site, "a", "b", "c")

    def fail_at_a(route: Route) -> None:
        if "yes to a" in (route.request.post_data or ""):
            route.fulfill(status=500, json=envelope(500))
        else:
            route.continue_()

    page.route("**/api/taskrun", fail_at_a)
    page.goto(f"{project.address}/newtask")
    for question in ("a", "b", "c"):
        answer(page, question)
    comes_to(page, project, ["yes to b", "yes to c"])
    page.unroute("**/api/taskrun")
    page.reload()
    comes_to(page, project, ["yes to a", "yes to b", "yes to c"])


def test_answers_of_one_project_do_not_wait_for_those_of_another(site: Site, page: Page) -> None:
    stuck, other = a_project(site, "a", "b"), a_project(site, "x", "y")
    page.route(
        "**/api/taskrun",
        lambda route: (
            route.fulfill(status=503, json={})
            if f'"project_id":{stuck.id},' in (route.request.post_data or "")
            else route.continue_()
        ),
    )
    page.goto(f"{stuck.address}/newtask")
    answer(page, "a")
    shows(page, "b")
    page.goto(f"{other.address}/newtask")
    answer(page, "x")
    comes_to(page, other, ["yes to x"])
    page.unroute("**/api/taskrun")
    page.reload()
    comes_to(page, stuck, ["yes to a"])


def test_where_the_browser_has_no_room_the_answer_is_sent_all_the_same(site: Site, page: Page) -> None:
    page.add_init_script(
        "IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); }"
    )
    project = a_project(site, "a", "b")
    page.goto(f"{project.address}/newtask")
    answer(page, "a")
    expect(page.get_by_text("no room to keep answers")).to_be_visible()
    comes_to(page, project, ["yes to a"])


def test_two_tabs_store_each_answer_once(site: Site, volunteer: BrowserContext) -> None:
    project = a_project(site, "a", "b", "c")
    one, two = volunteer.new_page(), volunteer.new_page()
    for page in (one, two):
        page.route("**/api/taskrun", lambda route: route.abort())
    one.goto(f"{project.address}/newtask")
    answer(one, "a")
    shows(one, "b")
    two.goto(f"{project.address}/newtask")
    # The task that is shown in the other tab, or the one fetched ahead there: both are this volunteer's.
    question = two.frame_locator("#presenter").locator("#question")
    expect(question).to_have_text(re.compile("[bc]"), timeout=20000)
    last = question.inner_text()
    answer(two, last)
    for page in (one, two):
        page.unroute("**/api/taskrun")
        page.evaluate("dispatchEvent(new Event('online'))")
    comes_to(one, project, ["yes to a", f"yes to {last}"])
    expect(one.locator("[data-part=refused]")).to_be_hidden()


def test_who_signs_out_meanwhile_finds_the_answer_sent_after_signing_in_again(
    site: Site, volunteer: BrowserContext, page: Page
) -> None:
    cookies: list[Any] = [{"name": name, "value": value, "url": site.url} for name, value in site.http.cookies.items()]
    volunteer.add_cookies(cookies)
    project = a_project(site, "a", "b")
    page.goto(f"{project.address}/newtask")
    shows(page, "a")
    volunteer.clear_cookies()
    answer(page, "a")
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    assert project.answers() == []
    volunteer.add_cookies(cookies)
    page.reload()
    comes_to(page, project, ["yes to a"])
    assert project.runs()[0]["user_id"] is not None
