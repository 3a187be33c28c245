"""Signing in by an OpenID provider, a real one: who becomes whom, and what is refused."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from quart import Quart
from sqlalchemy import select

from db.models import LinkedAccount, Passkey, SecondStep, User
from db.session import UnitOfWork
from tests.factories import make_user
from tests.support.client import Answer, Client
from tests.support.listening import listening
from tests.support.mailbox import Mailbox, open_mailbox, text_of
from tests.support.openid import free_port, registered_at, running_provider, visit
from webapp.app import create_app
from webapp.config import Settings
from webapp.integrations.providers import ProviderIdentity
from webapp.jobs.work import Work
from webapp.jobs.worker import create_jobs
from webapp.service_config import OidcProvider
from webapp.services.accounts import linked_accounts, recovery
from webapp.services.accounts.passwords import Passwords

BEGIN, LINK, JOIN = "/account/signin/uni", "/account/signin/link", "/account/register/provider"
PASSWORD = "honey and wax"
CALLBACKS = ("http://localhost/account/signin/uni/callback", "http://bees.example/account/signin/uni/callback")


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Of the provider."""
    found = free_port()
    with running_provider(found, CALLBACKS, tmp_path_factory.mktemp("provider") / "log.txt"):
        yield found


@pytest.fixture
def settings(settings: Settings, port: int) -> Settings:
    return settings.model_copy(update={"oidc_providers": (OidcProvider(**registered_at(port)),)})


@pytest.fixture
async def ann(uow: UnitOfWork, settings: Settings) -> User:
    """Somebody with a password, and the address that the provider's `ann` has."""
    hashed = await Passwords(settings).hash(PASSWORD)
    user = await make_user(uow.session, name="ann", email_addr="Ann@example.com", passwd_hash=hashed)
    await uow.session.commit()
    return user


def path_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


async def come_back(client: Client, name: str, query: str = "") -> Answer:
    """Sign in as `name` at the provider, and come back from it to where the site leads."""
    begun = await client.get(BEGIN + query)
    assert begun.status == 302, begun.text
    back = await visit(begun.location or "", name)
    return await client.get(path_of(back))


async def arrive(client: Client, name: str, query: str = "") -> Answer:
    """As `come_back`, and then to what comes of it."""
    returned = await come_back(client, name, query)
    assert returned.location == LINK, returned.text
    return await client.get(LINK, json=True)


async def join(client: Client, name: str, **changed: Any) -> Answer:
    assert (await arrive(client, name)).json["next"] == JOIN
    form = (await client.get(JOIN, json=True)).json["form"]
    fields = {one: form[one] for one in ("fullname", "name", "email_addr")} | changed
    return await client.post(JOIN, fields, json=True)


async def who(client: Client) -> str | None:
    profile = (await client.get("/account/profile", json=True)).json
    return profile["user"]["name"] if "user" in profile else None


async def links(uow: UnitOfWork) -> list[tuple[str, str, str]]:
    rows = select(User.name, LinkedAccount.provider, LinkedAccount.subject).join(
        LinkedAccount, LinkedAccount.user_id == User.id
    )
    await uow.session.commit()
    return [(name, provider, subject) for name, provider, subject in await uow.session.execute(rows)]


async def test_a_new_person_gets_an_account_and_is_known_the_next_time(app: Quart, uow: UnitOfWork) -> None:
    browser = Client(app)
    assert (await arrive(browser, "bea", "?next=/project/")).json["next"] == JOIN
    shown = await browser.get(JOIN, json=True)
    assert {one: shown.json["form"][one] for one in ("fullname", "name", "email_addr")} == {
        "fullname": "Bea Bee",
        "name": "bea",
        "email_addr": "bea@example.com",
    }
    made = await browser.post(JOIN, {"fullname": "Bea Bee", "name": "queen"}, json=True)

    assert made.json == {"next": "/project/", "status": "success", "flash": "Thanks for signing-up"}
    assert (await who(browser), await links(uow)) == ("queen", [("queen", "uni", "bea")])
    other = Client(app)
    again = await arrive(other, "bea")
    assert (again.json["flash"], await who(other)) == ("Welcome back Bea Bee", "queen")
    assert (await browser.get(JOIN, json=True)).json["next"].endswith("/linked"), "what it was told is forgotten"


async def test_the_pages_and_what_json_tells(app: Quart, port: int) -> None:
    client = Client(app)
    signin = await client.get("/account/signin?next=/project/")
    assert 'href="/account/signin/uni?next=%2Fproject%2F"' in signin.text and "Go on with University" in signin.text
    register = await client.get("/account/register?invitation=abc")
    assert 'href="/account/signin/uni?invitation=abc"' in register.text
    auth = (await client.get("/account/signin", json=True)).json["auth"]
    assert auth == {"twitter": False, "facebook": False, "google": False, "uni": True}
    begun = await client.get(BEGIN, json=True)
    asked = dict(parse_qsl(urlsplit(begun.json["next"]).query))
    assert begun.json["next"].startswith(f"http://127.0.0.1:{port}/auth?")
    assert {"state", "nonce", "code_challenge"} <= asked.keys() and asked["code_challenge_method"] == "S256"
    assert (await client.get("/account/signin/nobody")).status == 404
    assert (await client.get("/account/signin/nobody/callback")).status == 404


async def test_a_name_that_is_taken_is_offered_with_a_number(app: Quart, uow: UnitOfWork) -> None:
    await make_user(uow.session, name="bea", email_addr="other@example.com")
    await uow.session.commit()
    client = Client(app)
    await arrive(client, "bea")

    assert (await client.get(JOIN, json=True)).json["form"]["name"] == "bea2"
    refused = await client.post(JOIN, {"fullname": "Bea", "name": "bea"}, json=True)
    assert list(refused.json["form"]["errors"]) == ["name"]
    assert (await client.get(JOIN)).status == 200


async def test_an_address_that_exists_is_linked_by_its_password_alone(app: Quart, uow: UnitOfWork, ann: User) -> None:
    browser = Client(app)
    asked = await arrive(browser, "ann")
    assert (asked.json["template"], asked.json["email_addr"]) == ("account/link_by_password.html", "ann@example.com")
    assert (await browser.get(LINK)).status == 200
    wrong = await browser.post(LINK, {"password": "honey"}, json=True)
    assert (wrong.json["status"], await who(browser), await links(uow)) == ("error", None, [])

    right = await browser.post(LINK, {"password": PASSWORD}, json=True)

    assert (right.json["status"], await who(browser)) == ("success", "ann")
    assert await links(uow) == [("ann", "uni", "ann")]
    other = Client(app)
    await arrive(other, "ann")
    assert await who(other) == "ann"


async def test_guesses_of_that_password_are_counted(app: Quart, ann: User, settings: Settings) -> None:
    browser = Client(app)
    await arrive(browser, "ann")
    answers = [await browser.post(LINK, {"password": "no"}, json=True) for _ in range(settings.sign_in_failures + 1)]
    assert [one.status for one in answers] == [200] * settings.sign_in_failures + [429]


async def test_an_address_that_is_not_verified_leads_to_no_account(app: Quart, uow: UnitOfWork) -> None:
    await make_user(uow.session, name="victim", email_addr="unproven@example.com", passwd_hash="x")
    await uow.session.commit()
    browser = Client(app)

    refused = await join(browser, "unproven")

    assert list(refused.json["form"]["errors"]) == ["email_addr"]
    assert (await who(browser), await links(uow)) == (None, [])


async def test_of_whom_nothing_is_known_everything_is_asked(app: Quart, uow: UnitOfWork) -> None:
    browser = Client(app)
    refused = await join(browser, "bare")
    assert list(refused.json["form"]["errors"]) == ["fullname", "email_addr"]
    made = await browser.post(
        JOIN, {"fullname": "Someone", "name": "someone", "email_addr": "some@example.com"}, json=True
    )
    assert (made.json["status"], await links(uow)) == ("success", [("someone", "uni", "bare")])


async def test_a_suspended_account_is_let_in_by_nobody(app: Quart, uow: UnitOfWork, ann: User) -> None:
    browser = Client(app)
    await arrive(browser, "ann")
    await browser.post(LINK, {"password": PASSWORD}, json=True)
    user = await uow.session.get_one(User, ann.id)
    user.suspended_until, user.suspended_reason = datetime.now(UTC) + timedelta(days=365), "spam"
    await uow.session.commit()

    other = Client(app)
    refused = await arrive(other, "ann")

    assert ("spam" in refused.json["flash"], await who(other)) == (True, None)


@pytest.mark.parametrize(
    ("changes", "query", "is_let_in"),
    [
        ({"registration": "invitation"}, "", False),
        ({"registration": "invitation"}, "?invitation=wrong", False),
        ({"registration_domains": frozenset({"example.org"})}, "", False),
        ({"registration_domains": frozenset({"example.com"})}, "", True),
    ],
)
async def test_rules_of_registration_hold(
    settings: Settings, uow: UnitOfWork, changes: dict[str, Any], query: str, is_let_in: bool
) -> None:
    await make_user(uow.session, name="first")
    await uow.session.commit()
    site = create_app(settings.model_copy(update=changes))
    async with site.test_app():
        browser = Client(site)
        await arrive(browser, "bea", query)
        made = await browser.post(JOIN, {"fullname": "Bea Bee", "name": "bea"}, json=True)
        assert (made.json["status"], await who(browser)) == (("success", "bea") if is_let_in else ("error", None))
        if not is_let_in:
            assert (await browser.get(JOIN)).status == 200


async def test_the_answer_belongs_to_the_browser_that_asked(app: Quart) -> None:
    mine, others = Client(app), Client(app)
    begun = await mine.get(BEGIN)
    back = path_of(await visit(begun.location or "", "bea"))

    assert (await others.get(back)).location == "/account/signin", "it has begun nothing"
    await others.get(BEGIN)
    assert (await others.get(back)).location == "/account/signin", "it has another state"
    assert (await mine.get(back)).location == LINK
    assert (await others.get(LINK)).location == "/account/signin"
    assert (await others.get(JOIN)).location == "/account/signin"


async def test_a_code_is_good_once_and_with_its_own_state(app: Quart) -> None:
    browser = Client(app)
    begun = await browser.get(BEGIN)
    back = await visit(begun.location or "", "bea")
    assert (await browser.get(path_of(back))).location == LINK
    assert (await browser.get(path_of(back))).location == "/account/signin", "the same answer again"

    again = await browser.get(BEGIN)
    state = dict(parse_qsl(urlsplit(again.location or "").query))["state"]
    replayed = dict(parse_qsl(urlsplit(back).query)) | {"state": state}
    refused = await browser.get(f"{urlsplit(back).path}?{urlencode(replayed)}")
    assert refused.location == "/account/signin", "the provider refuses a used code"


@pytest.mark.parametrize("changed", [{"nonce": "other"}, {"state": "other"}])
async def test_a_sign_in_that_was_changed_on_its_way(app: Quart, changed: dict[str, str]) -> None:
    browser = Client(app)
    begun = urlsplit((await browser.get(BEGIN)).location or "")
    query = urlencode(dict(parse_qsl(begun.query)) | changed)
    back = await visit(begun._replace(query=query).geturl(), "bea")

    assert (await browser.get(path_of(back))).location == "/account/signin"
    assert (await browser.get(LINK, json=True)).json["next"] == "/account/signin"


async def test_whoever_cancels_is_told_so(app: Quart) -> None:
    browser = Client(app)
    begun = await browser.get(BEGIN)
    state = dict(parse_qsl(urlsplit(begun.location or "").query))["state"]
    refused = await browser.get(f"{BEGIN}/callback?error=access_denied&state={state}", json=True)
    assert (refused.json["next"], "cancelled" in refused.json["flash"]) == ("/account/signin", True)


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example"])
async def test_nobody_is_led_to_another_site(app: Quart, ann: User, target: str) -> None:
    browser = Client(app)
    await arrive(browser, "ann", f"?{urlencode({'next': target})}")
    assert (await browser.post(LINK, {"password": PASSWORD}, json=True)).json["next"] == "/"


async def test_a_provider_that_is_down_or_talks_nonsense(settings: Settings, clean: None) -> None:
    async def nonsense(reader: Any, writer: Any) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n" + b"[" * 600_000)
        await writer.drain()

    async with listening(nonsense) as talking:
        for port in (free_port(), talking):
            changed = {"oidc_providers": (OidcProvider(**registered_at(port)),)}
            site = create_app(settings.model_copy(update=changed))
            async with site.test_app():
                refused = await Client(site).get(BEGIN, json=True)
                assert refused.json["next"] == "/account/signin"
                assert "University does not answer" in refused.json["flash"]


async def test_a_provider_that_is_slow(settings: Settings, clean: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.integrations.providers.base.WHOLE_S", 0.3)

    async def drips(reader: Any, writer: Any) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
        for _ in range(100):
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with listening(drips) as port:
        site = create_app(settings.model_copy(update={"oidc_providers": (OidcProvider(**registered_at(port)),)}))
        async with site.test_app():
            refused = await Client(site).get(BEGIN, json=True)
            assert refused.json["next"] == "/account/signin"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with open_mailbox() as opened:
        yield opened


@pytest.fixture
async def mailing(settings: Settings, mailbox: Mailbox, clean: None) -> AsyncIterator[tuple[Quart, Settings]]:
    changes = {"smtp_url": mailbox.url, "mail_sender": "hive@bees.example", "base_url": "http://bees.example"}
    changed = settings.model_copy(update=changes)
    created = create_app(changed)
    async with created.test_app():
        yield created, changed


async def test_an_address_that_is_not_verified_is_proven_by_mail_in_the_same_browser(
    mailing: tuple[Quart, Settings], mailbox: Mailbox, uow: UnitOfWork
) -> None:
    site, changed = mailing
    browser = Client(site)
    sent = await join(browser, "unproven")
    assert (sent.json["status"], await links(uow)) == ("sent", [])
    work = Work.of(changed)
    async with create_jobs(work).open_async() as jobs_app:
        await jobs_app.run_worker_async(wait=False)
    await work.close()
    found = re.search(r"http://bees\.example(\S+)", text_of(mailbox.letters[0]))
    assert found is not None

    assert (await Client(site).post(found[1], json=True)).status == 403, "whoever reads the mail alone"
    made = await browser.post(found[1], json=True)

    assert (made.json["status"], await links(uow)) == ("success", [("unproven", "uni", "unproven")])


async def test_a_new_password_by_mail_unlinks_what_the_old_one_may_have_linked(
    app: Quart, uow: UnitOfWork, ann: User, settings: Settings
) -> None:
    await join(Client(app), "bea")
    browser = Client(app)
    await arrive(browser, "ann")
    await browser.post(LINK, {"password": PASSWORD}, json=True)
    assert sorted(await links(uow)) == [("ann", "uni", "ann"), ("bea", "uni", "bea")]
    for user in await uow.session.scalars(select(User).where(User.name.in_(("ann", "bea")))):
        key = recovery.new_token(user, settings)
        sent = {"new_password": "other and wax", "confirm": "other and wax"}
        assert (await Client(app).post(f"/account/reset-password?key={key}", sent, json=True)).json[
            "status"
        ] == "success"

    assert await links(uow) == [("bea", "uni", "bea")], "who had no password loses nothing"


async def linked_page(client: Client, name: str = "ann") -> dict[str, Any]:
    page: dict[str, Any] = (await client.get(f"/account/{name}/linked", json=True)).json
    return page


async def test_linking_and_unlinking(app: Quart, uow: UnitOfWork, ann: User, as_user: Callable[[User], Client]) -> None:
    browser = as_user(ann)
    assert (await arrive(browser, "other")).json["next"] == "/account/ann/linked"
    page = await linked_page(browser)
    assert (page["linked"], page["available"]) == ([], ["uni"])
    assert page["pending"] == {"provider": "uni", "label": "other@example.com"}
    assert await links(uow) == [], "to come back is not enough"
    shown = await browser.get("/account/ann/linked")
    assert "Link other@example.com?" in shown.text
    refused = await browser.post("/account/ann/linked", {"what": "link", "current_password": "x"}, json=True)
    assert (list(refused.json["form"]["errors"]), await links(uow)) == (["current_password"], [])

    done = await browser.post("/account/ann/linked", {"what": "link", "current_password": PASSWORD}, json=True)
    assert (done.json["status"], await links(uow)) == ("success", [("ann", "uni", "other")])
    page = await linked_page(browser)
    assert (page["pending"], [one["label"] for one in page["linked"]]) == (None, ["other@example.com"])
    assert "Unlink" in (await browser.get("/account/ann/linked")).text
    again = await browser.post("/account/ann/linked", {"what": "link", "current_password": PASSWORD}, json=True)
    assert again.json["status"] == "error", "there is nobody to link any more"
    await browser.post("/account/ann/linked", {"what": "unlink", "provider": "uni"}, json=True)
    assert await links(uow) == []


async def test_whoever_set_out_as_another_links_nothing(
    app: Quart, uow: UnitOfWork, ann: User, as_user: Callable[[User], Client]
) -> None:
    stranger = Client(app)
    await come_back(stranger, "mallory")
    victim = as_user(ann)
    victim.set_cookie("arrival", stranger.cookies["arrival"])

    assert (await linked_page(victim))["pending"] is None
    refused = await victim.post("/account/ann/linked", {"what": "link", "current_password": PASSWORD}, json=True)
    assert (refused.json["status"], await links(uow)) == ("error", [])


async def test_the_last_way_in_stays(app: Quart, uow: UnitOfWork) -> None:
    browser = Client(app)
    await join(browser, "bea")
    refused = await browser.post("/account/bea/linked", {"what": "unlink", "provider": "uni"}, json=True)
    assert ("only way" in refused.json["flash"], await links(uow)) == (True, [("bea", "uni", "bea")])
    assert "only way" in (await browser.post("/account/bea/linked", {"what": "unlink", "provider": "uni"})).text


async def test_a_passkey_is_a_way_in_too_until_it_is_the_last(app: Quart, uow: UnitOfWork) -> None:
    browser = Client(app)
    await join(browser, "bea")
    bea = (await uow.session.scalars(select(User).where(User.name == "bea"))).one()
    uow.session.add(Passkey(user_id=bea.id, credential="c", public_key="k", sign_count=0, name="phone"))
    await uow.session.commit()
    await browser.post("/account/bea/linked", {"what": "unlink", "provider": "uni"}, json=True)
    assert await links(uow) == []
    passkey = (await uow.session.scalars(select(Passkey.id))).one()
    refused = await browser.post(f"/account/bea/security/passkeys/{passkey}/remove", {}, json=True)
    assert (refused.json["status"], "only way" in refused.json["flash"]) == ("error", True)


async def test_the_password_alone_does_not_link_an_account_that_has_a_second_step(
    app: Quart, uow: UnitOfWork, ann: User
) -> None:
    uow.session.add(SecondStep(user_id=ann.id, secret="sealed"))
    await uow.session.commit()
    browser = Client(app)
    await arrive(browser, "ann")
    refused = await browser.post("/account/signin/link", {"password": PASSWORD}, json=True)
    assert ("second step" in refused.json["flash"], await links(uow)) == (True, [])


async def test_somebody_who_is_linked_is_nobody_else(
    app: Quart, uow: UnitOfWork, ann: User, as_user: Callable[[User], Client]
) -> None:
    await join(Client(app), "bea")
    browser = as_user(ann)
    await arrive(browser, "bea")
    refused = await browser.post("/account/ann/linked", {"what": "link", "current_password": PASSWORD}, json=True)
    assert ("another account" in refused.json["flash"], await links(uow)) == (True, [("bea", "uni", "bea")])
    await browser.post("/account/ann/linked", {"what": "forget"}, json=True)
    assert (await linked_page(browser))["pending"] is None


async def test_links_are_one_s_own(app: Quart, ann: User, uow: UnitOfWork, as_user: Callable[[User], Client]) -> None:
    boss = await make_user(uow.session, name="boss", admin=True)
    await uow.session.commit()
    assert (await as_user(boss).get("/account/ann/linked", json=True)).status == 403
    assert "/account/signin" in str((await Client(app).get("/account/ann/linked")).location)
    refused = await as_user(boss).post("/account/ann/linked", {"what": "unlink", "provider": "uni"}, json=True)
    assert refused.status == 403


async def test_tokens_are_shown_to_their_owner_and_stored_encrypted(
    app: Quart, uow: UnitOfWork, ann: User, settings: Settings, with_key: Callable[[User], Client]
) -> None:
    tokens = {"oauth_token": "7-abc", "oauth_token_secret": "hidden"}
    for provider, kept in (("twitter", tokens), ("uni", {})):
        known = ProviderIdentity(provider, "7", "Ann", tokens=kept)
        await linked_accounts.link(uow.session, settings, await uow.session.get_one(User, ann.id), known)
    bob = await make_user(uow.session, name="bob")
    stored = list(await uow.session.scalars(select(LinkedAccount.sealed_tokens)))
    await uow.session.commit()

    mine, others = with_key(ann), with_key(bob)
    assert (await mine.get("/api/token")).json == {"twitter_token": tokens}
    assert (await mine.get("/api/token/twitter")).json == tokens
    assert (await mine.get("/api/token/uni")).status == 404
    assert (await others.get("/api/token")).json == {}
    assert (await others.get("/api/token/twitter")).status == 404
    assert (await Client(app).get("/api/token")).status == 401
    assert None in stored and not any("7-abc" in (one or "") for one in stored)


async def test_an_account_that_goes_takes_its_links_along_and_its_copy_has_them(app: Quart, uow: UnitOfWork) -> None:
    browser = Client(app)
    await join(browser, "bea")
    copy = (await browser.get("/account/bea/export", headers={"Accept": "text/html"})).json
    assert [(one["provider"], one["subject"]) for one in copy["linked_accounts"]] == [("uni", "bea")]
    await browser.post("/account/bea/delete", json=True)
    assert await links(uow) == []
