"""Projects behind a password: who is let in, for how long (docs/contract/pages.md 1.7, docs/contract/gaps.md 3.8)."""

import pytest
from quart import Quart

from db.models import Project, User
from db.session import Database
from tests.support.client import Client
from tests.webapp.views.project.conftest import As
from webapp.config import Settings
from webapp.services.accounts.passwords import Passwords

PAGES = ("", "tasks/", "tasks/browse", "stats", "results", "blog", "newtask", "tutorial", "tasks/export")


@pytest.fixture
async def secret(database: Database, settings: Settings, project: Project) -> Project:
    """The published project, its password "sesame"."""
    async with database.unit() as uow:
        project.info = project.info | {"passwd_hash": await Passwords(settings).hash("sesame")}
        return await uow.session.merge(project)


async def test_strangers_are_sent_to_the_password(client: Client, secret: Project) -> None:
    answers = {page: await client.get(f"/project/stars/{page}") for page in PAGES}
    assert {page: (answer.status, answer.location) for page, answer in answers.items()} == {
        page: (302, f"/project/stars/password?next=/project/stars/{page}") for page in PAGES
    }


async def test_json_clients_are_redirected_too(client: Client, secret: Project) -> None:
    assert (await client.get("/project/stars/", json=True)).status == 302


async def test_the_right_password_opens_every_page(client: Client, secret: Project) -> None:
    answer = await client.post("/project/stars/password?next=/project/stars/blog", {"password": "sesame"})
    assert (answer.status, answer.location) == (302, "/project/stars/blog")
    assert {page: (await client.get(f"/project/stars/{page}")).status for page in PAGES} == dict.fromkeys(PAGES, 200)


async def test_who_is_let_in_draws_and_answers(client: Client, secret: Project) -> None:
    await client.post("/project/stars/password", {"password": "sesame"})
    await client.get("/project/stars/newtask")
    task = (await client.api("GET", f"/api/project/{secret.id}/newtask")).json
    run = {"project_id": secret.id, "task_id": task["id"], "info": "yes"}
    assert (await client.api("POST", "/api/taskrun", run)).status == 200


async def test_a_wrong_password_is_refused(client: Client, secret: Project) -> None:
    answer = await client.post("/project/stars/password", {"password": "guess"})
    assert answer.status == 200
    assert "Sorry, incorrect password" in answer.text
    assert (await client.get("/project/stars/")).status == 302


async def test_guessing_ends_in_a_pause(client: Client, secret: Project, settings: Settings) -> None:
    for _ in range(settings.sign_in_failures):
        await client.post("/project/stars/password", {"password": "guess"})
    assert (await client.post("/project/stars/password", {"password": "guess"})).status == 429


async def test_the_cookie_is_worth_nothing_elsewhere(client: Client, app: Quart, secret: Project) -> None:
    await client.post("/project/stars/password", {"password": "sesame"})
    other = Client(app)
    other.set_cookie("starspswd", client.cookies["starspswd"][:-2] + "xx")
    assert (await other.get("/project/stars/")).status == 302


async def test_the_cookie_of_another_account_is_refused(
    as_user: As, secret: Project, stranger: User, admin: User, client: Client
) -> None:
    await client.post("/project/stars/password", {"password": "sesame"})
    bob = as_user(stranger)
    bob.set_cookie("starspswd", client.cookies["starspswd"])
    assert (await bob.get("/project/stars/")).status == 302


async def test_a_new_password_ends_what_the_old_one_opened(
    client: Client, database: Database, settings: Settings, secret: Project
) -> None:
    await client.post("/project/stars/password", {"password": "sesame"})
    async with database.unit() as uow:
        secret.info = secret.info | {"passwd_hash": await Passwords(settings).hash("tahini")}
        await uow.session.merge(secret)
    assert (await client.get("/project/stars/")).status == 302


async def test_nobody_is_sent_to_another_site(client: Client, secret: Project) -> None:
    for elsewhere in ("https://evil.example/", "//evil.example/", "/\\evil.example"):
        answer = await client.post(f"/project/stars/password?next={elsewhere}", {"password": "sesame"})
        assert answer.location == "/project/stars/"


async def test_owners_and_administrators_need_no_password(
    as_user: As, secret: Project, owner: User, admin: User
) -> None:
    assert (await as_user(owner).get("/project/stars/")).status == 200
    assert (await as_user(admin).get("/project/stars/")).status == 200


async def test_the_name_of_a_draft_is_not_for_strangers(
    client: Client, as_user: As, owner: User, draft: Project
) -> None:
    assert "Birds" not in (await client.get("/project/birds/password")).text
    assert "Birds" in (await as_user(owner).get("/project/birds/password")).text
