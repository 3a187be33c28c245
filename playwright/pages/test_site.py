"""What every page does in a browser: focus, scroll, errors, a lost line, theme and menus."""

import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.support.site import Project, Site

PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 600}


@pytest.fixture(scope="module")
def project(site: Site) -> Project:
    return site.project("<p>Which one?</p>", [{"n": n} for n in range(3)])


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    context = browser.new_context(base_url=site.url, viewport=DESK, reduced_motion="reduce")
    yield context.new_page()
    context.close()


def eventually(ask: Callable[[], object], wanted: object, patience: float = 5.0) -> None:
    """Ask until the answer is the wanted one (a page's policy forbids `wait_for_function`)."""
    end = time.monotonic() + patience
    while (answer := ask()) != wanted and time.monotonic() < end:
        time.sleep(0.05)
    assert answer == wanted


def scroll(page: Page) -> object:
    return page.evaluate("scrollY")


def ground(page: Page) -> object:
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.tagName + ' ' + document.activeElement.textContent.trim()"))


def test_a_new_page_begins_at_its_title_and_the_menu_says_where_one_is(page: Page, project: Project) -> None:
    page.goto("/")
    page.get_by_role("link", name="All projects").click()
    expect(page).to_have_title("Projects · Workbee")
    eventually(lambda: focused(page), "H1 Projects")
    expect(page.locator(".site-links [aria-current]")).to_have_text("Projects")


def test_going_back_finds_the_place_again(page: Page, project: Project) -> None:
    page.goto("/")
    page.evaluate("scrollTo(0, 300)")
    eventually(lambda: page.evaluate("history.state?.scroll"), 300)
    page.evaluate("document.querySelector('.footer a[href=\"/about\"]').click()")
    page.wait_for_url("**/about")
    eventually(lambda: scroll(page), 0)
    page.go_back()
    eventually(lambda: scroll(page), 300)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Give a minute")


def test_tabs_keep_the_place_and_the_focus(page: Page, project: Project) -> None:
    page.set_viewport_size({"width": 1280, "height": 400})
    page.goto(f"/project/{project.short_name}/")
    page.evaluate("scrollTo(0, 120)")
    page.get_by_role("link", name="Tasks", exact=True).click()
    page.wait_for_url("**/tasks/")
    expect(page.locator(".tabs [aria-current]")).to_have_text("Tasks")
    eventually(lambda: focused(page), "A Tasks")
    assert scroll(page) == 120


def test_an_error_is_shown_in_the_frame_with_a_way_out(page: Page, site: Site) -> None:
    page.goto("/about")
    page.evaluate("""() => {
      const link = Object.assign(document.createElement('a'), { href: '/nowhere', textContent: 'Broken' });
      document.querySelector('main').append(link);
      htmx.process(link);
    }""")
    page.get_by_role("link", name="Broken").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing here")
    assert page.url.endswith("/nowhere")
    page.get_by_role("link", name="Find a project").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Projects")


def test_a_lost_line_is_said_and_nothing_typed_is_lost(page: Page, site: Site) -> None:
    page.goto("/search")
    page.fill("#header-search", "galaxies")
    page.context.set_offline(True)
    page.press("#header-search", "Enter")
    expect(page.locator("#flashes")).to_contain_text("the line seems to be down")
    expect(page.locator("#header-search")).to_have_value("galaxies")
    page.context.set_offline(False)
    page.press("#header-search", "Enter")
    page.wait_for_url("**/project/?query=galaxies")
    expect(page.locator("#flashes")).to_be_empty()


def test_a_refused_form_comes_back_with_its_first_wrong_field_in_focus(page: Page, site: Site) -> None:
    page.goto("/account/register")
    page.fill("main [name=fullname]", "Ada Lovelace")
    page.get_by_role("button", name="Create my account").click()
    expect(page.locator("#flashes")).to_contain_text("Please correct the errors")
    wrong = page.locator("main [name=name]")
    expect(wrong).to_be_focused()
    expect(wrong).to_have_attribute("aria-describedby", "name-hint name-error")
    expect(page.locator("main [name=fullname]")).to_have_value("Ada Lovelace")


def test_a_theme_once_chosen_stays(page: Page, site: Site) -> None:
    page.goto("/")
    paper = ground(page)
    page.get_by_role("button", name="Night").click()
    night = ground(page)
    assert night != paper
    page.reload()
    assert ground(page) == night
    expect(page.get_by_role("button", name="Night")).to_have_attribute("aria-pressed", "true")


def test_the_menu_of_a_phone_opens_and_closes_by_keyboard(page: Page, site: Site) -> None:
    page.set_viewport_size(PHONE)
    page.goto("/")
    menu = page.locator("#site-menu")
    page.get_by_role("button", name="Menu").focus()
    page.keyboard.press("Enter")
    expect(menu).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    menu.get_by_role("link", name="Help").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Help")
    expect(menu).to_be_hidden()


def test_the_skip_link_leads_to_the_content(page: Page, site: Site) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_the_counters_of_the_home_page_go_on_counting(page: Page, site: Site) -> None:
    page.clock.install()
    page.route("**/api/globalstats", lambda route: route.fulfill(json={"n_task_runs": 12345}))
    page.goto("/")
    counter = page.locator("[data-counts=n_task_runs]")
    expect(counter).not_to_have_text("12,345")
    # The first half minutes may pass before the scripts have begun to count.
    for _half_minute in range(10):
        page.clock.run_for(31_000)
        page.wait_for_timeout(100)
        if counter.text_content() == "12,345":
            break
    expect(counter).to_have_text("12,345")
