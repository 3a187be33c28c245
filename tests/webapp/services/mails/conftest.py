"""A site that sends mail, and a mail server that keeps it."""

from collections.abc import Iterator

import pytest

from tests.support.mailbox import Mailbox, open_mailbox
from webapp.config import Settings


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with open_mailbox() as opened:
        yield opened


@pytest.fixture
def mailing(settings: Settings, mailbox: Mailbox) -> Settings:
    changes = {"smtp_url": mailbox.url, "mail_sender": "hive@bees.example", "base_url": "https://bees.example"}
    return settings.model_copy(update=changes)
