"""What README and docs/differences.md say of the server is what the server does. Which steps of the conformance driver
differ is not among it: the recording is no part of this repository."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from quart import Quart
from werkzeug.exceptions import MethodNotAllowed, NotFound

from db.models import User
from db.session import Database
from tests.factories import make_category, make_project
from tests.support.client import Client
from tests.support.crawling import Populated, populate
from webapp.config import Settings
from webapp.config_parsing import PREFIX

ROOT = Path(__file__).parents[2]
README, DIFFERENCES, PAGES = (
    (ROOT / name).read_text() for name in ("README.md", "docs/differences.md", "docs/contract/pages.md")
)
ADDRESS = re.compile(r"`((?:/|…/)[^`]*)`")
PLACE = re.compile(r"<[^>]+>")
SETTING = re.compile(rf"`{PREFIX}(\w+)`")
CELL = re.compile(r"(?<!\\)\|")
DEFAULT = re.compile(r"`([^`]*)`")
IN_FRAMES = "/frame"


@dataclass(frozen=True)
class Address:
    """An address of the contract's pages: what it may mean (`…` stands for the beginning of the one before it), and
    whether a mark says that it is HTML alone."""

    candidates: tuple[str, ...]
    html_only: bool


def of_pages() -> list[Address]:
    """Those that begin a row; a mark is about all that stand before it in its cell."""
    found = []
    for line in PAGES.splitlines():
        if line.startswith("| `/"):
            cell = line.split("|")[1]
            marked, last = cell.rpartition("**H**")[0], ""
            for address in ADDRESS.findall(cell):
                path = address.partition("?")[0]
                beginnings = ["/".join(last.split("/")[:n]) for n in range(1, last.count("/") + 2)]
                candidates = [one + path[1:] for one in beginnings] if path.startswith("…") else [path]
                found.append(Address(tuple(candidates), f"`{address}`" in marked))
                last = path.rstrip("/") if not path.startswith("…") else last
    return found


def not_there() -> list[str]:
    """The addresses that the README says are not there yet."""
    paragraph = README.partition("\nNot there yet")[2].partition("\n\n")[0]
    return ADDRESS.findall(paragraph)


def filled(address: str, places: dict[str, str]) -> str:
    return PLACE.sub(lambda place: places.get(place[0], "1"), address)


def leads_somewhere(app: Quart, path: str) -> bool:
    adapter = app.url_map.bind("localhost")
    try:
        adapter.match(path, method="GET")
    except MethodNotAllowed:
        return True
    except NotFound:
        return False
    return True


async def test_every_page_of_the_contract_is_there(app: Quart) -> None:
    missing = [one for one in of_pages() if not any(leads_somewhere(app, filled(path, {})) for path in one.candidates)]
    assert len(of_pages()) > 80
    assert missing == []


async def test_pages_that_are_html_alone_are_marked(app: Quart) -> None:
    alone = set()
    for rule in app.url_map.iter_rules():
        route = getattr(app.view_functions[rule.endpoint], "workbee_route", None)
        if route is not None and route.html_only and "GET" in (rule.methods or ()) and IN_FRAMES not in rule.rule:
            alone.add(PLACE.sub("<>", rule.rule))
    marked = {PLACE.sub("<>", path) for one in of_pages() if one.html_only for path in one.candidates}
    assert alone and alone - marked == set()


@pytest.fixture
async def site(database: Database) -> Populated:
    return await populate(database)


async def test_what_is_not_there_yet_is_not_found(site: Populated, as_user: Callable[[User], Client]) -> None:
    """Who adds one of them takes it out of the list."""
    places = {"<s>": "bees", "<name>": "owner", "<token>": "x"}
    admin, found = as_user(site.people["admin"]), []
    for address in not_there():
        answer = await admin.get(filled(address, places))
        if answer.status != 404:
            found.append((address, answer.status))
    assert not_there() and found == []
    export = "/project/bees/tasks/export?type=task&format=ckan"
    assert "`format=ckan` is 415" in README and (await admin.get(export)).status == 415


def test_the_readme_s_defaults_are_the_settings() -> None:
    told: dict[str, str] = {}
    for line in README.splitlines():
        cells = [cell.strip() for cell in CELL.split(line)]
        if len(cells) == 5 and (names := SETTING.findall(cells[1])):
            defaults = DEFAULT.findall(cells[2])
            if len(defaults) == len(names) == cells[2].count(",") + 1:
                told |= dict(zip([name.lower() for name in names], defaults, strict=True))
    plain = {name: str(Settings.model_fields[name].default) for name in told}
    assert len(told) > 8
    assert {name: text for name, text in told.items() if text != plain[name]} == {}


@dataclass
class Tried:
    """Who tries a claim, on a site with some of everything."""

    app: Quart
    site: Populated
    as_user: Callable[[User], Client]

    @property
    def anybody(self) -> Client:
        return Client(self.app)

    def who(self, role: str) -> Client:
        return self.as_user(self.site.people[role])


Claim = Callable[[Tried], Awaitable[bool]]
CLAIMS: dict[str, Claim] = {}


def claimed(text: str) -> Callable[[Claim], Claim]:
    """What the document says, word for word, and how that is tried."""

    def note(claim: Claim) -> Claim:
        CLAIMS[text] = claim
        return claim

    return note


@claimed("`/api/<id>/newtask` answers too")
async def _old_address_of_draws(tried: Tried) -> bool:
    return (await tried.anybody.get(f"/api/{tried.site.project_id}/newtask")).status == 200


@claimed("`n_answers: 0` is stored as 1")
async def _no_answers(tried: Tried) -> bool:
    task = {"project_id": tried.site.project_id, "info": {"odd": 1}, "n_answers": 0}
    return bool((await tried.who("owner").api("POST", "/api/task", task)).json["n_answers"] == 1)


@claimed("a query string has at most 8 KiB (414)")
async def _long_query(tried: Tried) -> bool:
    asked = [await tried.anybody.get(f"/api/task?info={'x' * n}") for n in (8000, 8200)]
    return [answer.status for answer in asked] == [200, 414]


@claimed("an address or a verb that does not exist under `/api`: the error envelope")
async def _envelope(tried: Tried) -> bool:
    answers = [await tried.anybody.api(method, path) for method, path in (("GET", "/api/no"), ("PATCH", "/api/task"))]
    return [(answer.status, answer.json["status"]) for answer in answers] == [(404, "failed"), (405, "failed")]


@claimed("addresses under `/api` that lead nowhere are counted, and have the headers, as others")
async def _counted(tried: Tried) -> bool:
    return "X-RateLimit-Remaining" in (await tried.anybody.get("/api/nosuch")).headers


@claimed("`/api/token` answers, with `{}` where no other service is known")
async def _tokens(tried: Tried) -> bool:
    return bool((await tried.who("owner").get("/api/token")).json == {})


@claimed("`/api/favorites/<id>` is that favourite, or 404")
async def _favourite(tried: Tried) -> bool:
    return (await tried.who("owner").get("/api/favorites/9999")).status == 404


@claimed("deleting a category in use: 415, `DBIntegrityError`")
async def _category_in_use(tried: Tried) -> bool:
    async with tried.site.database.unit() as uow:
        category = await make_category(uow.session)
        await make_project(uow.session, tried.site.people["owner"], category_id=category.id)
    answer = await tried.who("admin").api("DELETE", f"/api/category/{category.id}")
    return (answer.status, answer.json["exception_cls"]) == (415, "DBIntegrityError")


@claimed(
    "`last_id` goes on in the order that is asked for, `orderby` and `desc`; where none goes on from that row: 415"
)
async def _last_id(tried: Tried) -> bool:
    paths = ("orderby=created&last_id=1", "orderby=created&last_id=9999", "orderby=info&last_id=1", "last_id=x")
    return [(await tried.anybody.get(f"/api/task?{path}")).status for path in paths] == [200, 415, 415, 415]


@claimed("`project_id` without a number in it finds nothing")
async def _no_project(tried: Tried) -> bool:
    return bool((await tried.anybody.get("/api/task?project_id=x")).json == [])


@claimed("`PUT /api/user/<id>` answers without `api_key` and `passwd_hash`")
async def _user_without_secrets(tried: Tried) -> bool:
    owner = tried.site.people["owner"]
    answer = await tried.who("owner").api("PUT", f"/api/user/{owner.id}", {"fullname": "Ann Owner"})
    return answer.status == 200 and not {"api_key", "passwd_hash"} & answer.json.keys()


@claimed("nor a `secret_key` to anybody but the project's creator and administrators")
async def _secret_key(tried: Tried) -> bool:
    shown = [
        "secret_key" in (await tried.who(role).get("/project/bees/settings", json=True)).text
        for role in ("owner", "admin", "coowner")
    ]
    return shown == [True, True, False]


@claimed("home has `top_projects`, `top_users`, `categories`, `categories_projects` beside `featured`")
async def _home(tried: Tried) -> bool:
    keys = {"top_projects", "top_users", "categories", "categories_projects", "featured", "historical_contributions"}
    return bool(keys <= (await tried.who("volunteer").get("/", json=True)).json.keys())


@claimed("`form` has `csrf`, no empty `csrf_token` beside it")
async def _token_of_forms(tried: Tried) -> bool:
    form = (await tried.anybody.get("/account/signin", json=True)).json["form"]
    return bool(form["csrf"]) and "csrf_token" not in form


@claimed("passwords have at least 8 characters")
async def _short_password(tried: Tried) -> bool:
    form = {"fullname": "Ann Bee", "name": "annbee", "email_addr": "bee@example.org"}
    errors = []
    for password in ("1234567", "12345678"):
        sent = form | {"password": password, "confirm": password}
        answer = await tried.anybody.post("/account/register", sent, json=True)
        errors.append(set(answer.json.get("form", {}).get("errors", {})))
    return errors == [{"password"}, set()]


@claimed("`next` of the sign-in page is null unless it is a path of this site")
async def _next(tried: Tried) -> bool:
    asked = [
        (await tried.anybody.get(f"/account/signin?next={to}", json=True)).json["next"] for to in ("//x", "/about")
    ]
    return asked == [None, "/about"]


@claimed("paths are good with and without a slash at their end; `/project/<name>/tasks` is answered at once")
async def _slashes(tried: Tried) -> bool:
    paths = ("/project/bees/tasks", "/project/bees/tasks/", "/project/bees", "/account", "/about/")
    return [(await tried.anybody.get(path)).status for path in paths] == [200] * len(paths)


@claimed('JSON of another type where a form wants a text is taken as its text (`2026` as `"2026"`, `null` as empty)')
async def _json_types(tried: Tried) -> bool:
    sent = {"name": 2026, "short_name": "y2026", "long_description": None}
    form = (await tried.who("owner").post("/project/new", sent, json=True)).json["form"]
    return bool(form["name"] == "2026") and set(form["errors"]) == {"long_description"}


@claimed("`historical_contributions` counts its projects in `count` and `pagination.total`")
async def _history(tried: Tried) -> bool:
    path = "/project/category/historical_contributions/"
    body = (await tried.who("volunteer").get(path, json=True)).json
    return (body["count"], body["pagination"]["total"]) == (1, 1)


@pytest.mark.parametrize("text", CLAIMS)
async def test_what_differs_is_so(text: str, app: Quart, site: Populated, as_user: Callable[[User], Client]) -> None:
    assert text in DIFFERENCES, "the document says it in other words"
    assert await CLAIMS[text](Tried(app, site, as_user))
