"""What a stranger has written never becomes a part of our page, however somebody is led to it."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page

from tests.support.site import Project, Site

MODULE = "data:text/javascript," + quote("window.taken = true; export const mount = () => {};")
TAKES_OVER = f"""<!-- id="page-facts" --><div id="page-facts" data-section="" data-csrf=""></div>
<main id="main"><h1>Loading</h1><div data-module="{MODULE}"></div><div data-module="constructor"></div>
<div hx-get="/taken" hx-trigger="load" hx-swap="none"></div><img src="x" onerror="window.taken = true">
<script>try {{ top.taken = true; }} catch (error) {{}}</script></main>"""


@pytest.fixture
def project(site: Site) -> Project:
    return site.project(TAKES_OVER, [{}], tutorial=TAKES_OVER, results=TAKES_OVER)


@pytest.fixture
def page(site: Site, browser: Browser) -> Iterator[Page]:
    opened = browser.new_context()
    yield opened.new_page()
    opened.close()


def led_by(site: Site, project: Project, how: str, path: str) -> str:
    """Where somebody has to go, who then clicks on `Read on`, to be led to this path of the project."""
    link = f"[Read on](/project/{project.short_name}/{path})"
    if how == "description":
        site.api("PUT", f"project/{project.id}", {"long_description": link})
        return f"{project.address}/"
    if how == "post":
        body = {"project_id": project.id, "title": "News", "body": link, "published": True}
        return f"{project.address}/{site.api('POST', 'blogpost', body)['id']}"
    site.api("POST", "announcement", {"title": "News", "body": link, "published": True})
    return f"{site.url}/announcements/"


@pytest.mark.parametrize("path", ["frame", "frame/tutorial", "frame/results", "frame/preview", "frame/task/1"])
@pytest.mark.parametrize("how", ["description", "post", "announcement"])
def test_a_link_to_a_frame_leads_to_a_page_of_ours(
    site: Site, project: Project, page: Page, how: str, path: str
) -> None:
    page.goto(led_by(site, project, how, path))
    page.get_by_role("link", name="Read on").first.click()
    page.get_by_role("link", name="Go to the project").wait_for()
    assert page.evaluate("window.taken") is None


@pytest.mark.parametrize("target", ["#main", "#project-tab"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_htmx_is_sent_is_taken_up_only_if_it_says_that_it_is_ours(
    project: Project, page: Page, method: str, target: str
) -> None:
    """Even where the server gave a stranger's document to HTMX, the page would not take it for a part of itself."""
    inert = TAKES_OVER.replace("<script>", "<template>").replace("</script>", "</template>")
    page.route("**/elsewhere", lambda route: route.fulfill(content_type="text/html", body=inert))
    page.goto(f"{project.address}/")
    page.evaluate("window.isTheSamePage = true")
    page.evaluate("([method, target]) => { htmx.ajax(method, '/elsewhere', { target }); }", [method, target])
    if method == "GET":
        # Whoever asked to go there is led there, as by any link.
        page.wait_for_url("**/elsewhere")
        assert page.evaluate("window.isTheSamePage") is None
        return
    page.wait_for_timeout(500)
    assert page.evaluate("[window.isTheSamePage, window.taken]") == [True, None]
    assert page.get_by_text("Loading").count() == 0


@pytest.mark.parametrize(
    "sink",
    [
        "document.body.innerHTML = '<img src=x onerror=\"window.taken = 1\">'",
        "document.body.insertAdjacentHTML('beforeend', '<b>x</b>')",
        "document.createRange().createContextualFragment('<b>x</b>')",
        "document.write('<b>x</b>')",
        "setTimeout('window.taken = 1')",
        "eval('window.taken = 1')",
        "document.createElement('script').text = 'window.taken = 1'",
        "document.createElement('iframe').srcdoc = '<b>x</b>'",
        "new DOMParser().parseFromString('<b>x</b>', 'text/html')",
        "htmx.swap('#main', '<b>x</b>', {swapStyle: 'innerHTML', swapDelay: 0, settleDelay: 0})",
    ],
)
def test_no_text_becomes_html_or_a_script(site: Site, page: Page, sink: str) -> None:
    page.goto(site.url)
    asked = {"expression": sink, "allowUnsafeEvalBlockedByCSP": False}
    answer = page.context.new_cdp_session(page).send("Runtime.evaluate", asked)
    assert "exceptionDetails" in answer, answer
