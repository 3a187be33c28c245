"""What strangers may not know, they do not learn by asking otherwise: a secret may change from one value to another,
and no answer that a stranger gets, by filter, order, words, related or statistics, changes with it (issue C)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import text, update

from db.models import Blogpost, HelpingMaterial, Page, Project, Result, Task, TaskRun, User
from db.session import Database
from tests.factories import leased_and_answered, make_project, make_tasks, make_user
from tests.support.client import Answer, Client
from webapp.api import RESOURCES
from webapp.api.resource import Resource
from webapp.services.contributing.contributing import Contributor

EARLY, LATE = "aaaasecret", "zzzzsecret"
"""Two values of every secret; the stranger's own rows have one between them, so that an order would tell."""
BETWEEN = "mmmm"
OPEN = ("category", "announcement", "favorites")
"""Resources in which nothing is secret, or that are tasks under another name."""


@dataclass(frozen=True)
class Hidden:
    """A draft, a project behind a password, and an account that shows itself to nobody."""

    draft: int
    locked: int
    account: int
    people: tuple[int, ...]


async def _content(database: Database, owner: User, volunteer: User, **values: Any) -> int:
    """A project with one of everything in it."""
    async with database.unit() as uow:
        session = uow.session
        project = await make_project(session, owner, **values)
        [task, _] = await make_tasks(session, project, 2, n_answers=1)
        await leased_and_answered(session, project, Contributor(f"user:{volunteer.id}", user_id=volunteer.id), task.id)
        of_project = {"project_id": project.id}
        session.add(Blogpost(**of_project, user_id=owner.id, title="x", body="x", published=True))
        session.add_all([HelpingMaterial(**of_project), Page(**of_project, slug="x")])
        return project.id


@pytest.fixture
async def hidden(database: Database) -> Hidden:
    async with database.unit() as uow:
        owner = await make_user(uow.session)
        volunteer = await make_user(uow.session, privacy_mode=True)
        restricted = await make_user(uow.session, restrict=True)
    locked = {"info": {"task_presenter": "x", "passwd_hash": "x", "note": "x"}}
    return Hidden(
        draft=await _content(database, owner, volunteer, published=False),
        locked=await _content(database, owner, volunteer, **locked),
        account=volunteer.id,
        people=(volunteer.id, restricted.id),
    )


@pytest.fixture
async def stranger_with_a_project(database: Database) -> User:
    """Somebody whose own rows stand between the secrets in every order."""
    async with database.unit() as uow:
        stranger = await make_user(uow.session, fullname=BETWEEN, privacy_mode=False)
        info = {"task_presenter": "x", "passwd_hash": BETWEEN, "note": BETWEEN}
        project = await make_project(uow.session, stranger, info=info, webhook=BETWEEN, secret_key=BETWEEN)
        await make_tasks(uow.session, project, 1, info={"secret": BETWEEN})
    return stranger


async def keep_secret(database: Database, hidden: Hidden, value: str, *, of_accounts: bool = True) -> None:
    """Give every secret this value."""
    projects = (hidden.draft, hidden.locked)
    info = {"secret": value, "note": value}
    async with database.unit() as uow:
        for model, values in (
            (Task, {"info": info, "priority_0": 0.1 if value == EARLY else 0.9}),
            (TaskRun, {"info": info, "media_url": value}),
            (Result, {"info": info}),
            (Blogpost, {"title": value, "body": value, "info": info}),
            (HelpingMaterial, {"media_url": value, "info": info}),
            (Page, {"slug": value, "info": info}),
        ):
            await uow.session.execute(update(model).where(model.project_id.in_(projects)).values(values))
        draft = {"name": value, "short_name": value, "description": value, "long_description": value, "info": info}
        await uow.session.execute(update(Project).where(Project.id == hidden.draft).values(draft))
        kept: dict[str, Any] = {"info": {"task_presenter": "x", "passwd_hash": value, "note": value}}
        kept |= {"webhook": value, "secret_key": value}
        await uow.session.execute(update(Project).where(Project.id == hidden.locked).values(kept))
        for number in hidden.people if of_accounts else ():
            of_account = {"email_addr": f"{value}{number}@example.com", "fullname": value, "info": info}
            of_account |= {"api_key": f"{value}{number}", "passwd_hash": value, "user_pref": {"x": value}}
            await uow.session.execute(update(User).where(User.id == number).values(of_account))
        await uow.session.execute(text("UPDATE project SET updated = created"))


@pytest.fixture
def strangers(client: Client, stranger_with_a_project: User, with_key: Callable[[User], Client]) -> list[Client]:
    return [client, with_key(stranger_with_a_project)]


def questions(resource: Resource, hidden: Hidden) -> list[str]:
    """Every way to ask a resource for what is secret in it."""
    where = f"/api/{resource.name}"
    columns = resource.columns()
    asked = [f"{where}?all=1&related=1&stats=1&full=1", f"{where}?full=1&related=1"]
    for name in columns:
        asked += [f"{where}?all=1&orderby={name}", f"{where}?all=1&{name}={EARLY}"]
    for key in ("secret", "note", "passwd_hash"):
        asked += [f"{where}?all=1&info={key}::{EARLY}", f"{where}?all=1&fulltextsearch=1&info={key}::{EARLY}"]
        asked.append(f"{where}?all=1&info=" + quote(f'{{"{key}": "{EARLY}"}}'))
    asked += [f"{where}?all=1&project_id={hidden.draft},{hidden.locked}", f"{where}?all=1&info={EARLY}"]
    return asked + [f"{where}/{number}?related=1&stats=1&full=1" for number in range(1, 5)]


def told(answer: Answer) -> tuple[int, str, str | None, str | None]:
    """All that an answer says to whoever asked."""
    return answer.status, answer.text, answer.headers.get("ETag"), answer.headers.get("Content-Length")


@pytest.mark.parametrize("resource", [one for one in RESOURCES if one.name not in OPEN], ids=lambda one: one.name)
async def test_no_answer_changes_with_a_secret(
    resource: Resource, database: Database, hidden: Hidden, strangers: list[Client]
) -> None:
    asked = questions(resource, hidden)
    before = await ask(strangers, asked, database, hidden, EARLY)
    after = await ask(strangers, asked, database, hidden, LATE)
    assert [one for one in before if before[one] != after[one]] == []


async def ask(
    strangers: list[Client], asked: list[str], database: Database, hidden: Hidden, value: str
) -> dict[tuple[int, str], Any]:
    """What each stranger is told for each question while the secrets are this value."""
    await keep_secret(database, hidden, value)
    answers = {}
    for number, client in enumerate(strangers):
        for path in asked:
            answer = await client.api("GET", path)
            assert answer.status < 500, (path, answer.text)
            # A question that is refused may be repeated in the refusal.
            assert value not in answer.text or (answer.status == 415 and value in path), (path, answer.text)
            answers[number, path] = told(answer)
    return answers


PAGES = (
    "/",
    "/project/",
    f"/project/?query={EARLY}",
    f"/search?query={EARLY}",
    "/results",
    "/stats/",
    "/project/category/thinking/",
    "/api/globalstats",
)


async def test_pages_that_list_and_search_know_no_draft(
    database: Database, hidden: Hidden, strangers: list[Client]
) -> None:
    """Pages name their volunteers, as the contract has it: this is about projects."""
    for value in (EARLY, LATE):
        await keep_secret(database, hidden, value, of_accounts=False)
        for client in strangers:
            for path in PAGES:
                shown = await client.get(path, json=True)
                found = shown.text.replace(f"query={value}", "").replace(f'"query":"{value}"', "")
                assert value not in found, path


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_a_refusal_of_a_write_is_the_same_whatever_is_there(
    method: str, database: Database, hidden: Hidden, strangers: list[Client]
) -> None:
    """Neither versions (If-Match) nor what would be wrong with the values is looked at for whoever may not write."""
    for client in strangers:
        for path in (f"/api/project/{hidden.draft}", "/api/task/1", "/api/taskrun/1", f"/api/user/{hidden.account}"):
            if method == "DELETE" and "/user/" in path:
                continue
            for headers in ({}, {"If-Match": '"guess"'}):
                answer = await client.api(method, path, {"name": 5, "nosuch": 1}, headers=headers)
                assert answer.status in (401, 403), (path, answer.text)
