"""The newsletter's client against a server with the shapes of Mailchimp's API."""

from collections.abc import Iterator

import pytest

from tests.support.mailchimp import MEMBERS, Lists, mailchimp
from webapp.config import Settings
from webapp.integrations.mailchimp import Mailchimp, MailchimpFailed, member_hash


@pytest.fixture
def lists() -> Lists:
    return Lists()


@pytest.fixture
def settings(lists: Lists) -> Iterator[Settings]:
    with mailchimp(lists) as values:
        yield Settings(**values)


async def test_a_reader_is_asked_by_mailchimp_and_taken_off_again(settings: Settings, lists: Lists) -> None:
    client = Mailchimp(settings)
    for _twice in range(2):
        await client.subscribe("Ann@Example.com", "Ann Bee")
    key = member_hash("ann@example.com")
    assert lists.members == {
        key: {"email_address": "Ann@Example.com", "status": "pending", "merge_fields": {"FNAME": "Ann Bee"}}
    }
    for _twice in range(2):
        await client.remove("ann@example.com")
    await client.close()
    assert lists.members == {}
    assert lists.calls[-1] == ("DELETE", f"{MEMBERS}/{key}")


async def test_what_mailchimp_does_not_do_is_tried_again(settings: Settings, lists: Lists) -> None:
    lists.status = 503
    client = Mailchimp(settings)
    with pytest.raises(MailchimpFailed, match="503: Busy"):
        await client.subscribe("ann@example.com", "Ann")
    with pytest.raises(MailchimpFailed):
        await client.remove("ann@example.com")
    await client.close()
    other = Mailchimp(settings.model_copy(update={"mailchimp_api_key": "wrong-us21"}))
    lists.status = None
    with pytest.raises(MailchimpFailed, match="401: API Key Invalid"):
        await other.subscribe("ann@example.com", "Ann")
    await other.close()
    away = Mailchimp(settings.model_copy(update={"mailchimp_url": "http://127.0.0.1:1"}))
    with pytest.raises(MailchimpFailed, match="ConnectError"):
        await away.subscribe("ann@example.com", "Ann")
    await away.close()
