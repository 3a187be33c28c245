"""Forgotten passwords."""

import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from quart import Quart
from sqlalchemy import select, text

from db.models import Mail, User
from db.session import UnitOfWork
from tests.factories import make_user
from tests.support.client import Client
from tests.support.mailbox import Mailbox, open_mailbox, text_of
from webapp.app import create_app
from webapp.config import Settings
from webapp.jobs.work import Work
from webapp.jobs.worker import create_jobs
from webapp.services.accounts import recovery
from webapp.services.accounts.passwords import Passwords
from webapp.services.mails import outbox

ASK = "/account/forgot-password"
NEW = {"new_password": "wax and honey", "confirm": "wax and honey"}


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with open_mailbox() as opened:
        yield opened


@pytest.fixture
def mailing(settings: Settings, mailbox: Mailbox) -> Settings:
    """Settings of a site that sends mail."""
    changes = {"smtp_url": mailbox.url, "mail_sender": "hive@bees.example", "base_url": "https://bees.example"}
    return settings.model_copy(update=changes)


@pytest.fixture
async def site(mailing: Settings, clean: None) -> AsyncIterator[Quart]:
    created = create_app(mailing)
    async with created.test_app():
        yield created


@pytest.fixture
async def ann(uow: UnitOfWork, settings: Settings) -> User:
    user = await make_user(
        uow.session,
        name="ann",
        email_addr="ann@example.com",
        passwd_hash=await Passwords(settings).hash("honey and wax"),
    )
    await uow.session.commit()
    return user


async def jobs(uow: UnitOfWork) -> list[tuple[str, dict[str, object]]]:
    """The jobs that wait."""
    rows = await uow.session.execute(text("SELECT task_name, args FROM procrastinate_jobs ORDER BY id"))
    return [(row.task_name, row.args) for row in rows]


async def mails(uow: UnitOfWork) -> list[Mail]:
    return list((await uow.session.scalars(select(Mail).order_by(Mail.id))).all())


async def send(mailing: Settings) -> None:
    """Do what waits."""
    work = Work.of(mailing)
    async with create_jobs(work).open_async() as jobs_app:
        await jobs_app.run_worker_async(wait=False)
    await work.close()


async def test_a_link_is_mailed_and_chooses_a_new_password_once(
    site: Quart, mailing: Settings, mailbox: Mailbox, ann: User, uow: UnitOfWork
) -> None:
    asked = await Client(site).post(ASK, {"email_addr": "Ann@example.com"}, json=True, headers={"Host": "evil.example"})
    assert (asked.status, asked.json["status"]) == (200, "success")
    [(name, arguments)] = await jobs(uow)
    assert (name, list(arguments)) == (outbox.SEND, ["mail_id"])
    assert [(one.kind, one.about) for one in await mails(uow)] == [("recovery", {"email_addr": "Ann@example.com"})]

    await send(mailing)
    (letter,) = mailbox.letters
    link = re.search(r"https://bees\.example(/account/reset-password\?key=\S+)", text_of(letter))
    assert link is not None
    assert str(ann.passwd_hash) not in letter.as_string()
    uow.session.expire_all()
    assert [one.about for one in await mails(uow)] == [{}], "whom it was for is not kept"

    browser = Client(site)
    form = (await browser.get(link[1], json=True)).json
    assert form["template"] == "/account/password_reset.html"
    fields = {"current_password", "new_password", "confirm", "keep_api_key"}
    assert set(form["form"]) == {*fields, "errors", "csrf"}
    chosen = await browser.post(link[1], NEW, json=True)
    assert chosen.json == {"next": "/", "status": "success", "flash": "You reset your password successfully!"}
    assert (await browser.get("/account/profile", json=True)).json["user"]["name"] == "ann"
    assert (await Client(site).get(link[1], json=True)).status == 403


async def test_whether_there_is_an_account_is_not_told(
    site: Quart, mailing: Settings, mailbox: Mailbox, ann: User, uow: UnitOfWork
) -> None:
    known = await Client(site).post(ASK, {"email_addr": "ann@example.com"}, json=True)
    unknown = await Client(site).post(ASK, {"email_addr": "who@example.com"}, json=True)

    assert known.json["flash"] == unknown.json["flash"]
    assert known.json["status"] == unknown.json["status"]
    assert [name for name, _ in await jobs(uow)] == [outbox.SEND] * 2, "the same is done for both"
    await send(mailing)
    assert [letter["To"] for letter in mailbox.letters] == ["ann@example.com"]


async def test_nobody_s_mailbox_is_flooded(site: Quart, mailing: Settings, ann: User, uow: UnitOfWork) -> None:
    asked = [
        (await Client(site).post(ASK, {"email_addr": "ann@example.com"}, json=True)).status
        for _ in range(mailing.sign_in_failures + 1)
    ]

    assert asked[-1] == 429
    assert len(await jobs(uow)) == mailing.sign_in_failures


async def test_a_site_without_mail_says_so(client: Client, ann: User, uow: UnitOfWork) -> None:
    page = await client.get(ASK)
    asked = await client.post(ASK, {"email_addr": "ann@example.com"}, json=True)

    assert "This site cannot send mail" in page.text
    assert '<input class="input" type="email"' not in page.text
    assert (asked.status, asked.json["status"]) == (200, "error")
    assert await jobs(uow) == []


async def test_what_is_no_address(site: Quart) -> None:
    answer = await Client(site).post(ASK, {"email_addr": "nope"}, json=True)

    assert (answer.status, answer.json["flash"]) == (200, "Please correct the errors")
    assert "email_addr" in answer.json["form"]["errors"]


@pytest.mark.parametrize("key", ["", "bogus", "WzEsInh4Il0.aaaa.bbbb"])
async def test_a_link_of_one_s_own_making_is_refused(client: Client, key: str) -> None:
    answer = await client.get(f"/account/reset-password?key={key}", json=True)

    assert (answer.status, answer.json["template"]) == (403, "403.html")


async def test_a_link_grows_old(client: Client, ann: User, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    token = recovery.new_token(ann, settings)
    later = datetime.now(UTC) + timedelta(seconds=recovery.LINK_S + 60)
    monkeypatch.setattr("itsdangerous.timed.TimestampSigner.get_timestamp", lambda _: int(later.timestamp()))

    assert (await client.get(f"/account/reset-password?key={token}", json=True)).status == 403


async def test_two_different_passwords_are_refused(client: Client, ann: User, settings: Settings) -> None:
    path = f"/account/reset-password?key={recovery.new_token(ann, settings)}"

    answer = await client.post(path, NEW | {"confirm": "other"}, json=True)

    assert (answer.status, answer.json["status"]) == (200, "error")
    assert answer.json["form"]["errors"] == {"new_password": ["Passwords must match"]}


async def test_features_that_this_server_does_without(client: Client, ann: User, site: Quart) -> None:
    assert (await client.get("/account/newsletter")).status == 302
    assert (
        await client.get("/account/confirm-email", json=True)
    ).location == "/account/signin?next=/account/confirm-email"
    assert (await client.get("/account/register/confirmation?key=x", json=True)).status == 403
    with_key = Client(site, key=ann.api_key)
    assert (await with_key.get("/account/newsletter?subscribe=True", json=True)).status == 404
