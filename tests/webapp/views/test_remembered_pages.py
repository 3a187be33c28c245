"""Pages whose facts are remembered for a second never show one person what is another's, nor a change too late.

Two apps on one database stand for two web processes: what one commits, the other does not hear of.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable

import pytest
from quart import Quart
from sqlalchemy import text

from db.models import Project, User
from db.queries.figures.folding import fold
from db.session import Database
from tests.factories import make_project, make_tasks, make_user
from tests.support.client import Client
from webapp.app import create_app
from webapp.config import Settings
from webapp.http.app_services import current_services
from webapp.http.cache import CACHED_S
from webapp.http.security import auth

PAGES = ("/", "/project/birds/", "/project/birds/newtask")
SignedIn = Callable[[Quart, User], Client]


@pytest.fixture
async def other(settings: Settings, clean: None) -> AsyncIterator[Quart]:
    """The second web process."""
    created = create_app(settings)
    async with created.test_app():
        yield created


@pytest.fixture
def at(settings: Settings) -> SignedIn:
    """`at(app, user)`: this account's browser, at one of the processes."""

    def signed_in(app: Quart, user: User) -> Client:
        client = Client(app)
        extension = app.extensions["QUART_AUTH"][0]
        client.set_cookie(auth.SIGN_IN_COOKIE, extension.dump_token(auth.sign_in_id(user, settings), app))
        return client

    return signed_in


@pytest.fixture
async def people(database: Database) -> tuple[User, User, User]:
    """The owner of `birds`, and two who look at it."""
    async with database.unit() as uow:
        owner = await make_user(uow.session, name="olga", fullname="Olga Owner")
        ann = await make_user(uow.session, name="ann", fullname="Ann Anders")
        ben = await make_user(uow.session, name="ben", fullname="Ben Berg")
        project = await make_project(
            uow.session, owner, short_name="birds", name="Birds", info={"task_presenter": "<p>?</p>"}
        )
        await make_tasks(uow.session, project, 3)
        await fold(uow.session)
    return owner, ann, ben


@pytest.mark.parametrize("path", PAGES)
async def test_each_sees_their_own_chrome_token_and_nonce(
    app: Quart, at: SignedIn, people: tuple[User, User, User], path: str
) -> None:
    _owner, ann, ben = people
    nobody = Client(app)
    hers, his, theirs = (await at(app, ann).get(path)), (await at(app, ben).get(path)), (await nobody.get(path))
    again = await at(app, ann).get(path)
    for answer in (hers, his, theirs, again):
        assert answer.status == 200
    menus = [re.findall(r'class="menu-who"><strong>([^<]+)', answer.text) for answer in (hers, his, theirs, again)]
    nonces = [
        found for answer in (hers, his, theirs, again) for found in {*re.findall(r'nonce="([^"]+)"', answer.text)}
    ]
    assert len(nonces) == len(set(nonces)) == 4
    if "newtask" not in path:
        assert menus == [["Ann Anders"], ["Ben Berg"], [], ["Ann Anders"]]
        tokens = [re.findall(r'data-csrf="([^"]+)"', answer.text)[0] for answer in (hers, his, theirs)]
        assert len(set(tokens)) == 3
    else:
        assert f"user:{ann.id}" in hers.text and f"user:{ann.id}" not in his.text + theirs.text


async def test_a_message_is_shown_once_and_to_its_person_alone(
    app: Quart, at: SignedIn, people: tuple[User, User, User]
) -> None:
    nobody, somebody = Client(app), Client(app)
    await somebody.get("/")
    await nobody.get("/project/new")  # sent to sign in, with a message
    await nobody.get("/project/birds/newtask")  # has no place for messages
    shown, elsewhere, again = await nobody.get("/"), await somebody.get("/"), await nobody.get("/")
    assert "Please sign in to access this page." in shown.text
    assert "Please sign in to access this page." not in elsewhere.text + again.text


async def test_who_publishes_sees_it_at_once_at_every_process_and_others_within_a_second(
    app: Quart, other: Quart, at: SignedIn, people: tuple[User, User, User], database: Database
) -> None:
    owner, ann, _ben = people
    async with database.unit() as uow:
        draft = await make_project(
            uow.session, owner, short_name="bees", name="Bees", published=False, info={"task_presenter": "<p>?</p>"}
        )
        await make_tasks(uow.session, draft, 2)
    visitor, hers = Client(other), at(other, ann)
    assert "Bees" not in (await visitor.get("/")).text
    assert (await hers.get("/project/bees/")).status == 403
    olga = at(app, owner)
    assert (await olga.post("/project/bees/publish")).status == 302
    # The same browser, whose next request comes to the other process.
    moved = at(other, owner)
    moved.set_cookie("changed", olga.cookies["changed"])
    assert "Bees" in (await moved.get("/")).text
    assert "Draft" not in (await moved.get("/project/bees/")).text
    assert "Bees" in (await Client(app).get("/")).text, "its own process has forgotten"
    await asyncio.sleep(CACHED_S)
    assert "Bees" in (await visitor.get("/")).text
    assert (await hers.get("/project/bees/")).status == 200


async def test_a_password_keeps_others_out_within_a_second_and_owners_see_their_change_without_a_cookie(
    app: Quart, other: Quart, at: SignedIn, people: tuple[User, User, User], database: Database
) -> None:
    owner, ann, _ben = people
    hers, nobody, olga = at(other, ann), Client(other), at(other, owner)
    for client in (hers, nobody, olga):
        assert (await client.get("/project/birds/")).status == 200
    async with database.unit() as uow:
        project = await uow.session.get_one(Project, 1)
        project.name, project.info = "Guarded birds", project.info | {"passwd_hash": "x"}
    assert "Guarded birds" in (await olga.get("/project/birds/")).text
    await asyncio.sleep(CACHED_S)
    for client in (hers, nobody):
        answer = await client.get("/project/birds/newtask")
        assert answer.status == 302 and "password" in (answer.location or "")
        assert (await client.get("/project/birds/")).status == 302


async def test_json_and_keys_are_never_answered_from_memory(
    app: Quart, people: tuple[User, User, User], database: Database
) -> None:
    current_services(app).pages.seconds = 60.0
    _owner, ann, _ben = people
    nobody, script = Client(app), Client(app, key=ann.api_key)
    await nobody.get("/project/birds/")
    await nobody.get("/")
    async with database.unit() as uow:
        (await uow.session.get_one(Project, 1)).name = "Renamed"
    assert "Renamed" not in (await nobody.get("/project/birds/")).text, "people are"
    assert "Renamed" not in (await nobody.get("/")).text
    assert (await nobody.get("/project/birds/", json=True)).json["project"]["name"] == "Renamed"
    assert (await nobody.get("/", json=True)).json["top_projects"][0]["name"] == "Renamed"
    assert "Renamed" in (await script.get("/project/birds/")).text
    assert "Renamed" in (await script.get("/")).text


async def test_what_is_left_is_each_contributors_own(
    app: Quart, at: SignedIn, people: tuple[User, User, User], database: Database
) -> None:
    _owner, ann, ben = people
    key = f"user:{ann.id}"
    hers, his = at(app, ann), at(app, ben)
    assert "/project/birds/newtask" in (await his.get("/project/birds/")).text
    async with database.unit() as uow:
        await uow.session.execute(
            text("""INSERT INTO assignment (task_id, project_id, contributor, state)
                    SELECT id, project_id, :who, 'counted' FROM task"""),
            {"who": key},
        )
    assert "You have answered everything" in (await hers.get("/project/birds/")).text
    assert "You have answered everything" not in (await his.get("/project/birds/")).text


async def test_each_finds_their_own_line_among_the_most_helpful(
    app: Quart, at: SignedIn, people: tuple[User, User, User]
) -> None:
    _owner, ann, ben = people
    own = re.compile(r'<tr aria-current="true">.*?/account/(\w+)/')
    for client, line in ((Client(app), []), (at(app, ann), ["ann"]), (at(app, ben), ["ben"]), (at(app, ann), ["ann"])):
        page = (await client.get("/")).text
        assert "Ann Anders" in page and own.findall(page) == line


async def test_where_they_left_off_is_each_ones_own_and_goes_when_they_may_not_see_it(
    app: Quart, at: SignedIn, people: tuple[User, User, User], database: Database
) -> None:
    owner, ann, ben = people
    async with database.unit() as uow:
        draft = await make_project(uow.session, owner, short_name="bees", name="Bees", published=False)
        await make_tasks(uow.session, draft, 2)
        for project_id, user in ((1, ann), (1, owner), (draft.id, owner)):
            await uow.session.execute(
                text("""INSERT INTO contributor_progress (project_id, contributor, user_id, n_runs)
                        VALUES (:project, :who, :user, 1)"""),
                {"project": project_id, "who": f"user:{user.id}", "user": user.id},
            )

    async def begun(client: Client) -> list[str]:
        section = (await client.get("/")).text.partition("Go on where you left off")[2].partition("</section>")[0]
        return sorted({*re.findall(r'href="/project/(\w+)/"', section)})

    for _ in range(2):
        assert await begun(at(app, ann)) == ["birds"]
        assert await begun(at(app, ben)) == []
        assert await begun(at(app, owner)) == ["bees", "birds"]
    async with database.unit() as uow:
        project = await uow.session.get_one(Project, 1)
        project.info = project.info | {"passwd_hash": "x"}
    current_services(app).pages.clear()
    assert await begun(at(app, ann)) == []
    assert await begun(at(app, owner)) == ["bees", "birds"]


async def test_what_others_write_drops_what_shows_it_and_nothing_else(
    app: Quart, at: SignedIn, people: tuple[User, User, User], database: Database
) -> None:
    pages = current_services(app).pages
    pages.seconds = 60.0
    owner, ann, _ben = people
    nobody = Client(app)
    for path in PAGES[:2]:
        await nobody.get(path)
    n_reads = pages.lookups.misses
    # A task is held for her, and her answer taken in.
    assert (await at(app, ann).get("/project/birds/newtask")).status == 200
    task = (await at(app, ann).get("/api/project/1/newtask")).json
    assert (
        await at(app, ann).api("POST", "/api/taskrun", {"project_id": 1, "task_id": task["id"], "info": 1})
    ).status == 200
    for path in PAGES[:2]:
        await nobody.get(path)
    assert pages.lookups.misses == n_reads + 1, "the project that is offered next, on her page"
    assert (await at(app, owner).api("PUT", "/api/project/1", {"name": "Renamed birds"})).status == 200
    for path in PAGES[:2]:
        assert "Renamed birds" in (await nobody.get(path)).text
