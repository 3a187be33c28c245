"""pybossa.js on a page of somebody else's: the requests, their order, and patience
(docs/contract/clients.md 1.1 to 1.3)."""

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support.site import Project, Site

DOCUMENT = """<!doctype html><title>Elsewhere</title><p id="said"></p>
<script src="SITE/static/vendor/jquery/jquery.min.js"></script>
<script src="SITE/static/js/pybossa/pybossa.js"></script>
<script>var endpoint = pybossa.setEndpoint('SITE'); CODE</script>"""
LOOP = """
pybossa.presentTask(function (task, deferred) {
  if ($.isEmptyObject(task)) { $('#said').text('over'); return; }
  pybossa.saveTask(task.id, 'answer ' + task.info.n).done(deferred.resolve);
});
pybossa.run('PLACE');
"""


@pytest.fixture
def project(site: Site) -> Project:
    return site.project("<p></p>", [{"n": 1}, {"n": 2}])


class Elsewhere(ThreadingHTTPServer):
    """Another origin, that of somebody's own page: the same one at every path."""

    document = b""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(cast(Elsewhere, self.server).document)

        def log_message(self, *_args: Any) -> None:
            pass


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    with Elsewhere(("127.0.0.1", 0), Elsewhere.Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def open_page(elsewhere: Elsewhere, page: Page, project: Project) -> Callable[..., None]:
    def opened(code: str, path: str = "/") -> None:
        document = DOCUMENT.replace("CODE", code.replace("PLACE", project.short_name))
        elsewhere.document = document.replace("SITE", project.site.url).encode()
        page.goto(elsewhere.address + path)

    return opened


def calls(page: Page) -> list[str]:
    """The API calls that the page makes from now on, as they go out."""
    made: list[str] = []

    def note(request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.path.startswith("/api/") and request.method != "OPTIONS":
            offset = parse_qs(parts.query).get("offset")
            made.append(f"{request.method} {parts.path}" + (f" {offset[0]}" if offset else ""))

    page.on("request", note)
    return made


def test_the_loop_asks_in_its_order_and_ends(page: Page, project: Project, open_page: Callable[..., None]) -> None:
    made = calls(page)
    open_page(LOOP)
    expect(page.locator("#said")).to_have_text("over")
    draw = f"GET /api/project/{project.id}/newtask"
    assert made[:3] == ["GET /api/project", f"{draw} 0", f"{draw} 1"]
    assert made.count("POST /api/taskrun") == 2 and project.answers() == ["answer 1", "answer 2"]
    page.wait_for_timeout(300)
    assert made[-2:] == [f"{draw} 1", f"{draw} 2"], "the end asks once more, and then no more"
    assert urlsplit(page.url).path == f"/project/{project.short_name}/task/{project.task_ids[1]}"


def test_a_preload_that_comes_after_the_answer_loses_no_task(
    page: Page, project: Project, open_page: Callable[..., None]
) -> None:
    """It is asked for what comes after the first task left, which by then is the very one that it should have given."""
    late: list[Route] = []

    def overtaken(route: Route) -> None:
        if route.request.method == "GET" and "offset=1" in route.request.url and not late:
            late.append(route)
        else:
            route.continue_()

    def answered(response: Any) -> None:
        if response.request.method == "POST" and response.url.endswith("/api/taskrun") and len(late) == 1:
            late[0].continue_()
            late.append(late[0])

    page.route("**/newtask*", overtaken)
    page.on("response", answered)
    open_page(LOOP)
    expect(page.locator("#said")).to_have_text("over")
    assert len(late) == 2 and project.answers() == ["answer 1", "answer 2"]


def test_a_task_in_the_path_comes_first(page: Page, project: Project, open_page: Callable[..., None]) -> None:
    made = calls(page)
    code = "pybossa.presentTask(function (task) { $('#said').text(task.info.n); }); pybossa.run('PLACE');"
    open_page(code, f"/project/{project.short_name}/task/{project.task_ids[1]}")
    expect(page.locator("#said")).to_have_text("2")
    assert made[1] == f"GET /api/task/{project.task_ids[1]}"


def test_a_failed_request_is_repeated_with_one_key(
    page: Page, project: Project, open_page: Callable[..., None]
) -> None:
    keys: list[str] = []
    bodies: list[Any] = []

    def fail_twice(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        bodies.append(json.loads(route.request.post_data or ""))
        if len(keys) == 1:
            route.abort()
        elif len(keys) == 2:
            route.fulfill(status=503, headers={"Access-Control-Allow-Origin": "*"}, body="{}")
        else:
            route.continue_()

    page.route(
        "**/api/taskrun", lambda route: fail_twice(route) if route.request.method == "POST" else route.continue_()
    )
    code = (
        "$(document).on('pybossa:notice', function (e, text) { $('#said').append(text + '|'); });"
        "pybossa.newTask('PLACE').then(function (data) { return pybossa.saveTask(data.task, {n: 5}); })"
        ".done(function (run) { document.title = 'stored ' + run.info.n; });"
    )
    open_page(code)
    expect(page).to_have_title("stored 5", timeout=15000)
    expect(page.locator("#said")).to_have_text("No connection: trying again. Nothing is lost.|The connection is back.|")
    assert len(keys) == 3 and len(set(keys)) == 1
    assert bodies[0] == {"project_id": project.id, "task_id": project.task_ids[0], "info": {"n": 5}}
    assert project.answers() == [{"n": 5}]


def test_a_refusal_rejects_the_promise_and_is_told(
    page: Page, project: Project, open_page: Callable[..., None]
) -> None:
    code = (
        "$(document).on('pybossa:notice', function (e, text) { $('#said').append(text); });"
        "pybossa.saveTask({id: 999999, project_id: 1}, 1).fail(function (xhr) {"
        "document.title = 'no ' + xhr.status; });"
    )
    open_page(code)
    expect(page).to_have_title("no 403")
    expect(page.locator("#said")).to_contain_text("The server refused: ")


def test_the_public_functions(page: Page, project: Project, open_page: Callable[..., None]) -> None:
    open_page("")
    assert page.evaluate("endpoint") == f"{project.site.url}/"
    found = page.evaluate("[pybossa.getCurrentTaskId('/project/x/task/12'), pybossa.getCurrentTaskId('/project/x/')]")
    assert found == ["12", False]
    assert page.evaluate("typeof pybossa.saveTask('12', 1)") == "undefined"
    progress = page.evaluate("name => pybossa.userProgress(name)", project.short_name)
    assert progress == {"done": 0, "total": 2}
