"""A short name may be of any script and have nearly any sign: a project of such a name works wherever another does."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit

import html5lib
import pytest
from quart import Quart

import webapp
from db.models import User
from db.session import Database
from tests.support.client import Client
from tests.support.crawling import Populated, clients, populate, routes
from webapp.services.projects.projects import check_short_name
from webapp.urls import project_url

ODD = "two words; 5+5 & <пчёлы> 日本 'q\" e\u0301 🐝 שלום {page}=x,@:~"
HTML = {"Accept": "text/html"}
LEADS = ("href", "action", "src", "data-src", "hx-get", "hx-post", "data-page", "data-events")
BUILT_BY_HAND = re.compile(
    r"""/project/(?:category/)?(?:\{\{|\{[a-z]|\$\{(?!encodeURIComponent|projectId)|["'`]\s*[~+](?!\s*(?:encodeURI|project\.id)))"""
)


@pytest.fixture
async def site(database: Database) -> Populated:
    check_short_name(ODD)
    return await populate(database, short_name=ODD)


@pytest.fixture
def owner(app: Quart, site: Populated, as_user: Callable[[User], Client]) -> Client:
    return clients(app, site, as_user)["owner"]


def leads(here: str, text: str) -> Iterator[str]:
    """Where a page leads below its project: links, forms, frames, what HTMX asks for."""
    for element in html5lib.parse(text, namespaceHTMLElements=False).iter():
        for name in LEADS:
            address = urljoin(here, element.get(name) or "").split("#")[0]
            if address.startswith("/project/") and "two" in address:
                yield address


async def test_every_way_on_from_every_page(app: Quart, site: Populated, owner: Client) -> None:
    of_the_project = (rule for rule, _ in routes(app) if rule.rule.startswith("/project/<short_name>/"))
    paths = {path for rule in of_the_project if "GET" in (rule.methods or ()) and (path := site.path(rule))}
    paths -= {path for path in paths if path.endswith("/events")}
    found = {lead for path in paths for lead in leads(path, (await owner.get(path, headers=HTML)).text)}
    assert {project_url(ODD), project_url(ODD, "newtask"), project_url(ODD, "tasks/taskpresentereditor")} <= found
    wrong = []
    for lead in found:
        answer = await owner.get(lead, headers=HTML)
        if not lead.isascii() or unquote(urlsplit(lead).path).split("/")[2] != ODD or answer.status in (404, 500):
            wrong.append((lead, answer.status))
    assert wrong == []


@pytest.mark.parametrize(
    ("place", "fields"),
    [
        ("update", {"name": "Bees", "short_name": ODD, "description": "Count", "category_id": 1}),
        ("tasks/redundancy", {"n_answers": 3}),
        ("new-blogpost", {"title": "News", "body": "Half way"}),
        ("tasks/taskpresentereditor", {"editor": "<p>So?</p>"}),
    ],
)
async def test_a_sent_form_leads_on(owner: Client, place: str, fields: dict[str, Any]) -> None:
    path = project_url(ODD, place)
    plain = await owner.post(path, fields)
    assert plain.status == 302 and str(plain.location).startswith(project_url(ODD)), plain.text
    by_htmx = await owner.post(path, fields, headers={"HX-Request": "true"})
    assert project_url(ODD) in by_htmx.headers["HX-Location"]
    assert (await owner.get(str(plain.location), headers=HTML)).status == 200
    as_json = await owner.post(path, fields, json=True)
    assert str(as_json.json["next"] if as_json.status == 200 else as_json.location).startswith(project_url(ODD))


async def test_who_is_sent_away_comes_back(app: Quart, site: Populated) -> None:
    stranger = Client(app)
    asked = await stranger.get(project_url(ODD, "settings"), headers=HTML)
    form = {"email": "owner@x", "password": "x"}
    assert (await stranger.get(str(asked.location), headers=HTML)).status == 200
    assert (await stranger.post(str(asked.location), form)).status == 200


async def test_the_tutorial_is_shown_once(app: Quart, site: Populated) -> None:
    volunteer = Client(app)
    first = await volunteer.get(project_url(ODD, "newtask"), headers=HTML)
    second = await volunteer.get(project_url(ODD, "newtask"), headers=HTML)
    assert "Tutorial ·" in first.text and "Contribute" in second.text and "Tutorial ·" not in second.text


async def test_the_api_finds_it(site: Populated, owner: Client) -> None:
    named = quote(ODD, safe="")
    [found] = (await owner.api("GET", f"/api/project?short_name={named}")).json
    assert found["id"] == site.project_id
    assert (await owner.api("GET", f"/api/project/{named}/userprogress")).json["total"] == 12
    for kind in ("task", "task_run", "result"):
        for form in ("csv", "json"):
            answer = await owner.get(project_url(ODD, f"tasks/export?type={kind}&format={form}"))
            assert answer.status == 200 and answer.headers["Content-Disposition"].isascii()


def test_no_path_of_a_project_is_built_by_hand() -> None:
    folder = Path(webapp.__file__).parent
    files = [path for kind in ("py", "html", "js") for path in folder.rglob(f"*.{kind}")]
    wrong = [
        f"{path.relative_to(folder)}: {line.strip()}"
        for path in files
        if not {"vendor", "help", "demo", "presenters"} & set(path.relative_to(folder).parts)
        for line in path.read_text().splitlines()
        if BUILT_BY_HAND.search(line) and "<short_name>" not in line and "{page}" not in line
    ]
    assert wrong == []
