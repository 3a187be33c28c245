"""A view that binds a form which its route does not declare is a failure."""

import logging

import pytest

from tests.support.client import Client
from webapp.forms.account.identity import RegisterForm
from webapp.views.account import signing


async def test_a_form_that_the_route_does_not_declare_is_not_bound(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(signing, "SignInForm", RegisterForm)

    with caplog.at_level(logging.ERROR):
        answer = await client.get("/account/signin")

    assert answer.status == 500
    assert "/account/signin binds RegisterForm, and does not declare it" in caplog.text
