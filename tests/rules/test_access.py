"""Every route, as everybody, at a published project, a draft and one behind a password: who is let in is who the policy
table lets in (issue C)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from quart import Quart
from sqlalchemy import select
from werkzeug.routing import Rule

from db.models import Announcement, Blogpost, HelpingMaterial, Page, ProjectStats, User
from db.session import Database
from tests.factories import leased_and_answered, make_project, make_tasks, make_user
from tests.support.client import Answer, Client
from webapp.actor import ANONYMOUS, Actor
from webapp.api.resource import Resource
from webapp.http.page import Route
from webapp.policies import Action, Facts, about_project, can
from webapp.services.contributing.contributing import Contributor

ROLES = ("anonymous", "user", "coowner", "owner", "admin")
KINDS = ("open", "draft", "locked")


@dataclass(frozen=True)
class Place:
    """A project of one kind, with a row of everything, and what the policy table may know of them."""

    values: dict[str, Any]
    """What the parts of an address are here."""
    rows: dict[str, int]
    """The row of each resource."""
    facts: Facts


@dataclass(frozen=True)
class World:
    places: dict[str, Place]
    clients: dict[str, Client]
    actors: dict[str, Actor]


async def _place(database: Database, people: dict[str, User], kind: str) -> Place:
    """The author of its posts and answers is `user`."""
    owner, coowner, user = people["owner"], people["coowner"], people["user"]
    info = {"task_presenter": "<p>?</p>"} | ({"passwd_hash": "x"} if kind == "locked" else {})
    async with database.unit() as uow:
        session = uow.session
        project = await make_project(
            session,
            owner,
            short_name=kind,
            published=kind != "draft",
            owners_ids=[owner.id, coowner.id],
            info=info,
            zip_download=True,
        )
        [task, done] = await make_tasks(
            session, project, 2, n_answers=1, fav_user_ids=[one.id for one in people.values()]
        )
        run = await leased_and_answered(session, project, Contributor(f"user:{user.id}", user_id=user.id), done.id)
        of_project = {"project_id": project.id}
        post = Blogpost(**of_project, user_id=user.id, title="News", body="…", published=True)
        others = [HelpingMaterial(**of_project), Page(**of_project, slug="x")]
        session.add_all([post, *others])
        await session.flush()
        material, page = others
        stats = (await session.execute(select(ProjectStats).where(ProjectStats.project_id == project.id))).scalar_one()
        rows: dict[str, Any] = {"project": project, "task": task, "blogpost": post, "helpingmaterial": material}
        rows |= {"page": page, "projectstats": stats, "favorites": task}
        ids = {name: row.id for name, row in rows.items()} | {"taskrun": run.run_id, "result": run.result_id}
        values = {"short_name": kind, "key": str(project.id), "project_id": project.id, "task_id": task.id}
        values |= {"post_id": post.id, "part": "tutorial"}
        facts = replace(about_project(project), user_id=user.id, content_published=True, ready=True)
        return Place(values, ids, facts)


@pytest.fixture
async def world(app: Quart, database: Database, with_key: Callable[[User], Client]) -> World:
    return await make_world(app, database, with_key)


async def make_world(app: Quart, database: Database, with_key: Callable[[User], Client]) -> World:
    async with database.unit() as uow:
        people = {name: await make_user(uow.session, name=name, admin=name == "admin") for name in ROLES[1:]}
        shown = Announcement(title="News", body="…", published=True, user_id=people["admin"].id)
        uow.session.add(shown)
        spare = await make_user(uow.session, name="spare")
        await uow.session.flush()
        category = 1
        everywhere = {"announcement": shown.id, "category": category, "user": people["user"].id}
    places = {kind: await _place(database, people, kind) for kind in KINDS}
    for place in places.values():
        place.rows.update(everywhere)
        place.values.update({"name": "user", "user_name": "user", "number": 1, "window": 3, "provider": "twitter"})
        place.values.update({"category_id": category, "announcement_id": shown.id, "user_id": spare.id})
        place.values.update({"subject": "project", "subject_id": place.values["project_id"], "kind": "missed"})
    actors = {name: Actor(user_id=one.id, name=name, admin=one.admin) for name, one in people.items()}
    clients = {name: with_key(one) for name, one in people.items()}
    return World(places, clients | {"anonymous": Client(app)}, actors | {"anonymous": ANONYMOUS})


UNFILLED = {"static.static", "uploads.uploaded"}
"""Files, which are everybody's who knows their address."""
NOTHING_TO_READ = frozenset(
    {
        "/project/<short_name>/<int:post_id>/update",
        "/account/confirm-email",
        "/admin/newsletter/export",
        "/account/newsletter",
        "/account/register/confirmation",
        "/account/save_metadata/<name>",
        "/account/register/provider",
        "/account/reset-password",
        "/account/signin/<provider>",
        "/account/signin/<provider>/callback",
        "/account/signin/link",
        "/api/auth/project/<short_name>/token",
        "/api/disqus/sso",
        "/api/token/<provider>",
        "/unsubscribe",
    }
)
"""Addresses that answer to nobody here: what they need (a key of the project, a link that was mailed,
another service) is not there."""
RESET_KEY = "/account/<name>/resetapikey"
SHOWN_BEFORE_THEY_ARE_REFUSED = {
    ("coowner", "/project/<short_name>/new-blogpost"),
    *((role, RESET_KEY) for role in ("coowner", "owner")),
}
"""The contract shows these a form, which holds a token of their own session, and refuses what they send
(docs/contract/pages.md 3 and 4.5)."""
OF_NO_PLACE = {
    "/account/<name>/security/passkeys/<int:passkey_id>/remove",
    "/account/<name>/security/sessions/<int:session_id>/end",
    "/account/<token>/otpvalidation",
    "/admin/invitations/<int:invitation_id>/delete",
    "/admin/report/<int:report_id>/close",
    "/admin/rq/<int:job_id>/drop",
    "/admin/rq/<int:job_id>/retry",
    "/project/<short_name>/try/<tryout_key>",
    "/amazon/bucket/<bucket>",
    "/project/<short_name>/tasks/export/<int:export_id>",
    "/project/<short_name>/tasks/export/<int:export_id>/events",
    "/project/<short_name>/tasks/import/<int:import_id>",
    "/project/<short_name>/tasks/import/<int:import_id>/events",
    "/project/<short_name>/webhook/<int:webhook_id>",
}
"""Passkeys, sessions, sign-ins half done, invitations, reports, jobs, links to drafts, buckets, exports elsewhere,
imports and calls of webhooks, which their own tests make and try as others."""
ONE_S_OWN = {("DELETE", "/api/favorites/<int:identity>")}
"""One's own mark is taken back wherever it is."""


def routes(app: Quart) -> Iterator[tuple[Rule, Route, Resource | None]]:
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: one.rule):
        view: Any = app.view_functions[rule.endpoint]
        if rule.endpoint not in UNFILLED:
            yield rule, view.workbee_route, getattr(view, "workbee_resource", None)


def address(rule: Rule, place: Place, resource: Resource | None) -> str | None:
    """The rule's path at this place; None where it has a part that is of no project."""
    values = dict(place.values) | ({"identity": place.rows[resource.name]} if resource else {})
    if rule.rule.startswith("/project/category/"):
        values["short_name"] = "thinking"
    if rule.arguments - values.keys():
        return None
    path = rule.rule
    for name in rule.arguments:
        for written in (f"<int:{name}>", f"<{name}>"):
            path = path.replace(written, str(values[name]))
    return path


def refused(answer: Answer) -> bool:
    """Turned away: by a status, to sign in, or to the password."""
    if answer.status in (401, 403):
        return True
    if answer.status == 302:
        return "/account/signin" in str(answer.location) or "/password" in str(answer.location)
    is_json = answer.headers.get("Content-Type") == "application/json" and answer.status == 200
    body = answer.json if is_json and answer.content else None
    return isinstance(body, dict) and str(body.get("next", "")).split("?")[0].endswith("/password")


def allows(world: World, place: Place, role: str, action: Action) -> bool:
    """What the policy table says. The project has a result, in which its only answer counts."""
    of_results = action in (Action.PROJECT_DELETE, Action.TASKRUN_UPDATE, Action.TASKRUN_DELETE)
    facts = replace(place.facts, has_results=True, in_result=True) if of_results else place.facts
    return can(world.actors[role], action, facts)


def visits(app: Quart, world: World) -> Iterator[tuple[Rule, Route, Resource | None, str, Place, str]]:
    """Every route at every place that makes a difference, as everybody."""
    for rule, route, resource in routes(app):
        for kind, place in world.places.items():
            path = address(rule, place, resource)
            of_a_project = rule.arguments & {"short_name", "key", "project_id", "identity"}
            if path is None or (kind != "open" and not of_a_project):
                continue
            everybody = ROLES if kind == "open" else ("anonymous", "user", "coowner")
            for role in everybody if of_a_project else ("anonymous", "user", "admin"):
                yield rule, route, resource, path, place, role


async def test_who_may_read(app: Quart, world: World) -> None:
    wrong = []
    for rule, route, _resource, path, place, role in visits(app, world):
        if "GET" not in (rule.methods or ()) or route.mutating_get or rule.rule in NOTHING_TO_READ:
            continue
        answer = await world.clients[role].get(path, headers={"Accept": "application/json"})
        allowed = (role, rule.rule) in SHOWN_BEFORE_THEY_ARE_REFUSED or allows(world, place, role, route.action)
        if allowed != (answer.status < 400 and not refused(answer)):
            wrong.append((role, path, answer.status, answer.text[:100]))
    assert wrong == []


async def test_who_may_not_change(app: Quart, world: World) -> None:
    """Whoever is refused is so before anything is read of what they sent."""
    tokens = {role: await client.csrf() for role, client in world.clients.items()}
    wrong = []
    for rule, route, resource, path, place, role in visits(app, world):
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if (method == "GET" and not route.mutating_get) or (method, rule.rule) in ONE_S_OWN:
                continue
            if allows(world, place, role, action_of(method, route, resource)):
                continue
            sent = body_of(place, resource) if method == "POST" else {}
            answer = await world.clients[role].api(method, path, sent, headers={"X-CSRFToken": tokens[role]})
            if not refused(answer):
                wrong.append((role, method, path, answer.status, answer.text[:100]))
    assert wrong == []


async def test_who_may_change_a_row(app: Quart, world: World) -> None:
    wrong = []
    for rule, _route, resource, path, place, role in visits(app, world):
        if resource is None or "PUT" not in (rule.methods or ()):
            continue
        answer = await world.clients[role].api("PUT", path, {})
        if (answer.status == 200) != allows(world, place, role, resource.update_action):
            wrong.append((role, path, answer.status, answer.text[:100]))
    assert wrong == []


def action_of(method: str, route: Route, resource: Resource | None) -> Action:
    """What is done by this method."""
    if resource is None or resource.name == "favorites":
        return route.action
    actions = {"POST": "create_action", "PUT": "update_action", "DELETE": "delete_action"}
    action: Action = getattr(resource, actions[method])
    return action


def body_of(place: Place, resource: Resource | None) -> dict[str, Any]:
    """As much of a row as says what it belongs to."""
    if resource is None:
        return {}
    names = {"task_id"} if resource.name == "favorites" else resource.columns().keys() - resource.reserved
    return {name: place.values[name] for name in ("project_id", "task_id") if name in names}


def test_every_route_is_visited(app: Quart, world: World) -> None:
    place = world.places["open"]
    left = {rule.rule for rule, _, resource in routes(app) if address(rule, place, resource) is None}
    assert left == OF_NO_PLACE


TO_LOOK = frozenset(action for action in Action if "view" in action.rpartition(".")[2].split("_"))
"""Actions of reading a page."""
PASSWORD = "/project/<short_name>/password"
"""Sent by those who are not let in yet."""


def test_what_changes_something_is_not_an_action_of_reading(app: Quart) -> None:
    """A route has one action, by which the tests above try all its methods: a page that some read and others change is
    two views at one address."""
    wrong = [
        f"{method} {rule.rule}: {action.value}"
        for rule, route, resource in routes(app)
        for method in sorted((rule.methods or set()) - {"GET", "HEAD", "OPTIONS"})
        if (action := action_of(method, route, resource)) in TO_LOOK and rule.rule != PASSWORD
    ]
    assert wrong == []
