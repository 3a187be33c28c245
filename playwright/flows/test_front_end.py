"""A front end of another origin, from joining to export: it has the site's JSON, and its visitors' cookies."""

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.server import RunningServer, running_server

TABLE = "question\nIs it a bee?\nIs it a wasp?\n"
PRESENTER = "<p id='question'></p><script>pybossa.run('bees');</script>"


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def front() -> Iterator[int]:
    """The port of the front end's own server."""
    handler = partial(QuietHandler, directory=str(Path(__file__).parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def server(front: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A site that trusts the front end by its name `localhost`, and not by its number."""
    trusted = {"CORS_ORIGINS": f"http://localhost:{front}"}
    with running_server(tmp_path_factory.mktemp("trusting"), variables=trusted) as started:
        yield started


def opened(browser: Browser, server: RunningServer, front: int, host: str = "localhost") -> Page:
    """The front end in a browser of its own, served under this name; the site is at `localhost`."""
    port = server.url.rpartition(":")[2]
    page = browser.new_context().new_page()
    page.goto(f"http://{host}:{front}/front_end.html?site=http://localhost:{port}")
    return page


def join(page: Page, name: str) -> None:
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Address").fill(f"{name}@example.org")
    page.get_by_label("Password").fill("honey and wax")
    page.get_by_role("button", name="Register").click()


def test_from_joining_to_export(browser: Browser, server: RunningServer, front: int) -> None:
    page = opened(browser, server, front)
    status = page.get_by_role("status")
    join(page, "ann")
    expect(status).to_have_text("success: ann")

    page.get_by_label("Project").fill("Bees")
    page.get_by_label("Short name").fill("bees")
    page.get_by_label("About").fill("Which *insects* are these?")
    page.get_by_role("button", name="Create").click()
    expect(status).to_have_text("created, go on at /project/bees/update")

    page.get_by_label("Table").set_input_files({"name": "t.csv", "mimeType": "text/csv", "buffer": TABLE.encode()})
    page.get_by_role("button", name="Import").click()
    expect(status).to_have_text("2 tasks")

    page.get_by_label("Presenter").fill(PRESENTER)
    page.get_by_role("button", name="Publish").click()
    expect(status).to_have_text("published")

    for done, (question, answer) in enumerate((("Is it a bee?", "yes"), ("Is it a wasp?", "no")), 1):
        page.get_by_role("button", name="Next task").click()
        expect(page.locator("#question")).to_have_text(question)
        page.get_by_label("Answer").fill(answer)
        page.get_by_role("button", name="Save").click()
        expect(status).to_have_text(f"{done} of 2")
    page.get_by_role("button", name="Next task").click()
    expect(status).to_have_text("none left")

    page.get_by_role("button", name="Results").click()
    expect(status).to_have_text("yes,no; 2 complete by 1")
    page.get_by_role("button", name="Export").click()
    expect(status).to_have_text("attachment, true, true")
    page.get_by_role("button", name="Sign out").click()
    expect(status).to_have_text("not_signed_in")
    page.context.close()


def test_an_origin_that_is_not_named_is_shut_out(browser: Browser, server: RunningServer, front: int) -> None:
    page = opened(browser, server, front, host="127.0.0.1")
    join(page, "eve")
    expect(page.get_by_role("status")).to_have_text("failed: Failed to fetch")
    page.context.close()


def test_the_log_says_whose_cookies_browsers_send(server: RunningServer) -> None:
    assert server.log.read_text().count("WORKBEE_CORS_ORIGINS without an https WORKBEE_BASE_URL") == 1
