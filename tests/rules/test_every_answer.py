"""Every page, in every form that it can be asked for, on a site with some of everything, is answered without a failure.
As a page and in its parts: `test_html`."""

from collections.abc import Callable

import pytest
from quart import Quart

from db.models import User
from db.session import Database
from tests.support.client import Client
from tests.support.crawling import Populated, clients, pages, populate

HTMX = {"Accept": "text/html", "HX-Request": "true"}
FORMS = {
    "JSON": {"Content-Type": "application/json"},
    "progress": HTMX | {"HX-Target": "project-progress"},
    "elsewhere": HTMX | {"HX-Target": "nothing-of-ours"},
    "no target": HTMX,
    "boosted": HTMX | {"HX-Boosted": "true", "HX-Target": "main"},
    "restored": HTMX | {"HX-History-Restore-Request": "true"},
}


@pytest.fixture
async def site(database: Database) -> Populated:
    return await populate(database)


@pytest.mark.parametrize("role", ["anonymous", "owner"])
async def test_every_page_in_every_form(
    app: Quart, site: Populated, as_user: Callable[[User], Client], role: str
) -> None:
    client = clients(app, site, as_user)[role]
    answers = {
        (form, path): (await client.get(path, headers=headers)).status
        for path in pages(app, site)
        for form, headers in FORMS.items()
    }
    assert {asked: status for asked, status in answers.items() if status >= 500} == {}
