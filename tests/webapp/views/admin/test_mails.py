"""Mails as administrators look at them."""

from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from quart import Quart

from db.models import User
from tests.support.client import Client, signed_in
from tests.support.mailbox import Mailbox, open_mailbox, text_of
from tests.support.outbox import do_jobs
from webapp.app import create_app
from webapp.config import Settings
from webapp.services.mails.delivery import KINDS

As = Callable[[User], Client]


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


async def test_every_kind_is_listed_and_shown(rita: Client, admin: User) -> None:
    listed = (await rita.get("/admin/mails", json=True)).json["mails"]
    assert [one["name"] for one in listed] == list(KINDS)
    text = (await rita.get("/admin/mails")).text
    assert "cannot send mail" in text
    for kind in KINDS:
        assert f'href="/admin/mails/{kind}"' in text
        shown = await rita.get(f"/admin/mails/{kind}", json=True)
        assert (shown.status, "Hello Rita Root," in shown.json["text"]) == (200, True)
        page = (await rita.get(f"/admin/mails/{kind}")).text
        assert 'sandbox="" srcdoc="&lt;!doctype html&gt;' in page
        assert "<script" not in page.partition("srcdoc=")[2].partition('"></iframe>')[0]
    assert (await rita.get("/admin/mails/nothing")).status == 404


async def test_an_example_is_sent_to_whoever_asks(
    site: Quart, mailing: Settings, mailbox: Mailbox, admin: User, ann: User
) -> None:
    rita = signed_in(site, mailing, admin)
    sent = await rita.post("/admin/mails/blogpost/send", json=True)
    assert sent.json["flash"] == f"It is on its way to {admin.email_addr}"
    await do_jobs(mailing)
    [letter] = mailbox.letters
    assert letter["To"] == admin.email_addr
    assert "A thousand birds" in text_of(letter)
    assert (await signed_in(site, mailing, ann).post("/admin/mails/blogpost/send", json=True)).status == 403


async def test_others_see_none_of_it(as_user: As, ann: User, app: Quart, rita: Client) -> None:
    for path in ("/admin/mails", "/admin/mails/blogpost", "/admin/newsletter/export"):
        assert (await as_user(ann).get(path)).status == 403
        assert (await Client(app).get(path)).status == 302
    assert (await rita.post("/admin/mails/blogpost/send", json=True)).json["status"] == "error"
