"""Joining where mail can be sent: by a link, and without telling whose address is known."""

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from quart import Quart
from sqlalchemy import select, text

from db.models import User
from db.session import UnitOfWork
from tests.factories import make_user
from tests.support.client import Answer, Client
from tests.support.mailbox import Mailbox, open_mailbox, text_of
from webapp.app import create_app
from webapp.config import Settings
from webapp.jobs.work import Work
from webapp.jobs.worker import create_jobs

ANN: dict[str, Any] = {
    "fullname": "Ann Bee",
    "name": "ann",
    "email_addr": "ann@example.com",
    "password": "honey and wax",
    "confirm": "honey and wax",
}
JOIN = "/account/register"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with open_mailbox() as opened:
        yield opened


@pytest.fixture
def mailing(settings: Settings, mailbox: Mailbox) -> Settings:
    changes = {"smtp_url": mailbox.url, "mail_sender": "hive@bees.example", "base_url": "http://bees.example"}
    return settings.model_copy(update=changes)


@pytest.fixture
async def site(mailing: Settings, clean: None) -> AsyncIterator[Quart]:
    created = create_app(mailing)
    async with created.test_app():
        yield created


async def letters(settings: Settings, mailbox: Mailbox) -> list[tuple[str, str]]:
    """(address, text) of what is sent now."""
    work = Work.of(settings)
    async with create_jobs(work).open_async() as jobs_app:
        await jobs_app.run_worker_async(wait=False)
    await work.close()
    return [(str(letter["To"]), text_of(letter)) for letter in mailbox.letters]


def link_in(letter: str) -> str:
    found = re.search(r"http://bees\.example(/account/register/confirmation\?key=\S+)", letter)
    assert found is not None
    return found[1]


async def names(uow: UnitOfWork) -> list[str]:
    return list(await uow.session.scalars(select(User.name).order_by(User.id)))


async def join(site: Quart, **changed: str) -> Answer:
    return await Client(site).post(JOIN, ANN | changed, json=True)


async def test_an_account_is_made_by_the_link(
    site: Quart, mailing: Settings, mailbox: Mailbox, uow: UnitOfWork
) -> None:
    asked = await join(site)
    assert (asked.json["template"], asked.json["status"]) == ("account/account_validation.html", "sent")
    [(address, letter)] = await letters(mailing, mailbox)
    assert (address, await names(uow)) == ("ann@example.com", [])
    link, browser = link_in(letter), Client(site)

    shown = await browser.get(link, json=True)
    assert (shown.status, await names(uow)) == (200, []), "programs that read mail follow links"
    made = await browser.post(link, json=True)

    assert made.json == {"next": "/", "status": "success", "flash": "Thanks for signing-up"}
    assert (await browser.get("/account/profile", json=True)).json["user"]["name"] == "ann"
    assert (await Client(site).post(link, json=True)).status == 403, "it is good once"
    signed_in = await Client(site).post("/account/signin", {"email": ANN["email_addr"], "password": ANN["password"]})
    assert signed_in.status == 302


async def test_whose_address_is_known_is_told_to_its_owner_alone(
    site: Quart, mailing: Settings, mailbox: Mailbox, uow: UnitOfWork
) -> None:
    await make_user(uow.session, name="bea", email_addr="ann@example.com")
    await uow.session.commit()

    known, unknown = await join(site, email_addr="ANN@example.com"), await join(site, email_addr="new@example.com")

    assert (known.status, known.json) == (unknown.status, unknown.json)
    jobs = (await uow.session.execute(text("SELECT kind, length(about ->> 'token') FROM mail"))).all()
    assert len(set(jobs)) == 1, "the same is done for both"
    [(owner, told), (new, invited)] = sorted(await letters(mailing, mailbox))
    assert (owner, "You have one already" in told, "confirmation?key" in told) == ("ann@example.com", True, False)
    assert (new, "confirmation?key" in invited) == ("new@example.com", True)


async def test_a_name_that_is_taken_is_told_at_once(site: Quart, uow: UnitOfWork) -> None:
    await make_user(uow.session, name="ann")
    await uow.session.commit()

    assert list((await join(site)).json["form"]["errors"]) == ["name"]


async def test_a_name_that_is_taken_meanwhile(
    site: Quart, mailing: Settings, mailbox: Mailbox, uow: UnitOfWork
) -> None:
    await join(site)
    [(_, letter)] = await letters(mailing, mailbox)
    await make_user(uow.session, name="ann")
    await uow.session.commit()

    late = await Client(site).post(link_in(letter), json=True)

    assert (late.status, "already taken" in late.text) == (400, True)
    assert await names(uow) == ["ann"]


@pytest.mark.parametrize("key", ["", "bogus", "gAAAAABo", "%C3%A9"])
async def test_a_link_of_one_s_own_making_is_refused(site: Quart, key: str) -> None:
    for method in (Client(site).get, Client(site).post):
        answer = await method(f"{JOIN}/confirmation?key={key}", json=True)
        assert (answer.status, answer.json["template"]) == (403, "403.html")


async def test_the_pages(site: Quart, mailing: Settings, mailbox: Mailbox) -> None:
    sent = await Client(site).post(JOIN, ANN)
    [(_, letter)] = await letters(mailing, mailbox)
    opened = await Client(site).get(link_in(letter))

    assert (sent.status, "Look into your mail" in sent.text) == (200, True)
    assert (opened.status, "Create my account" in opened.text) == (200, True)
