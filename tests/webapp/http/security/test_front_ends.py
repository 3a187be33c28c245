"""Front ends of other origins: those that are named come with credentials, and no other does."""

from collections.abc import AsyncIterator, Callable

import pytest
from quart import Quart

from db.models import User
from db.session import Database
from tests.factories import make_project, make_tasks, make_user
from tests.support.client import Client
from webapp.app import create_app
from webapp.config import Settings
from webapp.services.accounts.passwords import Passwords

FRONT = "https://app.bees.example"
LOCAL = "http://localhost:8080"
SITE = "https://bees.example"
PASSWORD = "honey and wax"
OTHERS = [
    "null",
    "*",
    "https://evil.example",
    "http://app.bees.example",
    "https://app.bees.example:8443",
    "https://app.bees.example.evil.example",
    "https://evil-app.bees.example",
    "https://sub.app.bees.example",
    "https://bees.example.",
    "https://app.bees.example/",
    "https://APP.bees.example",
    "http://localhost",
    "http://localhost:80801",
    "http://p1.localhost:8080",
]
PATHS = ["/", "/account/signin", "/project/stars/", "/api/project", "/api/nosuch", "/nosuch", "/static/css/workbee.css"]


@pytest.fixture
async def site(settings: Settings, clean: None) -> AsyncIterator[Quart]:
    """A site behind TLS that trusts two front ends."""
    created = create_app(settings.model_copy(update={"base_url": SITE, "cors_origins": (FRONT, LOCAL)}))
    async with created.test_app():
        yield created


@pytest.fixture
async def ann(database: Database, settings: Settings) -> User:
    """The owner of the project `stars`."""
    hashed = await Passwords(settings).hash(PASSWORD)
    async with database.unit() as uow:
        user = await make_user(uow.session, name="ann", email_addr="ann@example.com", passwd_hash=hashed)
        await make_tasks(uow.session, await make_project(uow.session, user, short_name="stars"), 2)
        return user


def asked_from(origin: str, site: str = "cross-site", **more: str) -> dict[str, str]:
    """The headers of a script's request of a page there."""
    return {"Origin": origin, "Sec-Fetch-Site": site, "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"} | more


async def signed_in(app: Quart, origin: str = FRONT) -> tuple[Client, str]:
    """A browser in which a page of this origin has signed in by JSON, and the session's token as that page has it."""
    browser, headers = Client(app), asked_from(origin)
    form = (await browser.get("/account/signin", json=True, headers=headers)).json["form"]
    sent = headers | {"X-CSRFToken": form["csrf"]}
    who = {"email": "ann@example.com", "password": PASSWORD}
    answer = await browser.post("/account/signin", who, json=True, csrf=False, headers=sent)
    assert answer.json["status"] == "success", answer.text
    form = (await browser.get("/project/new", json=True, headers=headers)).json["form"]
    return browser, form["csrf"]


@pytest.mark.parametrize("origin", [FRONT, LOCAL])
@pytest.mark.parametrize("path", PATHS)
async def test_every_answer_may_be_read_with_credentials(site: Quart, ann: User, origin: str, path: str) -> None:
    answer = await Client(site).get(path, headers=asked_from(origin))
    headers = answer.headers
    assert headers.getlist("Access-Control-Allow-Origin") == [origin]
    assert headers["Access-Control-Allow-Credentials"] == "true"
    assert {"Retry-After", "X-RateLimit-Remaining"} <= set(headers["Access-Control-Expose-Headers"].split(", "))
    assert "Origin" in headers["Vary"].split(", ")


@pytest.mark.parametrize("path", [*PATHS, "/project/stars/tasks/import", "/account/ann/update"])
async def test_what_may_be_sent_is_said_of_every_path(site: Quart, ann: User, path: str) -> None:
    asked = {"Origin": FRONT, "Access-Control-Request-Method": "POST"}
    answer = await Client(site).api("OPTIONS", path, headers=asked)
    assert (answer.status, answer.content) == (200, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == FRONT
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    allowed = set(answer.headers["Access-Control-Allow-Headers"].split(", "))
    assert {"X-CSRFToken", "Content-Type", "Authorization", "Idempotency-Key"} <= allowed and "*" not in allowed
    assert {"GET", "POST", "PUT", "DELETE"} <= set(answer.headers["Access-Control-Allow-Methods"].split(", "))
    assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize("origin", OTHERS)
async def test_no_other_origin_reads_or_asks_with_credentials(site: Quart, ann: User, origin: str) -> None:
    browser, token = await signed_in(site)
    for path in PATHS:
        for method in ("GET", "OPTIONS"):
            answer = await browser.api(method, path, headers=asked_from(origin))
            assert "Access-Control-Allow-Credentials" not in answer.headers, path
            assert answer.headers.get("Access-Control-Allow-Origin") in (None, "*"), path
            assert "Origin" in answer.headers["Vary"], "what is remembered is not shown to another"
    profile = await browser.get("/account/profile", json=True, headers=asked_from(origin))
    assert profile.json["status"] == "not_signed_in"
    new = {"name": "Moons", "short_name": "moons", "long_description": "Moons"}
    sent = asked_from(origin) | {"X-CSRFToken": token}
    refused = await browser.post("/project/new", new, json=True, csrf=False, headers=sent)
    assert refused.location == "/account/signin?next=/project/new", "nobody is known who could"
    written = await browser.api("POST", "/api/project", new | {"description": "x"}, headers=asked_from(origin))
    assert written.status in (401, 403)
    same_site = asked_from(origin, site="same-site")
    assert (await browser.api("POST", "/api/project", new | {"description": "x"}, headers=same_site)).status == 403


async def test_a_front_end_writes_on_pages_and_by_the_api(site: Quart, ann: User) -> None:
    browser, token = await signed_in(site)
    headers = asked_from(FRONT)
    new = {"name": "Moons", "short_name": "moons", "long_description": "Moons"}
    made = await browser.post("/project/new", new, json=True, csrf=False, headers=headers | {"X-CSRFToken": token})
    assert made.json["next"] == "/project/moons/update"
    without = await browser.post("/project/new", new | {"short_name": "m"}, json=True, csrf=False, headers=headers)
    assert without.status == 400, "it needs the session's token, as pages of ours do"
    number = (await browser.api("GET", "/api/project?short_name=moons", headers=headers)).json[0]["id"]
    task = await browser.api("POST", "/api/task", {"project_id": number, "info": {"n": 1}}, headers=headers)
    assert task.status == 200
    left = await browser.get("/account/signout", json=True, headers=headers)
    assert left.json["status"] == "success", "a GET that changes something, as clients send it"


async def test_cookies_are_sent_along_for_other_sites_by_https_alone(site: Quart, app: Quart, ann: User) -> None:
    headers = asked_from(FRONT)
    told = (await Client(site).get("/account/signin", json=True, headers=headers)).headers.getlist("Set-Cookie")
    assert told and all("SameSite=None" in one and "Secure" in one for one in told)
    plain = (await Client(app).get("/account/signin", json=True, headers=headers)).headers.getlist("Set-Cookie")
    assert plain and all("SameSite=Lax" in one for one in plain)


async def test_cookies_stay_lax_where_there_is_no_https(settings: Settings, ann: User) -> None:
    created = create_app(settings.model_copy(update={"cors_origins": (LOCAL,)}))
    async with created.test_app():
        browser, _ = await signed_in(created, LOCAL)
        headers = asked_from(LOCAL, site="same-site")
        told = (await Client(created).get("/account/signin", json=True, headers=headers)).headers.getlist("Set-Cookie")
        assert told and all("SameSite=Lax" in one for one in told)
        assert "user" in (await browser.get("/account/profile", json=True, headers=headers)).json


async def test_what_lax_would_have_kept_back_is_not_read(site: Quart, ann: User) -> None:
    """A script, a picture, a frame, a form of any other site's page; only a link that is followed has its cookies."""
    browser, _ = await signed_in(site)
    name = "/account/profile"

    async def is_known(mode: str, dest: str) -> bool:
        headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest}
        return "api_key" in (await browser.get(name, json=True, headers=headers)).text

    assert await is_known("navigate", "document")
    for mode, dest in (("no-cors", "script"), ("no-cors", "image"), ("navigate", "iframe"), ("cors", "empty")):
        assert not await is_known(mode, dest), (mode, dest)
    script = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"}
    for path in ("/account/signin", "/project/stars/newtask"):
        assert "Set-Cookie" not in (await browser.get(path, headers=script)).headers, "nor are they replaced"
    assert "email_addr" not in (await browser.api("GET", f"/api/user/{ann.id}?callback=f", headers=script)).text
    own = {"Sec-Fetch-Site": "same-origin"}
    assert "email_addr" in (await browser.api("GET", f"/api/user/{ann.id}?callback=f", headers=own)).text
    unknown = await browser.api("GET", f"/api/user/{ann.id}?callback=f")
    assert unknown.status == 403, "a browser that does not say whose page it is"


async def test_without_the_setting_everything_is_as_it_was(app: Quart, ann: User) -> None:
    browser = Client(app)
    page = await browser.get("/account/signin", json=True, headers=asked_from(FRONT))
    assert not [name for name, _ in page.headers if name.startswith("Access-Control")]
    api = await browser.api("GET", "/api/project", headers=asked_from(FRONT))
    assert api.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in api.headers and "Origin" not in api.headers.get("Vary", "")
    asked = {"Origin": FRONT, "Access-Control-Request-Method": "POST"}
    preflight = await browser.api("OPTIONS", "/account/signin", headers=asked)
    assert "Access-Control-Allow-Origin" not in preflight.headers


async def test_at_a_guests_host_nobody_comes_with_credentials(settings: Settings, ann: User) -> None:
    created = create_app(settings.model_copy(update={"cors_origins": (LOCAL,)}))
    async with created.test_app():
        headers = asked_from(LOCAL) | {"Host": "p1.localhost"}
        answer = await Client(created).api("GET", "/api/project", headers=headers)
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer.headers


async def test_behind_a_proxy_that_rewrites_host_the_browser_is_believed(
    as_user: Callable[[User], Client], ann: User, caplog: pytest.LogCaptureFixture
) -> None:
    """nginx sends on the name of the upstream as `Host`, unless it is told otherwise."""
    browser = as_user(ann)
    new = {"name": "Moons", "short_name": "moons", "description": "x"}
    own = asked_from("https://bees.example", site="same-origin")
    assert (await browser.api("POST", "/api/project", new, headers=own)).status == 200
    other = new | {"name": "Suns", "short_name": "suns"}
    assert (await browser.api("POST", "/api/project", other, headers=own)).status == 200
    told = [one for one in caplog.records if "WORKBEE_BASE_URL" in one.getMessage()]
    assert len(told) == 1, "once"
    for headers in (
        asked_from("https://bees.example", site="cross-site"),
        asked_from("https://bees.example", site="same-site"),
        {"Origin": "https://bees.example"},
    ):
        assert (await browser.api("POST", "/api/project", new, headers=headers)).status == 403
