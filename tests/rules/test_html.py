"""Every page, whole and in the parts that HTMX asks for, for every kind of viewer, on a site with some of everything:
valid HTML, parsed by a parser that forgives nothing; one heading that says what the page is; a title of its own."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin

import pytest
from quart import Quart

from db.models import User
from db.session import Database
from tests.support.client import Answer, Client
from tests.support.crawling import ROLES, Populated, clients, pages, populate
from tests.support.documents import assert_valid

HTML = {"Accept": "text/html"}
SAME = re.compile(r"/page/1/?$|(?<=browse)/1$|/window/\d+$|/(presenter|newtask|tutorial)$|[?&](next|template)=.*|/$")
"""Parts of addresses that lead to what is shown without them: the first page of a list, the tutorial at first."""


@pytest.fixture
async def site(database: Database) -> Populated:
    return await populate(database)


def addresses(app: Quart, site: Populated) -> list[str]:
    """Those of all pages, of the project that is published and of the draft."""
    draft = replace(site, places=site.places | {"short_name": "draft"})
    return list(dict.fromkeys(["/nosuch", *pages(app, site), *pages(app, draft)]))


def is_html(answer: Answer) -> bool:
    return str(answer.headers.get("Content-Type")).startswith("text/html") and bool(answer.content)


def headings(document: Any) -> list[str]:
    """The texts of the first-level headings that are not hidden from the start."""
    hidden = {id(inner) for one in document.iter() if "hidden" in one.attrib for inner in one.iter()}
    return ["".join(one.itertext()).strip() for one in document.iter("h1") if id(one) not in hidden]


def links(here: str, document: Any) -> Iterator[str]:
    """Where the page leads on this site with a query: to what routes alone do not name."""
    for one in document.iter("a"):
        address = urljoin(here, one.get("href", "")).split("#")[0]
        if address.startswith("/") and "?" in address:
            yield address


@pytest.mark.parametrize("role", ROLES)
async def test_every_page_is_valid_and_has_one_heading_and_a_title_of_its_own(
    app: Quart, site: Populated, as_user: Callable[[User], Client], role: str
) -> None:
    client = clients(app, site, as_user)[role]
    paths, titled = addresses(app, site), defaultdict[str, set[str]](set)
    wrong: list[tuple[str, object]] = []
    for path in paths:
        answer = await client.get(path, headers=HTML)
        if answer.status >= 500:
            wrong.append((path, answer.status))
        if not is_html(answer):
            continue
        document = assert_valid(path, answer.text)
        if answer.status != 200 or "/frame" in path:
            continue
        paths += sorted(set(links(path, document)) - set(paths))
        titled[document.findtext(".//title")].add(SAME.sub("", path.replace("applications", "projects")))
        if len(headings(document)) != 1:
            wrong.append((path, headings(document)))
    assert wrong == []
    shared = [f"{title}: {', '.join(sorted(paths))}" for title, paths in titled.items() if len(paths) > 1]
    assert not shared, "\n".join(shared)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("target", ["main", "project-tab"])
async def test_every_part_of_a_page_is_valid(
    app: Quart, site: Populated, as_user: Callable[[User], Client], target: str, role: str
) -> None:
    client = clients(app, site, as_user)[role]
    n_parts = 0
    for path in addresses(app, site):
        answer = await client.get(path, headers=HTML | {"HX-Request": "true", "HX-Target": target})
        assert answer.status < 500, path
        if is_html(answer) and "<html" not in answer.text:
            assert_valid(f"{target} of {path}", f"<!doctype html><title>A part</title>{answer.text}")
            n_parts += 1
    assert n_parts > 0


async def test_the_pages_of_a_site_without_anything(app: Quart, database: Database, client: Client) -> None:
    for path in pages(app, Populated(database, people={}, places={}, rows={}, project_id=0)):
        answer = await client.get(path, headers=HTML)
        if is_html(answer):
            assert_valid(path, answer.text)
