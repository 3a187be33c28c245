"""Every cookie that the site sets anywhere, behind TLS; and every request that changes something, from elsewhere."""

import re
from collections.abc import AsyncIterator, Callable

import pytest
from quart import Quart

from db.models import User
from db.session import UnitOfWork
from tests.factories import make_project, make_tasks, make_user
from tests.support.client import Client
from webapp.app import create_app
from webapp.config import Settings
from webapp.services.accounts.passwords import Passwords

PASSWORD = "honey and wax"
OLD_NAMES = ("session", "remember_token", "volunteer", "device")
PLACES = {"short_name": "stars", "name": "ann", "user_name": "bob", "part": "tutorial"}


@pytest.fixture
async def secure(settings: Settings, clean: None) -> AsyncIterator[Quart]:
    """A site behind TLS."""
    created = create_app(settings.model_copy(update={"base_url": "https://bees.example"}))
    async with created.test_app():
        yield created


@pytest.fixture
async def ann(uow: UnitOfWork, settings: Settings) -> User:
    """An administrator, and the owner of a project with a tutorial and a password."""
    hashed = await Passwords(settings).hash(PASSWORD)
    user = await make_user(uow.session, name="ann", email_addr="ann@example.com", passwd_hash=hashed, admin=True)
    await make_user(uow.session, name="bob")
    info = {"task_presenter": "<p>?</p>", "tutorial": "<p>So</p>", "passwd_hash": hashed}
    project = await make_project(uow.session, user, short_name="stars", info=info)
    await make_tasks(uow.session, project, 2)
    await make_project(uow.session, user, short_name="moons", info={"task_presenter": "<p>?</p>"})
    await uow.session.commit()
    return user


def paths(app: Quart) -> list[str]:
    """Every page that can be read without knowing a number."""
    found = set()
    for rule in app.url_map.iter_rules():
        route = getattr(app.view_functions[rule.endpoint], "workbee_route", None)
        if route is None or "GET" not in (rule.methods or ()) or route.mutating_get or rule.arguments - PLACES.keys():
            continue
        found.add(re.sub(r"<(?:\w+:)?(\w+)>", lambda name: PLACES[name[1]], rule.rule))
    return sorted(found)


async def crawl(app: Quart) -> dict[str, set[str]]:
    """The cookies that are set on the way of a volunteer without an account, and of one who signs in, changes their
    password and signs out: by name, with their attributes."""
    seen: dict[str, set[str]] = {}

    async def look(response_headers: object) -> None:
        for one in response_headers.getlist("Set-Cookie"):  # type: ignore[attr-defined]
            pair, *attributes = one.split(";")
            name = pair.partition("=")[0]
            seen.setdefault(name, set()).add(";".join(sorted(part.strip() for part in attributes)))

    browser = Client(app)
    await look((await browser.post("/project/stars/password", {"password": PASSWORD})).headers)
    for path in (*paths(app), "/project/moons/newtask"):
        await look((await browser.get(path)).headers)
    signed_in = await browser.post("/account/signin", {"email": "ann@example.com", "password": PASSWORD})
    await look(signed_in.headers)
    for path in paths(app):
        await look((await browser.get(path)).headers)
    change = {"btn": "Password", "current_password": PASSWORD, "new_password": "wax and honey"}
    await look((await browser.post("/account/ann/update", change | {"confirm": "wax and honey"})).headers)
    await look((await browser.post("/account/signout")).headers)
    return seen


async def test_every_cookie_is_the_host_s_own_and_for_https(secure: Quart, ann: User) -> None:
    seen = await crawl(secure)

    assert {f"__Host-{name}" for name in OLD_NAMES} <= seen.keys(), "the way has met them all"
    for name, told in seen.items():
        assert name.startswith("__Host-"), name
        for attributes in told:
            parts = attributes.split(";")
            assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(parts), (name, attributes)
            assert not any(part.startswith("Domain") for part in parts), (name, attributes)


async def test_without_tls_cookies_have_their_plain_names(app: Quart, ann: User) -> None:
    assert set(OLD_NAMES) <= (await crawl(app)).keys()


async def test_cookies_that_a_sibling_host_may_have_set_are_not_read(secure: Quart, ann: User) -> None:
    browser = Client(secure)
    await browser.get("/project/moons/newtask")
    await browser.post("/account/signin", {"email": "ann@example.com", "password": PASSWORD})
    tossed = Client(secure)
    for known, value in browser.cookies.items():
        tossed.set_cookie(known.removeprefix("__Host-"), value)

    assert (await tossed.get("/account/profile", json=True)).json["status"] == "not_signed_in"
    refused = await tossed.post("/account/signin", csrf=False, headers={"X-CSRFToken": await browser.csrf()})
    assert refused.status == 400


async def test_browsers_are_told_to_come_back_by_https(secure: Quart, app: Quart) -> None:
    for path in ("/", "/api/category", "/nothing"):
        assert "max-age" in (await Client(secure).get(path)).headers["Strict-Transport-Security"]
        assert "Strict-Transport-Security" not in (await Client(app).get(path)).headers


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_no_get_changes_anything_for_another_origin(
    app: Quart, ann: User, as_user: Callable[[User], Client], site: str
) -> None:
    browser = as_user(ann)
    taken = []
    for rule in app.url_map.iter_rules():
        route = getattr(app.view_functions[rule.endpoint], "workbee_route", None)
        if route is None or not route.mutating_get or "GET" not in (rule.methods or ()):
            continue
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda name: PLACES.get(name[1], "1"), rule.rule)
        query = f"?{route.mutating_argument}=true" if route.mutating_argument else ""
        answer = await browser.get(path + query, json=True, headers={"Sec-Fetch-Site": site})
        if answer.status != 400:
            taken.append((path, answer.status))
    assert taken == []
    assert "user" in (await browser.get("/account/profile", json=True)).json, "nothing of it was done"


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_no_api_call_writes_with_a_cookie_for_another_origin(
    app: Quart, ann: User, as_user: Callable[[User], Client], site: str
) -> None:
    volunteer = Client(app)
    await volunteer.get("/project/moons/newtask")
    taken = []
    for client in (as_user(ann), volunteer):
        for rule in app.url_map.iter_rules():
            route = getattr(app.view_functions[rule.endpoint], "workbee_route", None)
            if route is None or not route.api:
                continue
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"} - (set() if route.writes else {"GET"})):
                path = re.sub(r"<(?:\w+:)?(\w+)>", "1", rule.rule)
                answer = await client.api(method, path, headers={"Sec-Fetch-Site": site})
                if answer.status not in (401, 403, 405):
                    taken.append((method, path, answer.status))
    assert taken == []


async def test_a_token_of_one_session_is_worth_nothing_in_another(
    app: Quart, ann: User, as_user: Callable[[User], Client]
) -> None:
    one, other = as_user(ann), as_user(ann)
    await one.csrf()

    answer = await one.post("/account/signout", json=True, csrf=False, headers={"X-CSRFToken": await other.csrf()})

    assert answer.status == 400
