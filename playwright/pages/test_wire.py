"""What a visit takes over the wire, of the demo and its pictures, in a browser that has seen nothing before."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from tests.support.server import running_server

KB = 1000
HOME, HOME_REQUESTS, REPEATED, CONTRIBUTING = 90 * KB, 8, 8 * KB, 120 * KB
IMMUTABLE = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Sent:
    """One request that reached the network, and the bytes of its answer: Chromium's `encodedDataLength`, heads
    included."""

    address: str
    n_bytes: int
    headers: dict[str, str]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_server(tmp_path_factory.mktemp("demo"), demo=True) as server:
        # At this name each project's frames have a host of their own, with which the site shares no files.
        yield server.url.replace("127.0.0.1", "localhost")


@pytest.fixture
def context(browser: Browser, url: str) -> Iterator[BrowserContext]:
    opened = browser.new_context(base_url=url, viewport={"width": 1280, "height": 720})
    yield opened
    opened.close()


def visit(page: Page, path: str, *, has_frame: bool = False) -> list[Sent]:
    """What is sent for the page, its frame if it has one, and all that they load."""
    ended: list[Request] = []

    def note(request: Request) -> None:
        ended.append(request)

    page.on("requestfinished", note)
    page.goto(path)
    if has_frame:
        expect(page.frame_locator("iframe").locator("h1:visible").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    page.remove_listener("requestfinished", note)
    return [sent for sent in map(_sent, ended) if sent.n_bytes]


def _sent(request: Request) -> Sent:
    sizes, response = request.sizes(), request.response()
    assert response is not None
    return Sent(request.url, sizes["responseHeadersSize"] + sizes["responseBodySize"], response.all_headers())


def total(sent: list[Sent]) -> int:
    return sum(one.n_bytes for one in sent)


def forget_files(context: BrowserContext, page: Page) -> None:
    context.new_cdp_session(page).send("Network.clearBrowserCache")


def test_the_first_and_the_second_view_of_home(context: BrowserContext) -> None:
    cold = visit(context.new_page(), "/")
    assert total(cold) <= HOME and len(cold) <= HOME_REQUESTS, cold
    assert sum(one.address.endswith("-384.avif") for one in cold) == 3, "the demo's pictures are among them"
    again = visit(context.new_page(), "/")
    assert total(again) <= REPEATED and len(again) == 1, again


def test_on_a_screen_of_two_pixels_to_each_pictures_are_sharp(browser: Browser, url: str) -> None:
    context = browser.new_context(base_url=url, viewport={"width": 1280, "height": 720}, device_scale_factor=2)
    cold = visit(context.new_page(), "/")
    assert sum(one.address.endswith("-768.avif") for one in cold) == 3
    context.close()


@pytest.mark.parametrize("project", ["digits", "colours", "outside"])
def test_a_task_with_its_frame(context: BrowserContext, project: str) -> None:
    page = context.new_page()
    tutorial = visit(page, f"/project/{project}/tutorial", has_frame=True)
    assert total(tutorial) <= CONTRIBUTING, tutorial
    forget_files(context, page)
    task = visit(page, f"/project/{project}/newtask", has_frame=True)
    assert any("/newtask?" in one.address for one in task), "a task was drawn"
    assert total(task) <= CONTRIBUTING, task


def test_all_files_of_a_frame_are_kept_for_good_and_its_type_comes_from_the_page(context: BrowserContext) -> None:
    page = context.new_page()
    files = [one for one in visit(page, "/project/digits/tutorial", has_frame=True) if "/static/" in one.address]
    assert len([one for one in files if "//p1.localhost" in one.address]) == 2, "a stylesheet and a script"
    for one in files:
        assert one.headers["cache-control"] == IMMUTABLE, one
        assert one.headers.get("content-encoding") == (None if "/files/" in one.address else "br"), one
    fonts = "[...document.fonts].filter((font) => font.family.includes('Inter') && font.status === 'loaded').length"
    assert page.frames[1].evaluate(fonts) == 1
    assert len([one for one in files if one.address.endswith(".woff2")]) == 1
    assert visit(page, "/project/digits/tutorial", has_frame=True)[0].n_bytes < 8 * KB
