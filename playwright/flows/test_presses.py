"""One press is one answer to the task that was seen; the next task is there at once on any line; the keyboard stays
where it was, and nothing looks chosen that is not."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.presses import guest, until_presses_count
from tests.support.site import Project, Site
from webapp.services.projects.presenters import NAMES, snippet

LOOP = """
<h1 id="question">Loading</h1> BODY
<script>
  var shown = [];
  pybossa.presentTask(function (task, deferred) {
    if ($.isEmptyObject(task)) { return; }
    shown.push(task.info.question);
    $('#question').text(task.info.question);
    function save(value) { pybossa.saveTask(task.id, value || task.info.question).done(deferred.resolve); }
    CODE
  });
  pybossa.run('PLACE');
</script>
"""
PLAIN = LOOP.replace("BODY", '<button id="yes">Yes</button>').replace(
    "CODE", "$('#yes').off('click').on('click', function () { save(); });"
)
DISABLES = PLAIN.replace("{ save(); }", "{ $('#yes').prop('disabled', true); save(); }").replace(
    "$('#yes').off", "$('#yes').prop('disabled', false).off"
)
DRAWS_ANEW = LOOP.replace("BODY", '<div id="answers"></div>').replace(
    "CODE",
    "$('#answers').empty().append($('<button>No</button>'), $('<button id=yes>Yes</button>').on('click',"
    " function () { save(); }));",
)
ON_KEYDOWN = LOOP.replace("BODY", "").replace(
    "CODE", "$(document).off('keydown').on('keydown', function (event) { save(event.key); });"
)
ON_POINTERDOWN = PLAIN.replace("off('click').on('click'", "off('pointerdown').on('pointerdown'")
FRAMES_UNTIL_SHOWN = """() => new Promise(done => {
    document.addEventListener('click', () => {
        const before = shown.length;
        let frames = 0;
        const look = () => {
            frames += 1;
            if (shown.length > before || frames > 60) done(frames);
            else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
    }, { capture: true, once: true });
})"""


@pytest.fixture
def volunteer(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context()
    yield opened
    opened.close()


@pytest.fixture
def touch(browser: Browser) -> Iterator[Page]:
    """A phone."""
    opened = browser.new_context(has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844})
    yield opened.new_page()
    opened.close()


@pytest.fixture
def page(volunteer: BrowserContext) -> Page:
    return volunteer.new_page()


def begin(site: Site, page: Page, presenter: str, questions: str = "abc") -> Project:
    """Open the project at its first task, the second one fetched."""
    project = site.project(presenter, [{"question": one} for one in questions])
    with page.expect_response("**/next?*"):
        page.goto(f"{project.address}/newtask")
    shows(page, questions[0])
    return project


def shows(page: Page, question: str) -> None:
    expect(page.frame_locator("#presenter").locator("#question")).to_have_text(question, timeout=20000)


def comes_to(page: Page, project: Project, answers: list[str]) -> None:
    for _ in range(150):
        if project.answers() == answers:
            break
        page.wait_for_timeout(100)
    assert project.answers() == answers


def test_a_double_click_is_one_answer(site: Site, page: Page) -> None:
    project = begin(site, page, PLAIN)
    for question, following in ("ab", "bc"):
        shows(page, question)
        until_presses_count(page)
        page.frame_locator("#presenter").locator("#yes").dblclick()
        shows(page, following)
    comes_to(page, project, ["a", "b"])
    expect(page.locator("[data-part=done]")).to_have_text("2 of 3")
    expect(page.locator("[data-part=trouble]")).to_be_hidden()


@pytest.mark.slow  # a busy machine delivers taps of one moment apart
@pytest.mark.parametrize("presenter", [PLAIN, ON_POINTERDOWN], ids=["click", "pointerdown"])
def test_a_second_tap_is_not_meant_for_a_task_that_nobody_has_seen(site: Site, touch: Page, presenter: str) -> None:
    project = begin(site, touch, presenter)
    box = touch.frame_locator("#presenter").locator("#yes").bounding_box()
    assert box
    # However slow the machine, the taps are of one moment.
    guest(touch).evaluate("() => { const at = performance.now(); performance.now = () => at; }")
    for _ in range(3):
        touch.touchscreen.tap(box["x"] + 5, box["y"] + 5)
    shows(touch, "b")
    guest(touch).evaluate("() => { delete performance.now; }")
    until_presses_count(touch)
    assert guest(touch).evaluate("shown") == ["a", "b"]
    touch.touchscreen.tap(box["x"] + 5, box["y"] + 5)
    comes_to(touch, project, ["a", "b"])


def test_a_key_that_is_held_answers_one_task(site: Site, page: Page) -> None:
    project = begin(site, page, ON_KEYDOWN)
    page.keyboard.down("1")
    shows(page, "b")
    until_presses_count(page)
    page.keyboard.down("1")
    page.keyboard.up("1")
    page.keyboard.press("2")
    shows(page, "c")
    comes_to(page, project, ["1", "2"])


@pytest.mark.slow  # it counts frames, of which a busy machine draws few
@pytest.mark.parametrize("line", ["slow", "none"])
def test_the_next_task_is_there_within_a_frame_on_any_line(
    site: Site, volunteer: BrowserContext, page: Page, line: str
) -> None:
    project = begin(site, page, PLAIN)
    network = {"offline": line == "none", "latency": 3000, "downloadThroughput": 5000, "uploadThroughput": 5000}
    volunteer.new_cdp_session(page).send("Network.emulateNetworkConditions", network)
    measured = guest(page).evaluate_handle("FRAMES => ({ promise: eval(FRAMES)() })", FRAMES_UNTIL_SHOWN)
    page.frame_locator("#presenter").locator("#yes").click()
    # One frame may be under way as the press comes, and on a busy machine another as the answer is taken.
    assert measured.evaluate("held => held.promise") <= 3
    expect(page.locator("[data-part=done]")).to_have_text("1 of 3")
    assert project.answers() == []


@pytest.mark.parametrize("presenter", [PLAIN, DISABLES, DRAWS_ANEW], ids=["plain", "disables", "draws anew"])
def test_the_keyboard_stays_where_it_was(site: Site, page: Page, presenter: str) -> None:
    project = begin(site, page, presenter)
    page.frame_locator("#presenter").locator("#yes").focus()
    for following in "bc":
        page.keyboard.press("Enter")
        shows(page, following)
        until_presses_count(page)
        expect(page.frame_locator("#presenter").locator("#yes")).to_be_focused()
    comes_to(page, project, ["a", "b"])


def test_the_keyboard_comes_back_after_a_button_was_off_for_a_while(site: Site, page: Page) -> None:
    begin(site, page, DISABLES.replace("save(); }", "setTimeout(save, 200); }"))
    page.frame_locator("#presenter").locator("#yes").focus()
    page.keyboard.press("Enter")
    shows(page, "b")
    expect(page.frame_locator("#presenter").locator("#yes")).to_be_focused()


def test_after_a_tap_no_answer_looks_chosen(site: Site, touch: Page) -> None:
    begin(site, touch, snippet("basic", "PLACE"))
    button = touch.frame_locator("#presenter").get_by_role("button", name="Yes")
    before = button.evaluate("button => getComputedStyle(button).backgroundColor")
    button.tap()
    shows(touch, "b")
    until_presses_count(touch)
    expect(button).to_have_css("background-color", before)


@pytest.mark.parametrize("name", [name for name in NAMES if "pybossa.keys(" in snippet(name, "x")])
def test_single_keys_can_be_turned_off_and_stay_off(site: Site, page: Page, name: str) -> None:
    page.route("https://tile.openstreetmap.org/**", lambda route: route.abort())
    begin(site, page, snippet(name, "PLACE"), "ab")
    key = "x" if name == "map" else "1"
    page.get_by_role("button", name="Keys").click()
    page.reload()
    expect(page.get_by_role("button", name="Keys")).to_have_attribute("aria-pressed", "false")
    shows(page, "a")
    page.locator("#presenter").focus()
    page.keyboard.press(key)
    page.get_by_role("button", name="Keys").click()
    expect(page.get_by_role("button", name="Keys")).to_have_attribute("aria-pressed", "true")
    page.locator("#presenter").focus()
    page.wait_for_timeout(300)  # the frame hears of it by a message, and passes over presses just after a task is shown
    page.keyboard.press(key)
    shows(page, "b")
    expect(page.locator("[data-part=done]")).to_have_text("1 of 2")


def test_a_presenter_without_single_keys_offers_no_switch(site: Site, page: Page) -> None:
    begin(site, page, PLAIN)
    expect(page.get_by_role("button", name="Keys")).to_have_count(0)
