"""axe finds nothing wrong on any page, in either theme, on a desk or a phone; and no page is wider than its window."""

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from tests.support.site import Project, Site
from webapp.runtime.assets import MODULES_DIR

AXE = (MODULES_DIR / "axe-core" / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CONTRAST = ["color-contrast"]
SHAPES: tuple[tuple[int, Literal["light", "dark"], list[str]], ...] = (
    (1280, "light", RULES),
    (1280, "dark", CONTRAST),
    (390, "light", RULES),
)
"""What is looked at how: the night changes colours alone."""
FOR_ALL = (
    "/",
    "/nowhere",
    "/project/",
    "/project/category/thinking/",
    "/project/PLACE/",
    "/project/PLACE/tasks/",
    "/project/PLACE/tasks/browse",
    "/project/PLACE/stats",
    "/project/PLACE/results",
    "/project/PLACE/blog",
    "/leaderboard/",
    "/stats/",
    "/account/",
    "/account/owner/",
    "/account/register",
    "/account/signin",
    "/account/forgot-password",
    "/announcements/",
    "/help/",
    "/help/api",
    "/api/docs/task",
    "/help/privacy",
    "/about",
    "/search",
    "/report/project/NUMBER",
)
FOR_OWNERS = (
    "/",
    "/account/owner/",
    "/account/owner/update",
    "/account/owner/security",
    "/account/owner/security/authenticator",
    "/account/owner/security/confirm",
    "/account/owner/linked",
    "/account/owner/projects",
    "/project/new",
    "/project/PLACE/update",
    "/project/PLACE/settings",
    "/project/PLACE/coowners",
    "/project/PLACE/publish",
    "/project/PLACE/delete",
    "/project/PLACE/tasks/import",
    "/project/PLACE/tasks/import?type=epicollect",
    "/project/PLACE/tasks/import?type=iiif",
    "/project/PLACE/tasks/import?type=s3",
    "/project/PLACE/tasks/import?type=gdocs&template=image",
    "/project/PLACE/tasks/import?type=localJSON",
    "/project/PLACE/tasks/import?type=dropbox",
    "/project/PLACE/tasks/import?type=youtube",
    "/project/PLACE/tasks/import?type=twitter",
    "/project/PLACE/tasks/export",
    "/project/PLACE/tasks/autoimporter?type=twitter",
    "/project/PLACE/tasks/autoimporter",
    "/project/PLACE/tasks/autoimporter?type=csv",
    "/project/PLACE/auditlog",
    "/project/PLACE/tasks/settings",
    "/project/PLACE/tasks/scheduler",
    "/project/PLACE/tasks/priority",
    "/project/PLACE/tasks/redundancy",
    "/project/PLACE/tasks/taskpresentereditor",
)
FOR_ADMINISTRATORS = (
    "/admin/",
    "/admin/dashboard/",
    "/admin/users",
    "/admin/users/1",
    "/admin/invitations",
    "/admin/review",
    "/admin/featured",
    "/admin/categories",
    "/admin/categories/update/1",
    "/admin/categories/del/1",
    "/admin/announcement",
    "/admin/announcement/new",
    "/admin/rq/",
    "/admin/mails",
    "/admin/mails/weekly_report",
    "/admin/record",
)


@pytest.fixture(scope="module")
def project(site: Site) -> Project:
    return site.project("<p>Which one?</p>", [{"n": n} for n in range(3)])


@pytest.fixture(scope="module")
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """A visitor's page. The policy is set aside only so that axe itself can be put into it."""
    context = browser.new_context(base_url=site.url, reduced_motion="reduce", bypass_csp=True)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def owner_page(page: Page) -> Page:
    page.goto("/account/signin")
    page.fill("main [name=email]", "owner@example.org")
    page.fill("main [name=password]", "owner-password")
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Your account").wait_for()
    return page


def check(page: Page, project: Project, path: str) -> None:
    page.goto(path.replace("PLACE", project.short_name).replace("NUMBER", str(project.id)))
    page.evaluate(AXE)
    for width, theme, rules in SHAPES:
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=theme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{path} is wider than {width}"
        found = page.evaluate("rules => axe.run(document, { runOnly: rules })", rules)
        wrong = [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]]
        assert wrong == [], f"{path}, {width} wide, {theme}"


@pytest.mark.parametrize("path", FOR_ALL)
def test_pages_for_all(page: Page, project: Project, path: str) -> None:
    check(page, project, path)


@pytest.mark.parametrize("path", FOR_ADMINISTRATORS)
def test_pages_for_administrators(owner_page: Page, project: Project, path: str) -> None:
    check(owner_page, project, path)


@pytest.mark.parametrize("path", FOR_OWNERS)
def test_pages_for_owners(owner_page: Page, project: Project, path: str) -> None:
    check(owner_page, project, path)
