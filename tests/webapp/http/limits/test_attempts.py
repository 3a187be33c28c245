"""Guesses at passwords: strangers are stopped or slowed down, owners get in."""

from collections.abc import Iterator
from ipaddress import IPv4Address

import pytest
from quart import Quart

from db.models import User
from db.session import UnitOfWork
from tests.factories import make_user
from tests.support.client import Answer, Client
from webapp.config import Settings
from webapp.http.limits import attempts
from webapp.services.accounts.passwords import Passwords

PASSWORD = "honey and wax"
ADDRESS = "kim@ivi.example"
SPELLINGS = ("kim@ivi.example", " KIM@IVI.EXAMPLE ", "\u212aim@ivi.example", "ｋｉｍ@ivi.example")
"""All of them the same account: case, space, the Kelvin sign, wide letters."""
UPDATE = "/account/kim/update"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A site behind a proxy, so that each request says where it comes from."""
    return settings.model_copy(update={"trusted_proxies": 1, "sign_in_failures": 3})


@pytest.fixture
def sources() -> Iterator[str]:
    """Addresses, each of another network."""
    return (str(IPv4Address(0x0A000001 + (n << 16))) for n in range(1, 200))


@pytest.fixture
async def kim(uow: UnitOfWork, settings: Settings) -> User:
    hashed = await Passwords(settings).hash(PASSWORD)
    user = await make_user(uow.session, name="kim", email_addr=ADDRESS, passwd_hash=hashed)
    await uow.session.commit()
    return user


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "PAUSE_MS", 20)
    monkeypatch.setattr(attempts, "LONGEST_WAIT_MS", 60_000)


async def sign_in(client: Client, source: str, password: str = "guess", address: str = ADDRESS) -> Answer:
    sent = {"email": address, "password": password}
    return await client.post("/account/signin", sent, json=True, headers={"X-Forwarded-For": source})


async def test_one_source_is_stopped_however_it_writes_the_address(
    app: Quart, kim: User, sources: Iterator[str]
) -> None:
    here = next(sources)
    statuses = [(await sign_in(Client(app), here, address=one)).status for one in SPELLINGS]

    assert statuses == [200, 200, 200, 429]
    assert (await sign_in(Client(app), here, PASSWORD)).status == 429


async def test_what_only_the_database_takes_for_the_address_is_counted_and_lets_nobody_in(
    app: Quart, kim: User, sources: Iterator[str]
) -> None:
    here, dotted = next(sources), "k\u0130m@ivi.example"

    answers = [await sign_in(Client(app), here, PASSWORD, address=dotted) for _ in range(3)]

    assert [answer.json["status"] for answer in answers] == ["error"] * 3
    assert (await sign_in(Client(app), here, PASSWORD)).status == 429


async def test_strangers_everywhere_do_not_keep_the_owner_out(
    app: Quart, kim: User, sources: Iterator[str], settings: Settings
) -> None:
    guesses = [await sign_in(Client(app), next(sources)) for _ in range(settings.sign_in_failures + 2)]

    assert [guess.status for guess in guesses] == [200, 200, 200, 429, 429]
    assert (await sign_in(Client(app), next(sources), PASSWORD)).json["status"] == "success"


async def test_strangers_pass_one_by_one_and_those_who_would_wait_long_are_turned_away(
    app: Quart, kim: User, sources: Iterator[str], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = Client(app)
    await sign_in(owner, next(sources), PASSWORD)
    for _ in range(settings.sign_in_failures):
        await sign_in(Client(app), next(sources))
    monkeypatch.setattr(attempts, "PAUSE_MS", 3_600_000)
    monkeypatch.setattr(attempts, "LONGEST_WAIT_MS", 0)

    first, second = await sign_in(Client(app), next(sources)), await sign_in(Client(app), next(sources), PASSWORD)

    assert (first.status, second.status) == (429, 429), "the turn was the first one's"
    again = Client(app)
    again.set_cookie("device", owner.cookies["device"])
    assert (await sign_in(again, next(sources), PASSWORD)).json["status"] == "success"


async def test_a_known_browser_is_known_for_its_own_account_alone(
    app: Quart, kim: User, uow: UnitOfWork, sources: Iterator[str], settings: Settings
) -> None:
    await make_user(uow.session, name="bob", email_addr="bob@example.com", passwd_hash=kim.passwd_hash)
    await uow.session.commit()
    bob = Client(app)
    await sign_in(bob, next(sources), PASSWORD, address="bob@example.com")
    here = next(sources)
    guesses = []
    for _ in range(settings.sign_in_failures + 1):
        browser = Client(app)
        browser.set_cookie("device", bob.cookies["device"])
        guesses.append((await sign_in(browser, here)).status)

    assert guesses == [200, 200, 200, 429]


async def test_an_address_without_an_account_is_counted_like_one_with(
    app: Quart, kim: User, sources: Iterator[str], settings: Settings
) -> None:
    for address in (ADDRESS, "nobody@ivi.example"):
        here = next(sources)
        tries = [(await sign_in(Client(app), here, address=address)).status for _ in range(4)]
        assert tries == [200, 200, 200, 429]


@pytest.mark.parametrize(
    "form",
    [
        {"btn": "Password", "new_password": "wax and honey", "confirm": "wax and honey"},
        {"btn": "Profile", "fullname": "Kim", "name": "kim", "email_addr": "new@ivi.example", "locale": "en"},
    ],
)
async def test_guesses_of_the_present_password_are_counted_as_those_at_the_door(
    app: Quart, kim: User, as_user: object, sources: Iterator[str], form: dict[str, str]
) -> None:
    browser = as_user(kim)  # type: ignore[operator]
    here = {"X-Forwarded-For": next(sources)}
    statuses = [
        (await browser.post(UPDATE, form | {"current_password": "guess"}, json=True, headers=here)).status
        for _ in range(4)
    ]

    assert statuses == [200, 200, 200, 429]
    assert (await sign_in(Client(app), here["X-Forwarded-For"], PASSWORD)).status == 429


async def test_accounts_from_one_network_are_limited(app: Quart, settings: Settings) -> None:
    most = settings.registrations_per_hour

    async def join(number: int, source: str) -> int:
        name = f"member{number}x"
        sent = {"fullname": "Mem Ber", "name": name, "email_addr": f"{name}@x.example"}
        sent |= {"password": PASSWORD, "confirm": PASSWORD}
        return (
            await Client(app).post("/account/register", sent, json=True, headers={"X-Forwarded-For": source})
        ).status

    # Each from another address of the same IPv6 network.
    statuses = [await join(n, f"2001:db8:1:2::{n:x}") for n in range(most + 1)]

    assert statuses == [200] * most + [429]
    assert await join(most + 1, "2001:db8:1:3::1") == 200
