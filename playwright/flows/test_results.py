"""The owner's results page is as high as what it shows: what it says of its height is heard, and not believed."""

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.support.site import FRAMES, Project, Site, at_host

GROWS = """<h1>Found</h1><div style="height: 300px"></div>
<button onclick="this.after(block(2000))">More</button><script>
function block(height) { var made = document.createElement('div'); made.style.height = height + 'px'; return made; }
</script>"""
ENDLESS = "<h1>Found</h1><div style='height: 100vh'>As high as its frame, and a little higher</div>"


def add_result(site: Site, project: Project) -> None:
    drawn = site.api("GET", f"project/{project.id}/newtask")
    site.api("POST", "taskrun", {"project_id": project.id, "task_id": drawn["id"], "info": "yes"})
    [result] = site.api("GET", "result", project_id=project.id)
    site.api("PUT", f"result/{result['id']}", {"info": {"answer": "yes"}})


def results_of(site: Site, page: Page, html: str) -> Frame:
    """The results page of a project with one result, opened; its frame."""
    project = site.project("<p>Answer</p>", results=html)
    add_result(site, project)
    page.goto(f"{project.address}/results")
    page.frame_locator(".results-frame").get_by_role("heading", name="Found").wait_for(timeout=5000)
    return page.frames[1]


def height(page: Page) -> float:
    box = page.locator(".results-frame").bounding_box()
    assert box is not None
    return box["height"]


def settled(page: Page, *, above: float = 0, below: float = 100_000) -> float:
    """The frame's height, once it is between the two and stays there."""
    for _ in range(30):
        before = height(page)
        page.wait_for_timeout(150)
        if before == height(page) and above < before < below:
            return before
    raise AssertionError(f"the frame's height is {height(page)}")


@pytest.mark.parametrize("width", [1280, 390])
def test_the_frame_follows_what_it_shows(site: Site, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    frame = results_of(site, page, GROWS)
    small = settled(page, below=600)
    frame.get_by_role("button", name="More").click()
    assert settled(page, above=2000) == pytest.approx(small + 2000, abs=2)
    assert frame.evaluate("document.documentElement.scrollHeight <= innerHeight"), "nothing is cut off"


def test_what_is_as_high_as_its_frame_does_not_grow_for_ever(site: Site, page: Page) -> None:
    results_of(site, page, ENDLESS)
    assert settled(page) < 1500


def test_no_frame_is_higher_than_somebody_would_scroll(site: Site, page: Page) -> None:
    frame = results_of(site, page, GROWS)
    settled(page, below=600)
    for told, shown in ((10**9, 16000), (-5, 160), ("NaN", 160), ("1e3; position: fixed", 160), (None, 160)):
        frame.evaluate("height => window.workbeeBridge.tell('height', { height: height })", told)
        page.wait_for_timeout(100)
        assert height(page) == shown + 2, told
    expect(page.locator(".results-frame")).to_have_attribute("style", "block-size: 160px;")


ASKS = """<h1>Found</h1><p id="done"></p><p id="read"></p><script>
var name = location.pathname.split("/")[2];
pybossa.userProgress(name).done(function (progress) { $("#done").text(progress.done + " of " + progress.total); });
$.getJSON("/api/project?short_name=" + name, function (found) { $("#read").text(found[0].short_name); });
</script>"""


@pytest.mark.parametrize("host", FRAMES)
@pytest.mark.parametrize("part", ["tutorial", "results"])
def test_pages_without_tasks_read_what_presenters_read(site: Site, page: Page, part: str, host: str) -> None:
    project = site.project("<p>Answer</p>", [{}, {}], tutorial=ASKS, results=ASKS)
    add_result(site, project)
    page.goto(at_host(f"{project.address}/{part}", host))
    inside = page.frame_locator("iframe")
    expect(inside.locator("#done")).to_have_text("0 of 2")
    expect(inside.locator("#read")).to_have_text(project.short_name)
