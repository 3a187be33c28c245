"""Signing in by an LDAP directory: OpenLDAP's own server."""

import socket
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from quart import Quart
from sqlalchemy import select

from db.models import LinkedAccount, User
from db.session import UnitOfWork
from tests.factories import make_user
from tests.support import slapd
from tests.support.client import Answer, Client
from tests.support.openid import free_port
from webapp.app import create_app
from webapp.config import Settings
from webapp.services.accounts.passwords import Passwords

pytestmark = pytest.mark.skipif(slapd.missing() is not None, reason=slapd.missing() or "")
PEOPLE = [
    slapd.person("ann", "waggle-dance", uid="ann", mail="ann@example.com", givenName="Ann Bee"),
    slapd.person("bob", "round-dance", uid="bob", mail="bob@example.com", givenName="Bob"),
    slapd.person("no mail", "a-password", uid="nomail"),
    slapd.person("locked", "", uid="locked", mail="locked@example.com"),
]
OWN_PASSWORD = "honey and wax"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with slapd.running_slapd(tmp_path_factory.mktemp("slapd"), PEOPLE) as found:
        yield found


def by_directory(settings: Settings, port: int, **changes: Any) -> Settings:
    given = {"ldap_host": f"ldap+plain://127.0.0.1:{port}", "ldap_base_dn": slapd.BASE}
    given |= {"ldap_username": slapd.READER, "ldap_password": slapd.READER_PASSWORD}
    return settings.model_copy(update=given | changes)


@pytest.fixture
async def site(settings: Settings, port: int, clean: None) -> AsyncIterator[Quart]:
    created = create_app(by_directory(settings, port))
    async with created.test_app():
        yield created


async def sign_in(client: Client, name: str, password: str) -> Answer:
    return await client.post("/account/signin", {"email": name, "password": password}, json=True)


async def who(client: Client) -> str | None:
    profile = (await client.get("/account/profile", json=True)).json
    return profile["user"]["name"] if "user" in profile else None


async def accounts(uow: UnitOfWork) -> list[tuple[str, str]]:
    await uow.session.commit()
    rows = await uow.session.execute(select(User.name, User.email_addr).order_by(User.id))
    return [(name, address) for name, address in rows]


async def test_an_account_is_made_at_the_first_time_and_known_at_the_next(site: Quart, uow: UnitOfWork) -> None:
    first, second = Client(site), Client(site)
    assert (await sign_in(first, "ann", "waggle-dance")).json["status"] == "success"
    assert await accounts(uow) == [("ann", "ann@example.com")]
    answer = await sign_in(second, "ANN", "waggle-dance")
    assert (answer.json["flash"], await who(second)) == ("Welcome back Ann Bee", "ann")
    [linked] = await uow.session.scalars(select(LinkedAccount))
    assert (linked.provider, linked.subject, linked.sealed_tokens) == ("ldap", "ann", None)
    user = (await uow.session.scalars(select(User))).one()
    assert user.passwd_hash is None
    assert len(await accounts(uow)) == 1


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("ann", "wrong"),
        ("ann", " "),
        ("nobody", "waggle-dance"),
        ("*", "waggle-dance"),
        ("a*", "waggle-dance"),
        ("ann)(objectClass=*", "waggle-dance"),
        ("ann)(|(cn=*", "waggle-dance"),
        ("\\61nn", "waggle-dance"),
        ("locked", "anything"),
        (slapd.READER, slapd.READER_PASSWORD),
    ],
)
async def test_who_is_not_let_in(site: Quart, uow: UnitOfWork, name: str, password: str) -> None:
    browser = Client(site)
    refused = await sign_in(browser, name, password)
    assert (refused.json["status"], await who(browser), await accounts(uow)) == ("error", None, [])


async def test_an_empty_password_is_none(site: Quart) -> None:
    """Of a bind without one directories say that it went well."""
    directory = site.extensions["workbee"].directory
    assert await directory.find("ann", "") is None
    assert (await directory.find("ann", "waggle-dance")).subject == "ann"


async def test_guesses_are_counted(site: Quart, settings: Settings) -> None:
    browser = Client(site)
    answers = [await sign_in(browser, "ann", "wrong") for _ in range(settings.sign_in_failures + 1)]
    assert [one.status for one in answers] == [200] * settings.sign_in_failures + [429]


async def test_an_address_that_exists_is_linked_by_its_password(
    site: Quart, uow: UnitOfWork, settings: Settings
) -> None:
    hashed = await Passwords(settings).hash(OWN_PASSWORD)
    await make_user(uow.session, name="robert", email_addr="bob@example.com", passwd_hash=hashed)
    await uow.session.commit()
    browser = Client(site)
    asked = await sign_in(browser, "bob", "round-dance")
    assert (asked.json["next"], await who(browser)) == ("/account/signin/link", None)
    shown = await browser.get("/account/signin/link", json=True)
    assert (shown.json["email_addr"], shown.json["provider"]) == ("bob@example.com", "ldap")

    await browser.post("/account/signin/link", {"password": OWN_PASSWORD}, json=True)

    assert await who(browser) == "robert"
    other = Client(site)
    await sign_in(other, "bob", "round-dance")
    assert await who(other) == "robert"


async def test_an_account_of_before_is_known_by_its_column(site: Quart, uow: UnitOfWork) -> None:
    await make_user(uow.session, name="queen", email_addr="old@example.com", ldap="ann")
    await uow.session.commit()
    browser = Client(site)
    await sign_in(browser, "ann", "waggle-dance")
    assert await who(browser) == "queen"


async def test_passwords_of_this_site_are_for_administrators(site: Quart, uow: UnitOfWork, settings: Settings) -> None:
    hashed = await Passwords(settings).hash(OWN_PASSWORD)
    await make_user(uow.session, name="boss", email_addr="boss@example.com", passwd_hash=hashed, admin=True)
    await make_user(uow.session, name="old", email_addr="old@example.com", passwd_hash=hashed)
    await uow.session.commit()
    boss, old = Client(site), Client(site)
    await sign_in(boss, "boss@example.com", OWN_PASSWORD)
    await sign_in(old, "old@example.com", OWN_PASSWORD)
    assert (await who(boss), await who(old)) == ("boss", None)


async def test_somebody_suspended_or_without_an_address(site: Quart, uow: UnitOfWork) -> None:
    until = datetime.now(UTC) + timedelta(days=3)
    await make_user(uow.session, name="ann", ldap="ann", suspended_until=until, suspended_reason="spam")
    await uow.session.commit()
    browser = Client(site)
    assert "spam" in (await sign_in(browser, "ann", "waggle-dance")).json["flash"]
    assert "does not say your e-mail" in (await sign_in(browser, "no mail", "a-password")).json["flash"]
    assert (await who(browser), len(await accounts(uow))) == (None, 1)


async def test_joining_is_off(site: Quart) -> None:
    client = Client(site)
    for path in ("/account/register", "/account/forgot-password", "/account/reset-password?key=x"):
        assert (await client.get(path, json=True)).status == 404
    page = await client.get("/account/signin")
    assert "User name" in page.text and "Create an account" not in page.text


async def test_a_directory_that_is_away_silent_or_does_not_know_this_site(
    settings: Settings, port: int, clean: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.integrations.directory.TIMEOUT_S", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        wrong = (
            by_directory(settings, free_port()),
            by_directory(settings, silent.getsockname()[1]),
            by_directory(settings, port, ldap_password="wrong"),
            # It has no certificate: nothing is sent to it in the clear.
            by_directory(settings, port, ldap_host=f"ldap://127.0.0.1:{port}"),
        )
        for changed in wrong:
            created = create_app(changed)
            async with created.test_app():
                refused = await sign_in(Client(created), "ann", "waggle-dance")
                assert "directory does not answer" in refused.json["flash"]
