"""Passkeys, an authenticator app and sessions in a real browser, by keyboard alone, with Chromium's virtual
authenticator."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest
from playwright.sync_api import Browser, CDPSession, Locator, Page, expect

from tests.support.site import Site, at_host

DEVICE: dict[str, Any] = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
numbers = count(1)


@pytest.fixture(params=[(1280, 844), (390, 844)], ids=["desk", "phone"])
def page(request: pytest.FixtureRequest, browser: Browser, site: Site) -> Iterator[Page]:
    """A visitor's browser. Passkeys are bound to a name, which an address has not."""
    width, height = request.param
    context = browser.new_context(
        base_url=at_host(site.url, "localhost"), viewport={"width": width, "height": height}, reduced_motion="reduce"
    )
    yield context.new_page()
    context.close()


@pytest.fixture
def person(site: Site) -> str:
    """The name of somebody who has an account."""
    name = f"safe{next(numbers)}"
    with httpx.Client(base_url=site.url, headers={"Content-Type": "application/json"}) as http:
        site.register(http, name)
    return name


@pytest.fixture
def device(page: Page) -> CDPSession:
    return page.context.new_cdp_session(page)


def plug_in(device: CDPSession, **changed: bool) -> str:
    """An authenticator; its id."""
    device.send("WebAuthn.enable")
    added: dict[str, str] = device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE | changed})
    return added["authenticatorId"]


def press(target: Locator) -> None:
    """By keyboard."""
    expect(target.page.locator("[data-module=passkeys][inert]")).to_have_count(0)
    target.press("Enter")


def sign_in(page: Page, name: str) -> None:
    page.goto("/account/signin")
    page.get_by_role("main").get_by_label("Email").fill(f"{name}@example.org")
    page.get_by_role("main").get_by_label("Password").fill(f"{name}-password")
    page.keyboard.press("Enter")


def go_to_security(page: Page, name: str) -> None:
    page.goto(f"/account/{name}/update")
    press(page.get_by_role("main").get_by_role("link", name="Signing in safely"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Signing in safely")
    expect(page.get_by_role("heading", level=1)).to_be_focused()


def add_passkey(page: Page, called: str) -> None:
    expect(page.locator("[data-module=passkeys][inert]")).to_have_count(0)
    page.get_by_label("Name").fill(called)
    page.get_by_label("Name").press("Enter")
    expect(page.get_by_text("From now on you can sign in with this passkey.")).to_be_visible()


def is_signed_in(page: Page) -> bool:
    answer = page.request.get("/account/profile", headers={"Content-Type": "application/json"})
    return "user" in answer.json()


def test_a_passkey_signs_in_with_nothing_typed(page: Page, person: str, device: CDPSession) -> None:
    plug_in(device)
    sign_in(page, person)
    page.wait_for_url("**/")
    go_to_security(page, person)
    add_passkey(page, "My phone")
    expect(page.get_by_role("listitem").filter(has_text="My phone")).to_contain_text("not used yet")

    press(page.get_by_role("button", name="Sign out everywhere", exact=True))
    page.wait_for_url("**/account/signin")
    assert not is_signed_in(page)
    press(page.get_by_role("button", name="Use a passkey"))
    expect(page.get_by_text(f"Welcome back {person}")).to_be_visible()
    assert is_signed_in(page)

    go_to_security(page, person)
    expect(page.get_by_role("listitem").filter(has_text="My phone")).to_contain_text("last used")
    press(page.get_by_role("button", name="Remove My phone"))
    expect(page.get_by_text("The passkey is removed.")).to_be_visible()


def test_a_removed_or_unknown_passkey_lets_nobody_in(page: Page, person: str, device: CDPSession) -> None:
    plug_in(device)
    sign_in(page, person)
    page.wait_for_url("**/")
    go_to_security(page, person)
    add_passkey(page, "Key")
    press(page.get_by_role("button", name="Remove Key"))
    expect(page.get_by_text("The passkey is removed.")).to_be_visible()
    press(page.get_by_role("button", name="Sign out everywhere", exact=True))
    page.wait_for_url("**/account/signin")
    press(page.get_by_role("button", name="Use a passkey"))
    expect(page.get_by_text("This passkey was not accepted.")).to_be_visible()
    assert not is_signed_in(page)


def test_whoever_is_not_verified_is_told_so(page: Page, person: str, device: CDPSession) -> None:
    authenticator = plug_in(device)
    sign_in(page, person)
    page.wait_for_url("**/")
    go_to_security(page, person)
    add_passkey(page, "Key")
    press(page.get_by_role("button", name="Sign out everywhere", exact=True))
    page.wait_for_url("**/account/signin")
    device.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    press(page.get_by_role("button", name="Use a passkey"))
    expect(page.get_by_text("No passkey was used.")).to_be_visible()
    assert not is_signed_in(page)


def test_a_passkey_that_counts_back_is_a_copy(page: Page, person: str, device: CDPSession, site: Site) -> None:
    authenticator = plug_in(device)
    sign_in(page, person)
    page.wait_for_url("**/")
    go_to_security(page, person)
    add_passkey(page, "Key")
    kept = device.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})["credentials"][0]
    press(page.get_by_role("button", name="Sign out everywhere", exact=True))
    page.wait_for_url("**/account/signin")
    press(page.get_by_role("button", name="Use a passkey"))
    expect(page.get_by_text(f"Welcome back {person}")).to_be_visible()

    device.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": authenticator})
    copied = plug_in(device)
    device.send("WebAuthn.addCredential", {"authenticatorId": copied, "credential": kept | {"signCount": 0}})
    page.context.clear_cookies()
    page.goto("/account/signin")
    press(page.get_by_role("button", name="Use a passkey"))
    expect(page.get_by_text("This passkey was not accepted.")).to_be_visible()
    assert not is_signed_in(page)


def test_an_answer_is_good_once_and_in_its_own_browser(page: Page, person: str, device: CDPSession) -> None:
    plug_in(device)
    sign_in(page, person)
    page.wait_for_url("**/")
    go_to_security(page, person)
    add_passkey(page, "Key")
    press(page.get_by_role("button", name="Sign out everywhere", exact=True))
    page.wait_for_url("**/account/signin")
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.post_data or "") if one.url.endswith("/passkey") else None)
    press(page.get_by_role("button", name="Use a passkey"))
    expect(page.get_by_text(f"Welcome back {person}")).to_be_visible()
    page.context.clear_cookies()
    page.goto("/account/signin")
    token = page.locator("[name=csrf_token]").first.input_value()
    [credential] = [part for part in sent[0].split("&") if part.startswith("credential=")]
    answer = page.request.post(
        "/account/signin/passkey",
        data=f"{credential}&csrf_token={token}",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        max_redirects=0,
    )
    assert answer.headers["location"] == "/account/signin"
    assert not is_signed_in(page)


def test_an_app_is_set_up_and_signs_in(page: Page, person: str) -> None:
    sign_in(page, person)
    page.wait_for_url("**/")
    go_to_security(page, person)
    press(page.get_by_role("link", name="Set it up"))
    expect(page.get_by_role("img", name="The key as a QR code")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    secret = page.locator(".authenticator .key").inner_text()
    page.get_by_label("Code that the app shows").fill(pyotp.TOTP(secret).now())
    page.keyboard.press("Enter")
    codes = page.locator(".recovery-codes li")
    expect(codes).to_have_count(10)
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    kept = codes.first.inner_text()
    press(page.get_by_role("link", name="I have kept them"))
    expect(page.get_by_text("10 are left")).to_be_visible()

    press(page.get_by_role("button", name="Sign out everywhere", exact=True))
    page.wait_for_url("**/account/signin")
    sign_in(page, person)
    expect(page.get_by_role("heading", level=1)).to_have_text("One more step")
    expect(page.get_by_label("Code")).to_be_focused()
    page.get_by_label("Code").fill("000000")
    page.keyboard.press("Enter")
    expect(page.get_by_text("This code is not right")).to_be_visible()
    expect(page.get_by_label("Code")).to_have_value("")
    expect(page.get_by_label("Code")).to_be_focused()
    assert "000000" not in page.evaluate("JSON.stringify(sessionStorage)"), "a code is no draft"
    page.get_by_label("Code").fill(kept)
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"Welcome back {person}")).to_be_visible()


def test_an_old_sign_in_is_confirmed_by_a_passkey(
    page: Page, person: str, device: CDPSession, site: Site, tmp_path: Path
) -> None:
    plug_in(device)
    sign_in(page, person)
    page.wait_for_url("**/")
    go_to_security(page, person)
    add_passkey(page, "Key")
    page.goto(f"/account/{person}/security/confirm?next=/account/{person}/security/authenticator")
    press(page.get_by_role("button", name="Use a passkey"))
    page.wait_for_url("**/authenticator")
    expect(page.get_by_role("heading", level=1)).to_have_text("Authenticator app")
