"""Forms are sent once however they are pressed, and what was typed is there until it is sent."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, Request, Route, expect

from tests.support.site import Site

AREA = "#long_description"


def of_the_owner(browser: Browser, site: Site, **options: Any) -> BrowserContext:
    context = browser.new_context(base_url=site.url, **options)
    cookies: Any = [{"name": one.name, "value": one.value, "url": site.url} for one in site.http.cookies.jar]
    context.add_cookies(cookies)
    return context


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """The owner's browser."""
    context = of_the_owner(browser, site)
    yield context.new_page()
    context.close()


def posts_of(page: Page) -> list[Request]:
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    return sent


def write_post(page: Page, address: str, title: str) -> None:
    page.goto(f"{address}/new-blogpost")
    page.get_by_label("Title").fill(title)
    page.get_by_label("Text").fill("Half of it is done.")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_double_click_sends_once(browser: Browser, site: Site, scripts: bool) -> None:
    project = site.project("<p>?</p>")
    context = of_the_owner(browser, site, java_script_enabled=scripts)
    page = context.new_page()
    write_post(page, project.address, "News")
    page.get_by_role("button", name="Save").dblclick()
    page.wait_for_url("**/blog")
    assert [post["title"] for post in site.api("GET", "blogpost", project_id=project.id)] == ["News"]
    context.close()


def test_a_form_on_its_way_says_so_and_is_not_sent_again(page: Page, site: Site) -> None:
    project, posts = site.project("<p>?</p>"), posts_of(page)
    write_post(page, project.address, "News")
    held: list[Route] = []
    page.route(
        "**/new-blogpost", lambda route: held.append(route) if route.request.method == "POST" else route.continue_()
    )
    save = page.get_by_role("button", name="Save")
    save.click()
    expect(save).to_have_attribute("aria-disabled", "true")
    save.click(force=True)
    page.get_by_label("Title").press("Enter")
    assert len(posts) == len(held) == 1
    held[0].continue_()
    page.wait_for_url("**/blog")
    assert len(posts) == 1


def test_what_was_typed_is_back_after_a_link_and_back(page: Page) -> None:
    page.goto("/project/new")
    page.get_by_label("Name", exact=True).fill("My name")
    page.locator(AREA).fill("An hour's work")
    page.locator("header").get_by_role("link", name="Community").first.click()
    page.wait_for_url(lambda url: not url.endswith("/project/new"))
    page.go_back()
    expect(page.locator(AREA)).to_have_value("An hour's work")
    expect(page.get_by_label("Name", exact=True)).to_have_value("My name")
    expect(page.locator("#flashes")).to_contain_text("is back")
    page.get_by_role("button", name="Discard it").click()
    expect(page.locator(AREA)).to_have_value("")


def test_a_draft_ends_as_it_is_saved(page: Page, site: Site) -> None:
    project = site.project("<p>?</p>")
    write_post(page, project.address, "News")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/blog")
    page.goto(f"{project.address}/new-blogpost")
    expect(page.get_by_label("Title")).to_have_value("")


def test_passwords_and_tokens_are_no_part_of_a_draft(page: Page, site: Site) -> None:
    page.goto("/account/owner/update")
    page.locator("#fullname").fill("Somebody else")
    page.get_by_label("Current password", exact=True).fill("a secret of mine")
    kept = page.evaluate("JSON.stringify(sessionStorage)")
    assert "Somebody else" in kept and "a secret of mine" not in kept and "csrf" not in kept


def test_a_draft_ends_with_the_session(page: Page) -> None:
    page.goto("/project/new")
    page.locator(AREA).fill("An hour's work")
    page.context.clear_cookies()
    page.goto("/")
    assert "An hour" not in page.evaluate("JSON.stringify(sessionStorage)")


def test_the_editor_asks_before_it_is_left_and_keeps_the_code(page: Page, site: Site) -> None:
    project, asked = site.project("<p>?</p>"), list[str]()

    def accept(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.accept()

    page.on("dialog", accept)
    page.goto(f"{project.address}/tasks/taskpresentereditor")
    page.locator(".cm-content").click()
    page.keyboard.type("<!-- MY WORK -->")
    page.locator("header").get_by_role("link", name="Community").first.click()
    expect(page.locator(".cm-content")).to_have_count(0)
    assert len(asked) == 1 and "not saved" in asked[0]
    page.go_back()
    expect(page.locator(".cm-content")).to_contain_text("MY WORK")
