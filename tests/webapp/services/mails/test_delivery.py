"""Mails are sent once, whatever becomes of workers, and to nobody who does not want them."""

import asyncio
from dataclasses import replace
from email.message import EmailMessage
from urllib.parse import parse_qs, urlsplit

import pytest
from quart import Quart
from sqlalchemy import select, text

from db.models import Mail, User
from db.session import Database
from tests.factories import make_user
from tests.support.client import Client
from tests.support.mailbox import Mailbox, html_of, text_of
from tests.support.outbox import Outbox, do_jobs
from webapp.config import Settings
from webapp.errors import Forbidden
from webapp.integrations.mail import Letter, MailFailed
from webapp.services.mails import delivery, outbox, subscriptions
from webapp.services.mails.delivery import KINDS
from webapp.services.mails.kinds import Kind, Recipient


@pytest.fixture
async def ann(database: Database) -> User:
    async with database.unit() as uow:
        return await make_user(
            uow.session, name="ann", fullname="Ann <b>Bee</b>", email_addr="ann@example.com", subscribed=True
        )


async def posted(database: Database, kind: str, user: User) -> int:
    async with database.unit() as uow:
        return await outbox.post(uow.session, kind, user_id=user.id, about={})


async def test_a_mail_is_text_and_html_with_a_way_out(
    database: Database, mailing: Settings, mailbox: Mailbox, ann: User
) -> None:
    number = await posted(database, "missed", ann)
    await do_jobs(mailing)
    [letter] = mailbox.letters
    assert isinstance(letter, EmailMessage)
    assert letter["To"] == "ann@example.com"
    assert "we miss you" in text_of(letter) and "we miss you" in html_of(letter)
    assert "Ann &lt;b&gt;Bee&lt;/b&gt;" in html_of(letter), "names are text"
    assert "prefers-color-scheme: dark" in html_of(letter)
    url = str(letter["List-Unsubscribe"]).strip(" <>")
    assert url.startswith("https://bees.example/unsubscribe?key=")
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert url in text_of(letter) and url in html_of(letter)
    assert letter["Message-ID"].startswith(f"<mail-{number}.")


async def test_a_mail_is_sent_once_by_workers_that_have_it_at_the_same_time(
    database: Database, mailing: Settings, ann: User
) -> None:
    number = await posted(database, "missed", ann)
    letters: list[Letter] = []

    async def slow(letter: Letter) -> None:
        await asyncio.sleep(0.2)
        letters.append(letter)

    await asyncio.gather(*(delivery.deliver(database, mailing, slow, number) for _worker in range(3)))
    await delivery.deliver(database, mailing, slow, number)
    assert len(letters) == 1


async def test_a_mail_that_the_server_did_not_take_is_sent_later(
    database: Database, mailing: Settings, mailbox: Mailbox, ann: User
) -> None:
    number = await posted(database, "missed", ann)

    async def refuse(_letter: Letter) -> None:
        raise MailFailed("away")

    with pytest.raises(MailFailed):
        await delivery.deliver(database, mailing, refuse, number)
    letters: list[Letter] = []
    await delivery.deliver(database, mailing, Outbox(letters).take, number)
    assert [letter.number for letter in letters] == [number], "by the same number, so with the same Message-ID"


async def test_who_does_not_want_mail_gets_none(database: Database, mailing: Settings, ann: User) -> None:
    letters: list[Letter] = []
    send = Outbox(letters).take
    quiet = mailing.model_copy(update={"mail_notices": False})
    blocked = mailing.model_copy(update={"blocked_mail_domains": frozenset({"example.com"})})
    for settings in (quiet, blocked):
        await delivery.deliver(database, settings, send, await posted(database, "missed", ann))
    later = await posted(database, "missed", ann)
    async with database.unit() as uow:
        (await uow.session.get_one(User, ann.id)).subscribed = False
    await delivery.deliver(database, mailing, send, later)
    assert letters == []
    async with database.unit(read_only=True) as uow:
        assert None not in (await uow.session.scalars(select(Mail.sent))).all(), "none of them waits for ever"


async def test_nothing_is_mailed_of_what_is_rolled_back(
    database: Database, mailing: Settings, mailbox: Mailbox, ann: User
) -> None:
    async with database.unit() as uow:
        await outbox.post(uow.session, "missed", user_id=ann.id, about={})
        uow.set_rollback_only()
    await do_jobs(mailing)
    assert mailbox.letters == []


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_every_kind_has_an_example(mailing: Settings, kind: Kind) -> None:
    reader = Recipient("ann@example.com", "Ann Bee", "en", 7)
    letter = delivery.preview(kind, mailing, reader)
    assert letter.to == "ann@example.com" and letter.subject
    assert "Hello Ann Bee," in letter.body and letter.body.count("\n\n\n") == 0
    assert letter.html is not None and "Hello Ann Bee," in letter.html
    assert "%(" not in letter.body + letter.subject
    assert (letter.unsubscribe_url is not None) == kind.is_bulk
    assert not (kind.is_bulk and kind.is_asked_for)


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_what_people_wrote_is_text(mailing: Settings, kind: Kind) -> None:
    bad = "<script>alert(1)</script>[x](javascript:alert(1))"
    example = {name: bad if isinstance(value, str) and name in FREE else value for name, value in kind.example.items()}
    letter = delivery.preview(replace(kind, example=example), mailing, Recipient("a@example.com", bad, "en", 7))
    assert letter.html is not None and "<script" not in letter.html
    assert "\n" not in letter.subject.strip()


FREE = frozenset({"project", "title", "summary", "word", "error", "name", "fullname", "new"})


async def test_one_press_or_one_post_of_a_program_ends_mails(
    app: Quart, settings: Settings, database: Database, ann: User
) -> None:
    key = parse_qs(urlsplit(subscriptions.unsubscribe_url(settings, ann.id)).query)["key"][0]
    shown = await Client(app).get(f"/unsubscribe?key={key}")
    assert (shown.status, "Send me no such mails" in shown.text) == (200, True)
    assert await wants_mail(database, ann)

    done = await Client(app).raw(
        "POST",
        f"/unsubscribe?key={key}",
        b"List-Unsubscribe=One-Click",
        {"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert (done.status, "No more mail" in done.text) == (200, True)
    assert not await wants_mail(database, ann)
    assert (await Client(app).get(f"/unsubscribe?key={key}", json=True)).json["done"] is False


async def wants_mail(database: Database, user: User) -> bool:
    async with database.unit(read_only=True) as uow:
        return (await uow.session.get_one(User, user.id)).subscribed


@pytest.mark.parametrize("key", ["", "1", "MQ.bogus", "x" * 4000])
async def test_a_key_of_one_s_own_making_ends_nothing(app: Quart, settings: Settings, key: str) -> None:
    for method in ("GET", "POST"):
        answer = await Client(app).raw(method, f"/unsubscribe?key={key}", b"", {"Accept": "application/json"})
        assert answer.status in (403, 414), method
    with pytest.raises(Forbidden):
        subscriptions.account_of(settings, key)


async def test_mails_of_long_ago_are_forgotten(database: Database, mailing: Settings, ann: User) -> None:
    await posted(database, "missed", ann)
    old = await posted(database, "missed", ann)
    async with database.unit() as uow:
        await uow.session.execute(
            text("UPDATE mail SET created = now() - interval '61 days' WHERE id = :id"), {"id": old}
        )
    await delivery.forget_sent(database)
    async with database.unit(read_only=True) as uow:
        assert old not in (await uow.session.scalars(select(Mail.id))).all()
