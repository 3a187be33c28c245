"""Every way in which somebody may be let in, after everything that ends one: what is alive is what should be."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from quart import Quart

from db.models import Project, User
from db.session import UnitOfWork
from tests.factories import make_project, make_tasks, make_user
from tests.support.client import Client
from webapp.config import Settings
from webapp.http.security import auth
from webapp.services.accounts import recovery
from webapp.services.accounts.passwords import Passwords

OLD, NEW = "honey and wax", "wax and honey"
CHOSEN = {"new_password": NEW, "confirm": NEW}
CHANGE = {"btn": "Password", "current_password": OLD} | CHOSEN
PROFILE = {"btn": "Profile", "fullname": "Ann Bee", "name": "ann", "email_addr": "ann@example.com", "locale": "en"}
UPDATE = "/account/ann/update"
ELSEWHERE = {"session elsewhere", "frame of session elsewhere"}
OF_KEY = {"API key", "frame of API key"}


@dataclass
class World:
    app: Quart
    ann: User
    here: Client
    """The browser in which things are done."""
    alive: dict[str, Callable[[], Awaitable[bool]]]
    """Each credential as it was in the beginning, and whether it still lets somebody in."""
    link: str

    async def post(self, path: str, data: dict[str, Any]) -> None:
        answer = await self.here.post(path, data, json=True)
        assert answer.status == 200 and answer.json.get("status") != "error", answer.text


async def is_signed_in(client: Client) -> bool:
    return "user" in (await client.get("/account/profile", json=True)).json


@pytest.fixture
async def project(uow: UnitOfWork) -> Project:
    owner = await make_user(uow.session)
    made = await make_project(uow.session, owner, short_name="stars")
    await make_tasks(uow.session, made, 3)
    await uow.session.commit()
    return made


@pytest.fixture
async def world(
    app: Quart, uow: UnitOfWork, settings: Settings, project: Project, as_user: Callable[[User], Client]
) -> World:
    ann = await make_user(
        uow.session,
        name="ann",
        fullname="Ann Bee",
        email_addr="ann@example.com",
        passwd_hash=await Passwords(settings).hash(OLD),
    )
    await uow.session.commit()
    here, elsewhere = as_user(ann), as_user(ann)
    key = str(ann.api_key)
    copy = Client(app)
    for name, value in here.cookies.items():
        copy.set_cookie(name, value)

    async def token_of(client: Client) -> str:
        return str((await client.get("/project/stars/frame-token", json=True)).json["token"])

    def draws(token: str) -> Callable[[], Awaitable[bool]]:
        bearer = {"Authorization": f"Bearer {token}"}

        async def drawn() -> bool:
            return (await Client(app).get(f"/api/project/{project.id}/newtask", headers=bearer)).status == 200

        return drawn

    async def key_works() -> bool:
        return (await Client(app, key=key).get("/api/favorites")).status == 200

    link = f"/account/reset-password?key={recovery.new_token(ann, settings)}"

    async def link_works() -> bool:
        return (await Client(app).get(link, json=True)).status == 200

    alive = {
        "copy of this session": lambda: is_signed_in(copy),
        "frame of this session": draws(await token_of(here)),
        "session elsewhere": lambda: is_signed_in(elsewhere),
        "frame of session elsewhere": draws(await token_of(elsewhere)),
        "API key": key_works,
        "frame of API key": draws(await token_of(Client(app, key=key))),
        "recovery link": link_works,
    }
    return World(app, ann, here, alive, link)


async def sign_out(world: World) -> None:
    await world.here.get("/account/signout", json=True)


async def change_password(world: World) -> None:
    await world.post(UPDATE, CHANGE)


async def change_password_but_keep_key(world: World) -> None:
    await world.post(UPDATE, CHANGE | {"keep_api_key": True})


async def follow_recovery_link(world: World) -> None:
    assert (await Client(world.app).post(world.link, CHOSEN, json=True)).json["status"] == "success"


async def restrict(world: World) -> None:
    await world.post(UPDATE, PROFILE | {"restrict": True})


async def restrict_by_key(world: World) -> None:
    client = Client(world.app, key=world.ann.api_key)
    assert (await client.api("PUT", f"/api/user/{world.ann.id}", {"restrict": True})).status == 200


async def change_address(world: World) -> None:
    await world.post(UPDATE, PROFILE | {"email_addr": "bee@example.com", "current_password": OLD})


async def make_a_new_key(world: World) -> None:
    await world.post("/account/ann/resetapikey", {})


async def delete_the_account(world: World) -> None:
    await world.here.post("/account/ann/delete", json=True)


EVENTS: list[tuple[Callable[[World], Awaitable[None]], set[str], bool]] = [
    (sign_out, ELSEWHERE | OF_KEY | {"recovery link"}, False),
    (change_password, set(), True),
    (change_password_but_keep_key, {"API key"}, True),
    (follow_recovery_link, set(), False),
    (restrict, set(), True),
    (restrict_by_key, {"API key"}, False),
    (change_address, {"copy of this session", "frame of this session"} | ELSEWHERE | OF_KEY, True),
    (make_a_new_key, {"copy of this session", "frame of this session", "recovery link"} | ELSEWHERE, True),
    (delete_the_account, set(), False),
]
"""What happens, which credentials are still good after it, and whether the browser in which it was done stays signed
in."""


async def test_all_are_alive_at_first(world: World) -> None:
    assert [name for name, works in world.alive.items() if not await works()] == []


@pytest.mark.parametrize(("event", "survivors", "stays"), EVENTS)
async def test_what_an_event_ends(
    world: World, event: Callable[[World], Awaitable[None]], survivors: set[str], stays: bool
) -> None:
    assert await world.alive["session elsewhere"](), "it is known here by now"

    await event(world)

    assert {name for name, works in world.alive.items() if await works()} == survivors
    assert await is_signed_in(world.here) == stays


async def test_a_frame_s_token_that_has_ended_makes_nobody_of_its_volunteer(world: World, project: Project) -> None:
    token = (await world.here.get("/project/stars/frame-token", json=True)).json["token"]
    bearer = {"Authorization": f"Bearer {token}"}
    task = (await Client(world.app).get(f"/api/project/{project.id}/newtask", headers=bearer)).json
    await change_password(world)

    run = {"project_id": project.id, "task_id": task["id"], "info": "late"}
    refused = await Client(world.app).api("POST", "/api/taskrun", run, headers=bearer)

    assert (refused.status, refused.json["exception_cls"]) == (401, "Unauthorized")


async def test_a_volunteer_who_joins_leaves_no_token_behind(app: Quart, project: Project) -> None:
    browser = Client(app)
    await browser.get("/project/stars/newtask")
    token = (await browser.get("/project/stars/frame-token", json=True)).json["token"]
    path, bearer = f"/api/project/{project.id}/newtask", {"Authorization": f"Bearer {token}"}
    assert (await Client(app).get(path, headers=bearer)).status == 200

    joined = {"fullname": "Bea Bee", "name": "bea", "email_addr": "bea@example.com", "password": OLD, "confirm": OLD}
    assert (await browser.post("/account/register", joined, json=True)).json["status"] == "success"

    assert (await Client(app).get(path, headers=bearer)).status == 401
    assert "volunteer" not in browser.cookies


async def test_sessions_of_before_they_had_numbers_go_on_and_end(
    app: Quart, world: World, as_user: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.http.security.auth.sign_in_id", unnumbered)
    browser = as_user(world.ann)
    copy = Client(app)
    for name, value in browser.cookies.items():
        copy.set_cookie(name, value)
    assert await is_signed_in(copy)

    await browser.get("/account/signout", json=True)

    assert not await is_signed_in(copy)


def unnumbered(user: User, settings: Settings) -> str:
    return f"{user.id}.{auth._stamp(user, settings)}"
