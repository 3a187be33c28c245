"""Every page is valid HTML, for every kind of viewer: parsed by a parser that forgives nothing."""

from collections.abc import Callable

import pytest
from quart import Quart

from db.models import User
from db.session import Database
from tests.factories import leased_and_answered, make_project, make_tasks, make_user
from tests.support.client import Client
from tests.support.documents import assert_valid
from webapp.services.contributing.contributing import Contributor

ANYBODY = (
    "/",
    "/about",
    "/search",
    "/help/",
    "/help/api",
    "/api/docs",
    "/api/docs/task",
    "/api/docs/pages-project",
    "/help/license",
    "/help/privacy",
    "/help/terms-of-use",
    "/stats/",
    "/leaderboard/",
    "/announcements/",
    "/account/",
    "/project/",
    "/project/?query=project",
    "/project/category/thinking/",
    "/account/owner/",
    "/project/bees/",
    "/project/bees/tasks/",
    "/project/bees/tasks/browse",
    "/project/bees/stats",
    "/project/bees/results",
    "/project/bees/blog",
    "/project/bees/newtask",
    "/project/bees/tutorial",
    "/project/bees/task/1",
)
SIGNED_OUT = ("/account/signin", "/account/register", "/account/forgot-password")
OWNERS = (
    "/account/owner/update",
    "/account/owner/projects",
    "/project/new",
    "/project/category/historical_contributions/",
    "/project/bees/settings",
    "/project/bees/update",
    "/project/bees/coowners",
    "/project/bees/transferownership",
    "/project/bees/publish",
    "/project/bees/new-blogpost",
    "/project/bees/tasks/import",
    "/project/bees/tasks/import?type=csv",
    "/project/bees/tasks/import?type=localCSV",
    "/project/bees/tasks/settings",
    "/project/bees/tasks/redundancy",
    "/project/bees/tasks/scheduler",
    "/project/bees/tasks/priority",
    "/project/bees/tasks/delete",
    "/project/bees/tasks/taskpresentereditor",
    "/project/draft/",
    "/project/draft/tasks/taskpresentereditor",
)
ERRORS = {"/nosuch": 404, "/project/draft/": 401, "/project/draft/settings": 302}


@pytest.fixture
async def owner(database: Database) -> User:
    """An owner of a project with answers, and of an empty draft; an administrator, being the first."""
    async with database.unit() as uow:
        owner = await make_user(uow.session, name="owner", fullname="An <Owner> & Co", admin=True)
        info = {"task_presenter": "<p>What?</p>", "tutorial": "<p>So.</p>"}
        project = await make_project(uow.session, owner, short_name="bees", name="Bees <& co>", info=info)
        [task, *_rest] = await make_tasks(uow.session, project, 12, n_answers=1)
        volunteer = Contributor(f"user:{owner.id}", user_id=owner.id)
        await leased_and_answered(uow.session, project, volunteer, task.id)
        await make_project(uow.session, owner, short_name="draft", published=False, info={})
    return owner


async def check(client: Client, paths: tuple[str, ...]) -> None:
    for path in paths:
        answer = await client.get(path)
        assert answer.status == 200, (path, answer.status, answer.location)
        assert_valid(path, answer.text)


async def test_pages_for_anybody(client: Client, owner: User) -> None:
    await check(client, ANYBODY + SIGNED_OUT)


async def test_pages_for_owners(as_user: Callable[[User], Client], owner: User) -> None:
    await check(as_user(owner), ANYBODY + OWNERS)


async def test_pages_of_errors(client: Client, owner: User) -> None:
    for path, status in ERRORS.items():
        answer = await client.get(path)
        assert answer.status == status
        if status >= 400:
            assert_valid(path, answer.text)


async def test_names_by_people_are_text(client: Client, owner: User, app: Quart) -> None:
    for path in ("/project/bees/", "/account/owner/", "/project/"):
        text = (await client.get(path)).text
        assert "<& co>" not in text and "An <Owner>" not in text


async def test_a_page_that_is_new_has_no_projects(client: Client) -> None:
    await check(client, ("/", "/project/", "/leaderboard/", "/stats/", "/account/"))
