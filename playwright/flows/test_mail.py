"""Mails as people meet them: joining, another address, the newsletter, and the way out; in a browser, with a mail
server."""

import re
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from socket import socket
from time import monotonic, sleep
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.mailbox import Mailbox, html_of, open_mailbox, text_of
from tests.support.server import running_server
from webapp.runtime.assets import MODULES_DIR

AXE = (MODULES_DIR / "axe-core" / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PASSWORD = "honey and wax"
PATIENCE_S = 60
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@pytest.fixture(scope="module")
def mailbox() -> Iterator[Mailbox]:
    with open_mailbox() as opened:
        yield opened


@pytest.fixture(scope="module")
def url(mailbox: Mailbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site that sends mail, and has a newsletter."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    variables = {"SMTP_URL": mailbox.url, "MAIL_SENDER": "hive@bees.example", "NEWSLETTER": "list"}
    variables |= {"BASE_URL": f"http://127.0.0.1:{port}"}
    with running_server(tmp_path_factory.mktemp("mailing"), variables=variables, port=port) as server:
        yield server.url


@pytest.fixture(scope="module")
def page(browser: Browser, url: str) -> Iterator[Page]:
    """A visitor's page. The policy is set aside only so that axe can be put into it."""
    context = browser.new_context(base_url=url, reduced_motion="reduce", bypass_csp=True)
    yield context.new_page()
    context.close()


Look = Callable[[str], None]


@pytest.fixture
def look(page: Page, request: pytest.FixtureRequest) -> Look:
    """`look(name)`: axe finds nothing on the page as it is, at either size and in either theme; a picture of each, if
    the environment names a folder for them (`--output`)."""
    folder = Path(str(request.config.getoption("--output"))) / "mail"

    def check(name: str) -> None:
        page.evaluate(AXE)
        for width in (1280, 390):
            for theme in THEMES:
                page.set_viewport_size({"width": width, "height": 844})
                page.emulate_media(color_scheme=theme)
                assert page.evaluate("document.documentElement.scrollWidth") <= width
                found = page.evaluate("rules => axe.run(document, { runOnly: rules, iframes: false })", RULES)
                assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == [], (name, width, theme)
                folder.mkdir(parents=True, exist_ok=True)
                page.screenshot(path=folder / f"{name}-{width}-{theme}.png", full_page=True)
        page.set_viewport_size({"width": 1280, "height": 844})

    return check


def letter_to(mailbox: Mailbox, address: str, subject: str = "") -> EmailMessage:
    """The last letter to this address, which may be on its way."""
    deadline = monotonic() + PATIENCE_S
    while monotonic() < deadline:
        found: list[EmailMessage] = [one for one in mailbox.letters if one["To"] == address]
        found = [one for one in found if subject in str(one["Subject"])]
        if found:
            return found[-1]
        sleep(0.1)
    raise AssertionError(f"no letter to {address} in {[letter['To'] for letter in mailbox.letters]}")


def link_in(letter: EmailMessage) -> str:
    """The path of the first link of ours that has a key."""
    found = re.search(r"http://127\.0\.0\.1:\d+(/\S+\?key=\S+)", text_of(letter))
    assert found is not None
    return found[1]


def sign_in(page: Page, address: str) -> None:
    page.goto("/account/signin")
    page.fill("main [name=email]", address)
    page.fill("main [name=password]", PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Your account").wait_for()


def colour_under_the_policy(page: Page) -> str:
    """The button's, of the mail that the page shows, in a browser that keeps to the page's policy."""
    assert page.context.browser is not None
    context = page.context.browser.new_context(storage_state=page.context.storage_state())
    strict = context.new_page()
    strict.goto(page.url)
    button = strict.frame_locator("iframe.mail-frame").locator(".button")
    colour: str = button.evaluate("one => getComputedStyle(one).backgroundColor")
    context.close()
    return colour


def test_mail_from_joining_to_the_way_out(page: Page, mailbox: Mailbox, look: Look) -> None:
    page.goto("/account/register")
    for name, value in (("fullname", "Ann Bee"), ("name", "ann"), ("email_addr", "ann@old.example")):
        page.fill(f"main [name={name}]", value)
    for name in ("password", "confirm"):
        page.fill(f"main [name={name}]", PASSWORD)
    page.check("main [name=consent]")
    page.get_by_role("main").get_by_role("button").last.click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    look("sent")

    page.goto(link_in(letter_to(mailbox, "ann@old.example")))
    look("confirm-account")
    page.get_by_role("button", name="Create my account").click()
    expect(page.get_by_role("button", name="Your account")).to_be_visible()

    page.goto("/account/ann/update")
    page.fill("main [name=email_addr]", "ann@new.example")
    page.fill("main [name=current_password] >> nth=0", PASSWORD)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#flashes")).to_contain_text("An email has been sent to verify your new email")
    look("settings-asked")
    assert "is to have another address" in text_of(letter_to(mailbox, "ann@old.example", "Another address"))
    page.goto(link_in(letter_to(mailbox, "ann@new.example")))
    look("confirm-address")
    page.get_by_role("button", name="Confirm this address").click()
    expect(page.locator("#flashes")).to_contain_text("Your email has been validated.")

    page.context.clear_cookies()
    sign_in(page, "ann@new.example")
    expect(page.get_by_role("heading", name="Our newsletter")).to_be_visible()
    look("newsletter")
    page.get_by_role("button", name="Subscribe").click()
    expect(page.locator("#flashes")).to_contain_text("You are subscribed to our newsletter!")
    page.goto("/account/newsletter")
    look("newsletter-subscribed")

    page.goto("/admin/mails")
    look("admin-mails")
    page.get_by_role("link", name="We miss you at Workbee").click()
    frame = page.frame_locator("iframe.mail-frame")
    expect(frame.get_by_text("we miss you", exact=False).first).to_be_visible()
    look("admin-mail")
    assert colour_under_the_policy(page) == "rgb(242, 178, 51)", "the preview has its style"
    page.get_by_role("button", name="Send it to me").click()
    letter = letter_to(mailbox, "ann@new.example", "We miss you")
    assert str(letter["List-Unsubscribe"]).strip(" <>") in html_of(letter)

    page.context.clear_cookies()
    page.goto(link_in(letter))
    look("unsubscribe")
    page.get_by_role("button", name="Send me no such mails").click()
    expect(page.get_by_role("heading", name="No more mail")).to_be_visible()
    look("unsubscribed")
    sign_in(page, "ann@new.example")
    page.goto("/account/ann/update")
    expect(page.locator("main [name=subscribed]")).not_to_be_checked()
