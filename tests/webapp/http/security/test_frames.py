"""What comes where a presenter is shown: documents for frames alone, never a page of ours (docs/architecture.md 7)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from quart import Quart
from werkzeug.routing import Rule

from db.models import User
from db.session import Database
from tests.factories import make_project, make_tasks, make_user
from tests.support.client import Answer, Client
from webapp.config import Settings
from webapp.http.security.headers import PAGE_MARK
from webapp.services.contributing.frame_token import LIFETIME, STEP, FrameTicket, issue_frame_ticket

FRAMED = {"Sec-Fetch-Dest": "iframe"}
WRITTEN = "<b>written by a stranger</b>"
DOCUMENTS = ("newtask", "presenter", "task/1", "tutorial", "results")
FRAMES = ("frame", "frame/task/1", "frame/tutorial", "frame/results")
NO_FRAME = {
    "a window": {"Sec-Fetch-Dest": "document"},
    "a script": {"Sec-Fetch-Dest": "empty"},
    "HTMX": {"HX-Request": "true", "HX-Target": "main", "Sec-Fetch-Dest": "empty"},
    "HTMX, boosted": {"HX-Request": "true", "HX-Boosted": "true", "Sec-Fetch-Dest": "empty"},
    "HTMX that claims a frame": {"HX-Request": "true", "Sec-Fetch-Dest": "iframe"},
    "a browser that does not say": {},
}


@pytest.fixture
async def owner(database: Database) -> User:
    async with database.unit() as uow:
        return await make_user(uow.session, name="ada")


async def _make(database: Database, owner: User, short_name: str, **fields: object) -> int:
    info = {"task_presenter": WRITTEN, "tutorial": WRITTEN, "results": WRITTEN}
    async with database.unit() as uow:
        project = await make_project(uow.session, owner, short_name=short_name, info=info, **fields)
        await make_tasks(uow.session, project, 1)
        return project.id


@pytest.fixture
async def project_id(database: Database, owner: User) -> int:
    return await _make(database, owner, "stars")


@pytest.fixture
async def draft_id(database: Database, owner: User) -> int:
    return await _make(database, owner, "birds", published=False)


def page_rules(app: Quart) -> Iterator[tuple[Rule, bool]]:
    """Every page's rule that can be read, and whether a frame gets a document there."""
    for rule in app.url_map.iter_rules():
        route = getattr(app.view_functions[rule.endpoint], "workbee_route", None)
        if route is not None and not route.api and "GET" in (rule.methods or ()):
            yield rule, route.frame_document


def address(rule: Rule) -> str:
    values = dict.fromkeys(rule.arguments, "1" if "int:" in rule.rule else "stars")
    values |= {"short_name": "stars", "part": "tutorial"} if "short_name" in values else {}
    parts = [values[part.split(":")[-1].strip("<>")] if "<" in part else part for part in rule.rule.split("/")]
    return "/".join(parts)


def is_relay(answer: Answer) -> bool:
    return "/js/pybossa/relay-" in answer.text and answer.headers["Content-Security-Policy"].startswith("sandbox ")


async def test_a_frame_gets_documents_and_relays_and_never_a_page_of_ours(
    app: Quart, client: Client, project_id: int
) -> None:
    for rule, has_document in page_rules(app):
        answer = await client.get(address(rule), headers=FRAMED)
        policy = answer.headers["Content-Security-Policy"]
        assert PAGE_MARK not in answer.headers and "Set-Cookie" not in answer.headers, rule
        assert policy.startswith("sandbox ") and "allow-same-origin" not in policy, rule
        assert (WRITTEN in answer.text) == has_document and is_relay(answer) != has_document, rule


@pytest.mark.parametrize("asking", NO_FRAME.values(), ids=NO_FRAME)
async def test_a_strangers_document_comes_to_nothing_but_a_frame(
    client: Client, project_id: int, asking: dict[str, str]
) -> None:
    for path in (*FRAMES, *DOCUMENTS):
        answer = await client.get(f"/project/stars/{path}", headers=asking)
        assert answer.status == 200 and WRITTEN not in answer.text
        assert answer.headers.get(PAGE_MARK) in ("page", "alone", "part") or "HX-Redirect" in answer.headers


async def test_where_browsers_do_not_say_what_they_load_the_document_comes_sandboxed(
    client: Client, project_id: int
) -> None:
    plain = {"Host": "192.168.1.7:5000"}
    answer = await client.get("/project/stars/frame", headers=plain)
    assert WRITTEN in answer.text and answer.headers["Content-Security-Policy"].startswith("sandbox ")
    asked_by_htmx = await client.get("/project/stars/frame", headers=plain | {"HX-Request": "true"})
    assert WRITTEN not in asked_by_htmx.text


async def test_a_document_holds_no_token_and_knows_its_address(client: Client, project_id: int) -> None:
    for path, known_as in zip(FRAMES, ("newtask", "task/1", "tutorial", "results"), strict=True):
        answer = await client.get(f"/project/stars/{path}", headers=FRAMED)
        assert "eyJ" not in answer.text and f'"address": "/project/stars/{known_as}"' in answer.text
        assert answer.headers["Vary"].endswith("Sec-Fetch-Dest")


async def test_a_guests_host_has_documents_and_sends_the_rest_to_the_site(
    app: Quart, client: Client, project_id: int
) -> None:
    host = {"Host": f"p{project_id}.localhost:5000"}
    for rule, has_document in page_rules(app):
        framed = await client.get(address(rule), headers=host | FRAMED)
        assert PAGE_MARK not in framed.headers and "Set-Cookie" not in framed.headers, rule
        assert is_relay(framed) != has_document, rule
        opened = await client.get(address(rule), headers=host | {"Sec-Fetch-Dest": "document"})
        assert opened.status == 302 and (opened.location or "").startswith("http://localhost:5000/"), rule


async def test_a_guests_document_has_an_origin_and_the_site_alone_around_it(client: Client, project_id: int) -> None:
    answer = await client.get("/project/stars/newtask", headers=FRAMED | {"Host": f"p{project_id}.localhost:5000"})
    policy = answer.headers["Content-Security-Policy"]
    assert WRITTEN in answer.text and " allow-same-origin;" in policy
    assert policy.endswith("frame-ancestors http://localhost:5000") and "allow-top-navigation" not in policy


async def test_cookies_say_nothing_at_a_guests_host(
    app: Quart, client: Client, owner: User, as_user: object, draft_id: int
) -> None:
    browser = as_user(owner)  # type: ignore[operator]
    here = await browser.get("/project/birds/frame", headers=FRAMED)
    there = await browser.get("/project/birds/frame", headers=FRAMED | {"Host": f"p{draft_id}.localhost"})
    assert WRITTEN in here.text
    assert there.status == 401 and 'data-method="reopen"' in there.text


@pytest.mark.parametrize(
    ("of_draft", "age", "comes"),
    [(True, timedelta(0), True), (False, timedelta(0), False), (True, LIFETIME + STEP, False)],
)
async def test_a_ticket_lets_into_its_own_project_for_a_while(
    client: Client, settings: Settings, project_id: int, draft_id: int, of_draft: bool, age: timedelta, comes: bool
) -> None:
    ticket = FrameTicket(draft_id if of_draft else project_id, "en", "dark", fresh=True)
    text = issue_frame_ticket(ticket, settings.key("frame"), datetime.now(UTC) - age)
    host = {"Host": f"p{draft_id}.localhost"}
    answer = await client.get(f"/project/birds/frame?ticket={text}", headers=FRAMED | host)
    assert (WRITTEN in answer.text, 'data-theme="dark"' in answer.text) == (comes, comes)


async def test_no_service_worker_can_be_made_of_an_answer(client: Client, project_id: int) -> None:
    asked = {"Service-Worker": "script", "Host": f"p{project_id}.localhost"}
    answer = await client.get(f"/api/project/{project_id}?callback=importScripts", headers=asked)
    assert answer.status == 403
