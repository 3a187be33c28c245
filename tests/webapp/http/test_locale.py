"""The language that presenters find: the account's or the browser's, whether the site itself speaks it or not."""

import pytest
from quart import Quart

from webapp.config import Settings
from webapp.http.locale import visitor_language


@pytest.mark.parametrize(
    ("account", "accepted", "found"),
    [
        ("es", "de", "es"),
        (None, "es-ES,es;q=0.9,en;q=0.8", "es"),
        (None, "pt-BR", "pt_BR"),
        (None, "fr;q=0.5,it", "it"),
        ("klingon", "de-AT", "de"),
        (None, "*", "en"),
        (None, "", "en"),
    ],
)
async def test_the_visitors_language(
    app: Quart, settings: Settings, account: str | None, accepted: str, found: str
) -> None:
    async with app.test_request_context("/", headers={"Accept-Language": accepted}):
        assert visitor_language(account, settings) == found
