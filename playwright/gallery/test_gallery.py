"""A gallery of presenters in the old ways, one a file: each goes through its six tasks and stores what it should,
whoever answers, on whatever screen, in a frame of either kind.

The first line of a file says what a volunteer does at each task; the second, which way it shows. Several
presenters are answered side by side, each in a window of its own, so that waits overlap.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, FrameLocator, Page, ViewportSize, expect

from tests.support.site import FRAMES, Project, Site, at_host

GALLERY = sorted(Path(__file__).parent.glob("*.html"))
TASKS = [{"n": n} for n in range(6)]
PHONE: ViewportSize = {"width": 390, "height": 780}
DESKTOP: ViewportSize = {"width": 1280, "height": 720}
PATIENCE = 20_000
TOGETHER = 10
"""So many presenters are answered side by side."""
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


Volunteers = Callable[[int], Page]


@dataclass
class Visit:
    """One presenter, answered in a window: what is left of its tasks, and what went wrong."""

    page: Page
    presenter: Path
    project: Project
    host: str
    left: set[str] = field(default_factory=lambda: set("012345"))
    trouble: Exception | None = None

    @property
    def inside(self) -> FrameLocator:
        return self.page.frame_locator("#presenter")

    def begin(self) -> None:
        """Go to the first task; whether it comes is seen later."""
        self.page.goto(at_host(f"{self.project.address}/newtask", self.host), wait_until="commit")

    def shows_a_task(self) -> None:
        """Wait until one of the tasks that are left is there."""
        n = self.inside.locator("#n")
        expect(n).to_have_text(re.compile(f"^[{''.join(self.left)}]$"), timeout=PATIENCE)
        self.left.remove(n.inner_text())
        if len(self.left) == 5 and self.inside.locator("#first").count():
            self.inside.locator("#first").click()
            expect(self.inside.locator("#first")).to_be_hidden()

    def answer(self) -> None:
        """Do what the presenter's first line says: `click A`, `fill A text`, `press key`, `drag A B`, one after
        another."""
        how = re.match(r"<!-- (.+) -->", self.presenter.read_text(encoding="utf-8"))
        assert how is not None
        for step in how[1].split("; "):
            verb, _, rest = step.partition(" ")
            target, _, more = rest.partition(" ")
            if verb == "click":
                self.inside.locator(rest).click(timeout=PATIENCE)
            elif verb == "fill":
                self.inside.locator(target).fill(more)
            elif verb == "press":
                self.page.keyboard.press(rest)
            elif verb == "drag":
                self.inside.locator(target).drag_to(self.inside.locator(more))
            else:
                raise ValueError(step)

    def is_finished(self) -> None:
        """Wait for the end, and compare what is stored."""
        expect(self.inside.locator("#finish")).to_be_visible(timeout=PATIENCE)
        answers, wanted = self._answers(), ANSWERS.get(self.presenter.stem)
        if wanted is not None:
            assert answers == (wanted if isinstance(wanted, list) and len(wanted) == 6 else [wanted] * 6)

    def _answers(self) -> list[Any]:
        """The six answers in the order of their tasks: the last may be on its way as the end is shown."""
        for _ in range(50):
            runs = sorted(self.project.runs(), key=lambda run: run["task_id"])
            if len(runs) >= 6:
                break
            self.page.wait_for_timeout(100)
        assert [run["task_id"] for run in runs] == self.project.task_ids
        return [run["info"] for run in runs]


def each(visits: Sequence[Visit], step: Callable[[Visit], None]) -> None:
    """Take a step in every visit where nothing has gone wrong so far."""
    for visit in visits:
        if visit.trouble is None:
            try:
                step(visit)
            except (AssertionError, Error) as trouble:
                visit.trouble = trouble


@pytest.fixture
def volunteers(site: Site, browser: Browser, host: str) -> Iterator[Volunteers]:
    """By turns: on a desktop or a phone, and signed in or not. Each has a window: in a tab that is behind others,
    Chromium loses clicks into frames of other processes."""
    opened: list[BrowserContext] = []
    site.api("PUT", "user/1", {"locale": "es"})
    url = at_host(site.url, host)
    cookies: list[Any] = [{"name": name, "value": value, "url": url} for name, value in site.http.cookies.items()]

    def volunteer(turn: int) -> Page:
        context = browser.new_context(viewport=PHONE if turn % 2 else DESKTOP, locale="es-ES")
        opened.append(context)
        if turn % 4 > 1:
            context.add_cookies(cookies)
        page = context.new_page()
        page.on("dialog", lambda dialog: dialog.accept("because"))
        return page

    yield volunteer
    for context in opened:
        context.close()


@pytest.mark.parametrize("host", FRAMES)
@pytest.mark.parametrize("begin", range(0, len(GALLERY), TOGETHER))
def test_six_tasks_in_the_old_way(site: Site, volunteers: Volunteers, begin: int, host: str) -> None:
    """Each presenter meets two of the four kinds of volunteers, one in each kind of frame."""
    visits = []
    for place, presenter in enumerate(GALLERY[begin : begin + TOGETHER], begin):
        project = site.project(presenter.read_text(encoding="utf-8"), TASKS)
        visits.append(Visit(volunteers(place + FRAMES.index(host)), presenter, project, host))
    each(visits, Visit.begin)
    for _ in TASKS:
        each(visits, Visit.shows_a_task)
        visits[0].page.wait_for_timeout(GUARD_MS)
        each(visits, Visit.answer)
    each(visits, Visit.is_finished)
    assert {visit.presenter.stem: visit.trouble for visit in visits if visit.trouble} == {}
