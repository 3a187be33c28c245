"""The seam: one view answers as JSON, as a page, as a fragment or as a redirect, and every refusal has its caller's
shape."""

from collections.abc import Callable

import pytest

from db.models import User
from db.session import Database
from tests.factories import make_project, make_user
from tests.support.client import Client

HTMX = {"HX-Request": "true", "HX-Target": "main"}


@pytest.fixture
async def user(database: Database) -> User:
    async with database.unit() as uow:
        return await make_user(uow.session)


async def test_json_by_content_type(client: Client) -> None:
    answer = await client.get("/account/signin", json=True)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json["template"] == "account/signin.html" and answer.json["form"]["csrf"]


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/account/signin", {"Content-Type": "application/json; charset=utf-8"}),
        ("/account/signin", {"Accept": "application/json"}),
        ("/account/signin?response_format=json", {}),
    ],
)
async def test_the_other_ways_to_ask_for_json(client: Client, path: str, headers: dict[str, str]) -> None:
    assert (await client.get(path, headers=headers)).json["title"] == "Sign in"


async def test_a_page_for_a_browser(client: Client) -> None:
    answer = await client.get("/account/signin", headers={"Accept": "text/html,*/*"})
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "<!doctype html>" in answer.text and 'name="csrf_token"' in answer.text


async def test_a_fragment_for_htmx_with_title_and_messages(client: Client) -> None:
    answer = await client.get("/account/signin", headers=HTMX)
    assert "<!doctype" not in answer.text and "<h1>" in answer.text
    assert "<title>Sign in" in answer.text


@pytest.mark.parametrize("header", ["HX-Boosted", "HX-History-Restore-Request"])
async def test_the_whole_page_for_boosted_and_restored_requests(client: Client, header: str) -> None:
    assert "<!doctype html>" in (await client.get("/account/signin", headers=HTMX | {header: "true"})).text


async def test_json_wins_over_htmx(client: Client) -> None:
    assert (await client.get("/account/signin", json=True, headers=HTMX)).json["title"] == "Sign in"


async def test_vary_names_what_chose_the_answer(client: Client) -> None:
    vary = (await client.get("/account/signin")).headers["Vary"]
    assert all(name in vary for name in ("Accept", "Content-Type", "HX-Request", "HX-Target", "Cookie"))


async def test_the_policy_lets_only_our_scripts_run(client: Client) -> None:
    answer = await client.get("/account/signin")
    policy = answer.headers["Content-Security-Policy"]
    nonce = policy.split("'nonce-")[1].split("'")[0]
    assert "unsafe-inline" not in policy and "default-src 'none'" in policy
    assert f'nonce="{nonce}"' in answer.text
    assert nonce not in (await client.get("/account/signin")).text


async def test_a_post_without_its_token_is_refused_in_every_shape(client: Client) -> None:
    as_json = await client.post("/account/signin", {"email": "a@b.c"}, json=True, csrf=False)
    assert (as_json.status, as_json.json["code"], as_json.json["template"]) == (400, 400, "400.html")
    as_page = await client.post("/account/signin", {"email": "a@b.c"}, csrf=False)
    assert as_page.status == 400 and "<!doctype html>" in as_page.text


async def test_a_token_of_another_session_is_refused(client: Client, app: object) -> None:
    other = Client(app)  # type: ignore[arg-type]
    stolen = await other.csrf()
    await client.get("/account/signin")
    refused = await client.post(
        "/account/signin", {"email": "a@b.c"}, json=True, csrf=False, headers={"X-CSRFToken": stolen}
    )
    assert refused.status == 400


async def test_signing_in_is_asked_for_by_a_redirect(client: Client) -> None:
    for json in (False, True):
        answer = await client.get("/project/new", json=json)
        assert (answer.status, answer.location) == (302, "/account/signin?next=/project/new")
    htmx = await client.get("/project/new", headers=HTMX)
    assert htmx.headers["HX-Redirect"].startswith("/account/signin")


async def test_an_unknown_page_in_every_shape(client: Client) -> None:
    assert (await client.get("/nosuch", json=True)).json["code"] == 404
    page = await client.get("/nosuch")
    assert page.status == 404 and "<h1>" in page.text
    envelope = (await client.api("GET", "/api/project/12345678")).json
    assert (envelope["status"], envelope["exception_cls"], envelope["target"]) == ("failed", "NotFound", "project")


@pytest.mark.parametrize(("path", "status"), [("/nosuch", 404), ("/project/any/1/delete", 405)])
async def test_whoever_is_signed_in_sees_so_on_an_unknown_page(
    as_user: Callable[[User], Client], client: Client, user: User, path: str, status: int
) -> None:
    own = await as_user(user).get(path)
    assert own.status == status and f"/account/{user.name}/" in own.text and "/account/register" not in own.text
    assert "/account/register" in (await client.get(path)).text


async def test_an_unknown_page_comes_in_the_visitors_language(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.http.locale.available_locales", lambda: {"en": "English", "ar": "العربية"})
    arabic = await client.get("/nosuch", headers={"Accept-Language": "ar"})
    assert arabic.status == 404 and '<html lang="ar" dir="rtl"' in arabic.text
    assert '<html lang="en"' in (await client.get("/nosuch", headers={"Accept-Language": "en"})).text


async def test_a_method_that_is_not_there(client: Client) -> None:
    assert (await client.api("PATCH", "/api/project", {})).status == 405


async def test_malformed_json_is_a_clear_400(client: Client) -> None:
    token = await client.csrf()
    sent = {"Content-Type": "application/json", "X-CSRFToken": token}
    response = await client._client.post("/account/signin", data=b"{bad", headers=sent)
    assert response.status_code == 400


async def test_an_administrators_page_is_refused_to_others(
    as_user: Callable[[User], Client], client: Client, user: User
) -> None:
    assert (await as_user(user).get("/project/category/draft/", json=True)).status == 403
    assert (await client.get("/project/category/draft/", json=True)).status == 302


async def test_both_forms_of_a_path_are_accepted(client: Client, database: Database, user: User) -> None:
    async with database.unit() as uow:
        project = await make_project(uow.session, user)
    for path in (f"/project/{project.short_name}", f"/project/{project.short_name}/"):
        assert (await client.get(path, json=True)).status == 200


async def test_a_changing_get_is_not_taken_from_another_site(as_user: Callable[[User], Client], user: User) -> None:
    browser = as_user(user)
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert (await browser.get("/account/signout", json=True, headers=foreign)).status == 400
    assert (await browser.get("/account/signout")).status == 400, "a plain link without the token"
    done = await browser.get("/account/signout", json=True)
    assert (done.status, done.json["next"]) == (200, "/")


async def test_a_changed_password_ends_other_sessions(
    as_user: Callable[[User], Client], database: Database, user: User
) -> None:
    browser = as_user(user)
    assert (await browser.get("/project/new", json=True)).status == 200
    async with database.unit() as uow:
        stored = await uow.session.get(User, user.id)
        assert stored is not None
        stored.session_epoch += 1
    assert (await browser.get("/project/new", json=True)).status == 302


async def test_an_api_key_by_header_or_query(with_key: Callable[[User], Client], client: Client, user: User) -> None:
    assert (await with_key(user).get("/project/new", json=True)).status == 200
    assert (await client.get(f"/project/new?api_key={user.api_key}", json=True)).status == 200
    assert (await client.get("/project/new?api_key=bogus", json=True)).status == 302


async def test_preflight_of_the_api(client: Client) -> None:
    answer = await client.api("OPTIONS", "/api/taskrun", headers={"Origin": "null"})
    assert answer.status == 200 and answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Idempotency-Key" in answer.headers["Access-Control-Allow-Headers"]
    assert "X-Requested-With" in answer.headers["Access-Control-Allow-Headers"]
    assert "X-RateLimit-Limit" not in answer.headers


@pytest.mark.parametrize(
    "path", ["/project/%00/", "/project/category/b%00/", "/account/%00/", "/api/project/%00/newtask"]
)
async def test_an_address_that_nothing_can_have_is_not_there(client: Client, path: str) -> None:
    assert (await client.get(path)).status == 404


async def test_a_search_for_what_nothing_can_hold_finds_nothing(client: Client) -> None:
    answer = await client.get("/search?query=%00", json=True)
    assert (answer.status, answer.json["projects"]) == (200, [])


@pytest.mark.parametrize("path", ["/api/taskrun", "/static/img/mark.svg", "/uploads/any/picture.png"])
async def test_whatever_other_origins_may_read_they_may_ask_for_with_any_header(client: Client, path: str) -> None:
    """A presenter's `X-CSRFToken`, jQuery's `X-Requested-With`: `*` stands for all but `Authorization`."""
    answer = await client.api("OPTIONS", path)
    allowed = answer.headers["Access-Control-Allow-Headers"].split(", ")
    assert answer.status == 200 and "*" in allowed and "Authorization" in allowed
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers


async def test_no_page_is_asked_for_across_origins(client: Client) -> None:
    assert "Access-Control-Allow-Headers" not in (await client.api("OPTIONS", "/account/profile")).headers
