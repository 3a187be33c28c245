"""Signing in by another service, a real OpenID provider, as a person does it; axe finds nothing on the way."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.openid import free_port, registered_at, running_provider
from tests.support.server import RunningServer, running_server
from webapp.runtime.assets import MODULES_DIR

AXE = (MODULES_DIR / "axe-core" / "axe.min.js").read_text()
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
PASSWORD = "honey and wax"
PICTURES = os.environ.get("SCREENSHOTS")
"""A folder for pictures of the pages, for whoever wants to look at them."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    port = free_port()
    others = {
        "GITHUB_CLIENT_ID": "id",
        "GITHUB_CLIENT_SECRET": "x",
        "ORCID_CLIENT_ID": "id",
        "ORCID_CLIENT_SECRET": "x",
    }
    variables = {"OIDC_PROVIDERS": json.dumps([registered_at(port)])} | others
    folder = tmp_path_factory.mktemp("providing")
    with running_server(folder, variables=variables) as started:
        back = f"{started.url}/account/signin/uni/callback"
        with running_provider(port, [back], folder / "provider.log"):
            yield started


@pytest.fixture
def page(browser: Browser, server: RunningServer) -> Iterator[Page]:
    """The policy is set aside only so that axe itself can be put into the page."""
    context = browser.new_context(base_url=server.url, reduced_motion="reduce", bypass_csp=True)
    yield context.new_page()
    context.close()


def look(page: Page, name: str) -> None:
    """Nothing is wrong with the page, at both sizes and in both themes."""
    page.evaluate(AXE)
    for width in (1280, 390):
        for theme in THEMES:
            page.set_viewport_size({"width": width, "height": 844})
            page.emulate_media(color_scheme=theme)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} is wider than {width}"
            found = page.evaluate("axe.run(document)")
            assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == [], (name, width, theme)
            if PICTURES:
                page.screenshot(path=Path(PICTURES) / f"{name}-{width}-{theme}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 844})


def at_the_provider(page: Page, name: str) -> None:
    page.locator("input[name=login]").fill(name)
    page.locator("input[name=password]").fill("x")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()


def test_somebody_new_joins_and_comes_back(page: Page) -> None:
    page.goto("/account/signin?next=/project/")
    look(page, "signin")
    # By the keyboard alone.
    button = page.get_by_role("link", name="Go on with University")
    button.focus()
    page.keyboard.press("Enter")
    at_the_provider(page, "bea")
    expect(page.get_by_role("heading", level=1)).to_have_text("Almost there")
    look(page, "join")
    page.get_by_label("User name").fill("b")
    page.get_by_role("button", name="Create my account").click()
    expect(page.get_by_text("User name must be between 3 and 35 characters long")).to_be_visible()
    page.get_by_label("User name").fill("bea")
    page.get_by_role("button", name="Create my account").click()
    page.wait_for_url("**/project/")

    page.goto("/account/bea/update")
    page.get_by_role("link", name="Linked accounts").click()
    look(page, "linked")
    page.get_by_role("main").get_by_role("button", name="Unlink University").click()
    expect(page.get_by_text("This is the only way into your account.").first).to_be_visible()
    page.get_by_role("button", name="Your account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are now signed out")).to_be_visible()
    page.goto("/account/signin")
    page.get_by_role("link", name="Go on with University").click()
    expect(page.get_by_text("Welcome back Bea Bee")).to_be_visible()


def test_somebody_with_an_account_proves_both(page: Page) -> None:
    page.goto("/account/register")
    look(page, "register")
    for label, text in (("Full name", "Cid Bee"), ("User name", "cid"), ("Email", "cid@example.com")):
        page.get_by_label(label).fill(text)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Repeat the password").fill(PASSWORD)
    page.get_by_role("button", name="Create my account").click()
    page.get_by_role("button", name="Your account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are now signed out")).to_be_visible()
    page.goto("/account/signin")
    page.get_by_role("link", name="Go on with University").click()
    at_the_provider(page, "cid")
    expect(page.get_by_role("heading", level=1)).to_have_text("You have an account already")
    look(page, "prove")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in and link").click()
    expect(page.get_by_text("That is not the password of this account.")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in and link").click()
    expect(page.get_by_text("Welcome back Cid Bee")).to_be_visible()

    page.goto("/account/cid/linked")
    page.get_by_role("main").get_by_role("button", name="Unlink University").click()
    expect(page.get_by_text("Nothing is linked yet.")).to_be_visible()
    page.get_by_role("link", name="University").click()
    # The provider knows this browser by now.
    expect(page.get_by_role("heading", name="Link cid@example.com?")).to_be_visible()
    look(page, "pending")
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_role("button", name="Link it", exact=True).click()
    expect(page.get_by_text("From now on you can sign in by it.")).to_be_visible()
