"""The CSRF token: never the same text twice, and always the same token."""

from base64 import urlsafe_b64decode
from collections.abc import Callable
from typing import Any

import pytest

from db.models import User
from db.session import Database
from tests.factories import make_project, make_user
from tests.support.client import Client
from webapp.http.security.csrf import CsrfFailed, check_token, new_token

SECRET, LIFETIME = b"secret", 3600


def test_each_text_is_another_and_all_of_them_are_taken() -> None:
    session: dict[str, Any] = {}
    shown = [new_token(session, SECRET, LIFETIME) for _ in range(50)]
    for token in shown:
        check_token(session, SECRET, LIFETIME, token)
    for values in zip(*(urlsafe_b64decode(token) for token in shown), strict=True):
        assert len(set(values)) > 25, "of 50 random bytes hardly any are alike"


def test_a_token_is_of_one_session() -> None:
    ours: dict[str, Any] = {}
    theirs: dict[str, Any] = {}
    token = new_token(ours, SECRET, LIFETIME)
    new_token(theirs, SECRET, LIFETIME)
    for session in (theirs, {}):
        with pytest.raises(CsrfFailed):
            check_token(session, SECRET, LIFETIME, token)


def test_what_is_no_token_is_refused() -> None:
    session: dict[str, Any] = {}
    token = new_token(session, SECRET, LIFETIME)
    both = urlsafe_b64decode(token)
    changed = token[:-8] + ("AAAAAA==" if token[-8:] != "AAAAAA==" else "BBBBBB==")
    wrong = [None, "", "x", "=", "é", "\x00", "a" * 10_000, "AAAA", "##", both.hex(), token[:-4], token[4:], changed]
    for sent in wrong:
        with pytest.raises(CsrfFailed):
            check_token(session, SECRET, LIFETIME, sent)


def test_a_token_ends() -> None:
    session: dict[str, Any] = {}
    token = new_token(session, SECRET, -2)
    with pytest.raises(CsrfFailed):
        check_token(session, SECRET, -2, token)


async def test_the_token_of_a_pages_json_lets_its_form_in(
    as_user: Callable[[User], Client], database: Database
) -> None:
    async with database.unit() as uow:
        owner = await make_user(uow.session)
        project = await make_project(uow.session, owner)
    browser, path = as_user(owner), f"/project/{project.short_name}/delete"
    first, second = [(await browser.get(path, json=True)).json["csrf"] for _ in range(2)]
    assert first != second
    # What was shown first is as good as what was shown last, and is good more than once.
    for token in (first, second, first):
        posted = await browser.post(
            f"/project/{project.short_name}/transferownership", {"email_addr": "nobody@example.com"}, json=True,
            csrf=False, headers={"X-CSRFToken": token},
        )  # fmt: skip
        assert posted.status == 200, posted.text


async def test_the_tokens_of_one_page_are_masked_each(as_user: Callable[[User], Client], database: Database) -> None:
    async with database.unit() as uow:
        owner = await make_user(uow.session)
    browser = as_user(owner)
    pages = [(await browser.get("/project/new")).text for _ in range(2)]
    tokens = [text.partition('name="csrf_token" value="')[2].partition('"')[0] for text in pages]
    assert tokens[0] and tokens[0] != tokens[1]
    assert tokens[0] not in pages[1]
