"""Mail, as a mail server gets it."""

from collections.abc import Iterator

import pytest

from tests.support.mailbox import Mailbox, open_mailbox
from webapp.config import Settings
from webapp.integrations.mail import Letter, Mail, MailFailed


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with open_mailbox() as opened:
        yield opened


def mail(mailbox: Mailbox) -> Mail:
    return Mail(Settings(smtp_url=mailbox.url, mail_sender="hive@bees.example", brand="Bees & Co"))


async def test_a_letter_arrives_as_it_was_written(mailbox: Mailbox) -> None:
    await mail(mailbox).send(Letter("ann@example.com", "Grüße\r\nBcc: all@example.com", "Zwölf\n.\nBienen"))

    (letter,) = mailbox.letters
    assert letter["To"] == "ann@example.com"
    assert letter["From"] == "Bees & Co <hive@bees.example>"
    assert letter["Subject"] == "Grüße Bcc: all@example.com"
    assert letter["Bcc"] is None
    assert letter.get_content().splitlines() == ["Zwölf", ".", "Bienen"]


async def test_a_server_that_refuses_or_is_away_is_a_failure_to_try_again(mailbox: Mailbox) -> None:
    mailbox.refuses = True
    with pytest.raises(MailFailed, match="SMTPRecipientsRefused"):
        await mail(mailbox).send(Letter("ann@example.com", "Hello", "Hello"))

    away = Mail(Settings(smtp_url="smtp+plain://127.0.0.1:1", mail_sender="hive@bees.example"))
    with pytest.raises(MailFailed, match="ConnectionRefusedError"):
        await away.send(Letter("ann@example.com", "Hello", "Hello"))
    assert mailbox.letters == []


async def test_nothing_is_sent_unencrypted_unless_asked_for(mailbox: Mailbox) -> None:
    encrypted_only = Mail(Settings(smtp_url=mailbox.url.replace("smtp+plain", "smtp"), mail_sender="a@b.example"))

    with pytest.raises(MailFailed):
        await encrypted_only.send(Letter("ann@example.com", "Hello", "Hello"))
    assert mailbox.letters == []


async def test_without_a_server_or_a_sender_there_is_no_mail(mailbox: Mailbox) -> None:
    for settings in (Settings(mail_sender="a@b.example"), Settings(smtp_url=mailbox.url)):
        assert not Mail(settings).available
        assert not settings.sends_mail
    assert Settings(smtp_url=mailbox.url, contact_email="a@b.example").sends_mail
