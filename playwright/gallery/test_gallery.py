"""A gallery of presenters in the old ways, one a file: each goes through its six tasks and stores what it should,
whoever answers, on whatever screen, in a frame of either kind.

The first line of a file says what a volunteer does at each task; the second, which way it shows.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from tests.support.site import Project, Site, at_host, in_frames

GALLERY = sorted(Path(__file__).parent.glob("*.html"))
TASKS = [{"n": n} for n in range(6)]
PHONE = {"width": 390, "height": 780}
DESKTOP = {"width": 1280, "height": 720}
PATIENCE = 20_000
GUARD_MS = 300
"""Presses so soon after a task was painted were meant for the one before, and are passed over."""
ANSWERS = {
    "picture-cut-on-a-canvas": "data:image/png;",
    "modal-of-bootstrap-2": False,
    "seen-once-by-cookie": {"seen": True, "gone": False},
    "modernizr-loads": {"loaded": True, "touch": "boolean", "video": True},
    "popover-with-buttons": "bird",
    "site-notices": 1,
    "words-by-locale": "Hola",
    "the-sites-own-jquery": True,
    "progress-as-jqxhr": 6,
    "page-of-a-pdf": 300,
    "sound-in-a-player": {"kind": "function"},
    "film-in-a-player": 1,
    "reads-what-anybody-may": dict.fromkeys(["category", "user", "blogpost", "announcement", "globalstats"], 200),
    "draft-in-local-storage": "draft,other,task",
    "count-in-session-storage": [1, 2, 3, 4, 5, 6],
    "links-that-are-stopped": 1,
    "drags-and-drops": "thing",
    "hash-routes": [f"#/task/{n}" for n in range(6)],
    "jsonp-and-late-run": True,
    "own-draws-with-getjson": {"by": "own draw"},
}
"""What is stored, where it shows that the way works: of each task, or of the six."""


@pytest.fixture
def volunteer(site: Site, browser: Browser, host: str, presenter: Path) -> Iterator[Page]:
    """Signed in or not, on a desktop or a phone: each presenter meets two of the four, one in each kind of frame."""
    turn = GALLERY.index(presenter) + (host == "localhost")
    context = browser.new_context(viewport=PHONE if turn % 2 else DESKTOP, locale="es-ES")
    if turn % 4 > 1:
        site.api("PUT", "user/1", {"locale": "es"})
        url = at_host(site.url, host)
        context.add_cookies([{"name": key, "value": value, "url": url} for key, value in site.http.cookies.items()])
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.accept("because"))
    yield page
    context.close()


def act(page: Page, inside: FrameLocator, how: str) -> None:
    """Do what the presenter's first line says: `click A`, `fill A text`, `press key`, `drag A B`, one after another."""
    for step in how.split("; "):
        verb, _, rest = step.partition(" ")
        target, _, more = rest.partition(" ")
        if verb == "click":
            inside.locator(rest).click(timeout=PATIENCE)
        elif verb == "fill":
            inside.locator(target).fill(more)
        elif verb == "press":
            page.keyboard.press(rest)
        elif verb == "drag":
            inside.locator(target).drag_to(inside.locator(more))
        else:
            raise ValueError(step)


def answered(page: Page, project: Project) -> list[Any]:
    """The six answers in the order of their tasks: the last may be on its way as the end is shown."""
    for _ in range(50):
        runs = sorted(project.runs(), key=lambda run: run["task_id"])
        if len(runs) >= 6:
            break
        page.wait_for_timeout(100)
    assert [run["task_id"] for run in runs] == project.task_ids
    return [run["info"] for run in runs]


@pytest.mark.parametrize(("presenter", "host"), in_frames(GALLERY), ids=lambda value: getattr(value, "stem", value))
def test_six_tasks_in_the_old_way(site: Site, presenter: Path, volunteer: Page, host: str) -> None:
    text = presenter.read_text(encoding="utf-8")
    how = re.match(r"<!-- (.+) -->", text)
    assert how is not None
    project = site.project(text, TASKS)
    volunteer.goto(at_host(f"{project.address}/newtask", host))
    inside = volunteer.frame_locator("#presenter")
    left = set("012345")
    while left:
        expect(inside.locator("#n")).to_have_text(re.compile(f"^[{''.join(left)}]$"), timeout=PATIENCE)
        left.remove(inside.locator("#n").inner_text())
        if len(left) == 5 and inside.locator("#first").count():
            inside.locator("#first").click()
            expect(inside.locator("#first")).to_be_hidden()
        volunteer.wait_for_timeout(GUARD_MS)
        act(volunteer, inside, how[1])
    expect(inside.locator("#finish")).to_be_visible(timeout=PATIENCE)
    answers = answered(volunteer, project)
    wanted = ANSWERS.get(presenter.stem)
    if wanted is not None:
        assert answers == (wanted if isinstance(wanted, list) and len(wanted) == 6 else [wanted] * 6)
