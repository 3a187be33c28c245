"""Addresses are confirmed by a link that is mailed there (docs/contract/pages.md 3)."""

import re
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from quart import Quart
from sqlalchemy import select

from db.models import AdminAction, User
from db.session import Database
from tests.factories import make_user
from tests.support.client import Answer, Client, signed_in
from tests.support.mailbox import Mailbox, html_of, open_mailbox, text_of
from tests.support.outbox import do_jobs
from webapp.app import create_app
from webapp.config import Settings
from webapp.services.accounts import addresses
from webapp.services.accounts.passwords import Passwords

PASSWORD = "honey and wax"
NEW = "ann@new.example"
AskToChange = Callable[..., Answer]


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with open_mailbox() as opened:
        yield opened


@pytest.fixture
def mailing(settings: Settings, mailbox: Mailbox) -> Settings:
    changes = {"smtp_url": mailbox.url, "mail_sender": "hive@bees.example", "base_url": "http://bees.example"}
    blocked = {"blocked_mail_domains": frozenset({"spam.example"})}
    return settings.model_copy(update=changes | blocked)


@pytest.fixture
async def site(mailing: Settings, clean: None) -> AsyncIterator[Quart]:
    created = create_app(mailing)
    async with created.test_app():
        yield created


@pytest.fixture
async def ann(database: Database, settings: Settings) -> User:
    async with database.unit() as uow:
        hashed = await Passwords(settings).hash(PASSWORD)
        return await make_user(
            uow.session, name="ann", fullname="Ann Bee", email_addr="ann@old.example", passwd_hash=hashed
        )


@pytest.fixture
async def root(database: Database, settings: Settings) -> User:
    async with database.unit() as uow:
        hashed = await Passwords(settings).hash(PASSWORD)
        return await make_user(uow.session, name="root", admin=True, passwd_hash=hashed)


async def of(database: Database, user: User) -> User:
    async with database.unit(read_only=True) as uow:
        return await uow.session.get_one(User, user.id)


async def change(client: Client, address: str, **values: str) -> Answer:
    form = {"btn": "Profile", "fullname": "Ann Bee", "name": "ann", "email_addr": address, "locale": "en"}
    return await client.post("/account/ann/update", form | {"current_password": PASSWORD} | values, json=True)


def link_in(letter: EmailMessage) -> str:
    found = re.search(r"http://bees\.example(/account/register/confirmation\?key=\S+)", text_of(letter))
    assert found is not None
    assert found[0] in html_of(letter).replace("&amp;", "&")
    return found[1]


async def test_a_changed_address_is_confirmed_at_the_new_one_and_told_to_the_old_one(
    site: Quart, mailing: Settings, mailbox: Mailbox, database: Database, ann: User
) -> None:
    browser = signed_in(site, mailing, ann)
    asked = await change(browser, NEW, fullname="Anna Bee")
    assert asked.json["status"] == "info"
    assert asked.json["flash"].startswith("An email has been sent to verify your new email: ann@new.example")
    now = await of(database, ann)
    assert (now.email_addr, now.fullname) == ("ann@old.example", "Anna Bee"), "the rest is saved (gaps 2.23)"
    assert now.confirmation_email_sent

    await do_jobs(mailing)
    letters = {letter["To"]: letter for letter in mailbox.letters}
    assert set(letters) == {NEW, "ann@old.example"}
    assert "is to have another address, ann@new.example" in text_of(letters["ann@old.example"])
    assert "confirmation?key" not in text_of(letters["ann@old.example"])

    link = link_in(letters[NEW])
    shown = await browser.get(link)
    assert (shown.status, NEW in shown.text) == (200, True)
    assert (await of(database, ann)).email_addr == "ann@old.example", "programs that read mail follow links"
    done = await browser.post(link, json=True)
    assert done.json == {"next": "/account/ann/", "status": "message", "flash": "Your email has been validated."}
    after = await of(database, ann)
    assert (after.email_addr, after.valid_email, after.confirmation_email_sent) == (NEW, True, False)
    assert (await browser.post(link, json=True)).status == 403, "it is good once"


async def test_a_changed_address_is_for_whoever_is_signed_in_with_the_account(
    site: Quart, mailing: Settings, mailbox: Mailbox, database: Database, ann: User, root: User
) -> None:
    await change(signed_in(site, mailing, ann), NEW)
    await do_jobs(mailing)
    link = next(link_in(letter) for letter in mailbox.letters if letter["To"] == NEW)

    stranger = await Client(site).get(link)
    assert stranger.status == 302
    assert str(stranger.location).startswith("/account/signin?next=/account/register/confirmation")
    assert (await Client(site).post(link, json=True)).status in (302, 401)
    assert (await signed_in(site, mailing, root).get(link, json=True)).status == 403
    assert (await of(database, ann)).email_addr == "ann@old.example"


async def test_another_password_makes_the_link_worth_nothing(
    site: Quart, mailing: Settings, database: Database, ann: User
) -> None:
    token = addresses.new_token(ann, NEW, mailing, needs_sign_in=False)
    link = f"/account/register/confirmation?key={token}"
    assert (await Client(site).get(link)).status == 200
    async with database.unit() as uow:
        (await uow.session.get_one(User, ann.id)).session_epoch += 1
    assert (await Client(site).get(link, json=True)).status == 403
    assert (await Client(site).post(link, json=True)).status == 403


async def test_a_link_grows_old(site: Quart, mailing: Settings, ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    token = addresses.new_token(ann, NEW, mailing, needs_sign_in=False)
    later = datetime.now(UTC) + timedelta(seconds=addresses.LINK_S + 60)
    monkeypatch.setattr("itsdangerous.timed.TimestampSigner.get_timestamp", lambda _: int(later.timestamp()))
    assert (await Client(site).get(f"/account/register/confirmation?key={token}", json=True)).status == 403


async def test_whose_an_address_is_is_told_to_its_owner_alone(
    site: Quart, mailing: Settings, mailbox: Mailbox, database: Database, ann: User
) -> None:
    async with database.unit() as uow:
        await make_user(uow.session, name="bea", email_addr="bea@example.com")
    browser = signed_in(site, mailing, ann)
    known, unknown = await change(browser, "bea@example.com"), await change(browser, "eve@example.com")
    assert known.json["flash"].replace("bea@", "eve@") == unknown.json["flash"]

    await do_jobs(mailing)
    letters = {letter["To"]: text_of(letter) for letter in mailbox.letters}
    assert "another account" in letters["bea@example.com"]
    assert "confirmation?key" not in letters["bea@example.com"]
    assert "confirmation?key" in letters["eve@example.com"]


async def test_an_administrator_changes_it_for_somebody_who_cannot_sign_in(
    site: Quart, mailing: Settings, mailbox: Mailbox, database: Database, ann: User, root: User
) -> None:
    await change(signed_in(site, mailing, root), NEW)
    await do_jobs(mailing)
    link = next(link_in(letter) for letter in mailbox.letters if letter["To"] == NEW)
    assert (await Client(site).post(link, json=True)).json["next"] == "/"
    assert (await of(database, ann)).email_addr == NEW


async def test_no_mail_goes_to_blocked_domains(
    site: Quart, mailing: Settings, mailbox: Mailbox, database: Database, ann: User
) -> None:
    refused = await change(signed_in(site, mailing, ann), "ann@mail.Spam.example")
    assert refused.json["status"] == "info" and "cannot be sent" in refused.json["flash"]
    joined = await Client(site).post(
        "/account/register",
        {"fullname": "Spam Bee", "name": "spam", "email_addr": "x@spam.example"}
        | {"password": PASSWORD, "confirm": PASSWORD},
        json=True,
    )
    assert joined.json["status"] == "sent", "as for any other"
    await do_jobs(mailing)
    assert mailbox.letters == []
    assert not (await of(database, ann)).confirmation_email_sent


async def test_one_s_own_address_is_confirmed(
    site: Quart, mailing: Settings, mailbox: Mailbox, database: Database, ann: User
) -> None:
    browser = signed_in(site, mailing, ann)
    assert "Your address is not confirmed yet" in (await browser.get("/account/ann/update")).text
    asked = await browser.get("/account/confirm-email", json=True)
    assert (asked.json["next"], asked.json["status"]) == ("/account/ann/", "info")
    await do_jobs(mailing)
    [letter] = mailbox.letters
    assert letter["To"] == "ann@old.example"
    assert (await Client(site).post(link_in(letter), json=True)).json["flash"] == "Your email has been validated."
    assert (await of(database, ann)).valid_email
    assert (await browser.post("/account/confirm-email", json=True)).json == {"next": "/account/ann/"}
    assert "not confirmed" not in (await browser.get("/account/ann/update")).text
    assert (await Client(site).get("/account/confirm-email", json=True)).status == 302


async def test_an_administrator_sends_the_link_again(
    site: Quart, mailing: Settings, mailbox: Mailbox, database: Database, ann: User, root: User
) -> None:
    rita = signed_in(site, mailing, root)
    place = f"/admin/users/{ann.id}"
    assert "Mail the link once more" in (await rita.get(place)).text
    assert (await signed_in(site, mailing, ann).post(f"{place}/confirm", json=True)).status == 403
    assert (await rita.post(f"{place}/confirm", json=True)).json["flash"] == "A link was mailed to ann@old.example"
    async with database.unit(read_only=True) as uow:
        assert list((await uow.session.scalars(select(AdminAction.action))).all()) == ["send confirmation"]
    await do_jobs(mailing)
    await Client(site).post(link_in(mailbox.letters[0]))
    assert (await rita.post(f"{place}/confirm", json=True)).json["status"] == "info"
    await do_jobs(mailing)
    assert len(mailbox.letters) == 1


async def test_a_copy_of_one_s_data_and_leaving_are_told_by_mail(
    site: Quart, mailing: Settings, mailbox: Mailbox, ann: User, root: User
) -> None:
    browser = signed_in(site, mailing, ann)
    assert (await browser.get("/account/ann/export", json=True)).json["status"] == "success"
    assert (await browser.get("/account/ann/export")).status == 200
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert (await browser.get("/account/ann/export", json=True, headers=elsewhere)).status == 400
    await do_jobs(mailing)
    [letter] = mailbox.letters
    assert "http://bees.example/account/ann/export" in text_of(letter)

    mailbox.letters.clear()
    assert (await browser.post("/account/ann/delete", json=True)).json["job"] == "enqueued"
    await do_jobs(mailing)
    told = {str(letter["To"]): text_of(letter) for letter in mailbox.letters}
    assert set(told) == {"ann@old.example", root.email_addr}
    assert "is removed, as you wished" in told["ann@old.example"]
    assert "ann@old.example" in told[root.email_addr]


async def test_it_can_be_turned_off(mailing: Settings, clean: None, database: Database, ann: User) -> None:
    trusting = mailing.model_copy(update={"confirm_addresses": False})
    created = create_app(trusting)
    async with created.test_app():
        browser = signed_in(created, trusting, ann)
        assert (await browser.get("/account/confirm-email", json=True)).status == 404
        assert (await change(browser, NEW)).json["status"] == "success"
        form = {"fullname": "Bea Bee", "name": "bea", "email_addr": "bea@example.com"}
        joined = await Client(created).post(
            "/account/register", form | {"password": PASSWORD, "confirm": PASSWORD}, json=True
        )
    assert joined.json["flash"] == "Thanks for signing-up"
    assert (await of(database, ann)).email_addr == NEW
