"""Every page, in every form that it can be asked for, as everybody, on a site with some of everything: no failure,
valid HTML, one heading that says what the page is, a title of its own."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urljoin

import html5lib
import pytest
from quart import Quart

from db.models import User
from db.session import Database
from tests.support.client import Answer
from tests.support.crawling import Populated, clients, populate, routes
from tests.support.documents import assert_valid

HTMX = {"Accept": "text/html", "HX-Request": "true"}
FORMS = {
    "JSON": {"Content-Type": "application/json"},
    "page": {"Accept": "text/html"},
    "main": HTMX | {"HX-Target": "main"},
    "tab": HTMX | {"HX-Target": "project-tab"},
    "progress": HTMX | {"HX-Target": "project-progress"},
    "elsewhere": HTMX | {"HX-Target": "nothing-of-ours"},
    "no target": HTMX,
    "boosted": HTMX | {"HX-Boosted": "true", "HX-Target": "main"},
    "restored": HTMX | {"HX-History-Restore-Request": "true"},
}
STREAMS = ("/events", "/static/", "/uploads/")


@pytest.fixture
async def site(database: Database) -> Populated:
    return await populate(database)


def pages(app: Quart, site: Populated) -> Iterator[str]:
    """The addresses of all pages."""
    for rule, view in routes(app):
        path = site.path(rule)
        if path is None or "GET" not in (rule.methods or ()) or view.workbee_route.mutating_get:
            continue
        if not view.workbee_route.api and not path.endswith(STREAMS):
            yield path


def is_html(answer: Answer) -> bool:
    return str(answer.headers.get("Content-Type")).startswith("text/html") and bool(answer.content)


def headings(document: Any) -> list[str]:
    """The texts of the first-level headings that are not hidden from the start."""
    hidden = {id(inner) for one in document.iter() if "hidden" in one.attrib for inner in one.iter()}
    return ["".join(one.itertext()).strip() for one in document.iter("h1") if id(one) not in hidden]


PARSED = ("page", "main", "tab")
"""The other forms are one of these, or short."""


@pytest.mark.parametrize("role", ["anonymous", "owner"])
async def test_every_page_in_every_form(app: Quart, site: Populated, as_user: Callable[[User], Any], role: str) -> None:
    client = clients(app, site, as_user)[role]
    wrong = []
    for path in pages(app, site):
        for form, headers in FORMS.items():
            answer = await client.get(path, headers=headers)
            if answer.status >= 500:
                wrong.append((form, path, answer.status))
            elif is_html(answer) and form in PARSED:
                head = "" if "<html" in answer.text else "<!doctype html><title>A</title>"
                assert_valid(f"{form} {path}", head + answer.text)
    assert wrong == []


SAME = re.compile(r"/page/1/?$|(?<=browse)/1$|/window/\d+$|/(presenter|newtask|tutorial)$|[?&](next|template)=.*|/$")
"""Parts of addresses that lead to what is shown without them: the first page of a list, the tutorial at first."""


def links(here: str, document: Any) -> set[str]:
    """Where the page leads on this site."""
    found = (urljoin(here, one.get("href", "")).split("#")[0] for one in document.iter("a"))
    return {address for address in found if address.startswith("/")}


@pytest.mark.parametrize("role", ["anonymous", "owner", "admin"])
async def test_every_page_has_one_heading_and_a_title_of_its_own(
    app: Quart, site: Populated, as_user: Callable[[User], Any], role: str
) -> None:
    client = clients(app, site, as_user)[role]
    waiting, seen, addresses, wrong = set(pages(app, site)), set[str](), defaultdict(set), []
    while waiting:
        path = waiting.pop()
        seen.add(path)
        answer = await client.get(path, headers=FORMS["page"])
        if answer.status != 200 or not is_html(answer) or "/frame" in path:
            continue
        document = html5lib.parse(answer.text, namespaceHTMLElements=False)
        waiting |= {link for link in links(path, document) if "?" in link} - seen
        addresses[str(document.findtext(".//title"))].add(SAME.sub("", path.replace("applications", "projects")))
        if len(headings(document)) != 1:
            wrong.append((path, headings(document)))
    assert wrong == []
    shared = [f"{name}: {', '.join(sorted(paths))}" for name, paths in addresses.items() if len(paths) > 1]
    assert not shared, "\n".join(shared)
