"""A site with some of everything, and the walk over its routes: what the rules of the whole are tried on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from quart import Quart
from sqlalchemy import select, update
from werkzeug.routing import Rule

from db.models import (
    Announcement,
    Blogpost,
    CkanExport,
    HelpingMaterial,
    Page,
    Project,
    ProjectStats,
    TaskImport,
    User,
    Webhook,
)
from db.session import Database, UnitOfWork
from tests.factories import leased_and_answered, make_project, make_tasks, make_user
from tests.support.client import Client
from webapp.services.contributing.contributing import Contributor

ROLES = ("anonymous", "volunteer", "coowner", "owner", "admin")
STREAMS = ("/events", "/static/", "/uploads/")
TRYOUT_KEY = "crawled"
INFO = {"task_presenter": "<p>What?</p>", "tutorial": "<p>So.</p>", "results": "<p>There.</p>"}


@dataclass(frozen=True)
class Populated:
    """Who is there, and what the parts of an address may be."""

    database: Database
    people: dict[str, User]
    places: dict[str, str]
    rows: dict[str, int]
    """The row of each resource of the API."""
    project_id: int

    def path(self, rule: Rule) -> str | None:
        """An address of this rule at which there is something; None for a rule with a part that nothing here is."""
        resource_id = {"identity": self.rows.get(rule.rule.split("/")[2])} if rule.rule.startswith("/api/") else {}
        category = {"short_name": "thinking"} if rule.rule.startswith("/project/category/") else {}
        section = {"name": "task"} if rule.rule.startswith("/api/docs/") else {}
        values = self.places | category | section | resource_id
        path = rule.rule
        for name in rule.arguments:
            if values.get(name) is None:
                return None
            for written in (f"<int:{name}>", f"<path:{name}>", f"<{name}>"):
                path = path.replace(written, quote(str(values[name]), safe=""))
        return path

    async def restore(self) -> None:
        """Names as they were, so that addresses go on leading where they did."""
        async with self.database.unit() as uow:
            name = {"short_name": self.places["short_name"], "info": INFO, "published": True, "webhook": None}
            name |= {"paused": False, "tryout_key": TRYOUT_KEY}
            await uow.session.execute(update(Project).where(Project.id == self.project_id).values(**name))
            for person in self.people.values():
                named = {"name": person.name, "email_addr": person.email_addr, "locale": "en", "admin": person.admin}
                await uow.session.execute(update(User).where(User.id == person.id).values(**named))


async def populate(database: Database, short_name: str = "bees") -> Populated:
    """A published project with a row of everything, a draft, an announcement; the owner is no administrator."""
    async with database.unit() as uow:
        people = {role: await make_user(uow.session, name=role, admin=role == "admin") for role in ROLES[1:]}
        spare = await make_user(uow.session, name="spare")
        owner, coowner, volunteer = people["owner"], people["coowner"], people["volunteer"]
        project = await make_project(
            uow.session, owner, short_name=short_name, owners_ids=[owner.id, coowner.id], info=INFO, zip_download=True
        )
        project.tryout_key = TRYOUT_KEY
        await make_project(uow.session, owner, short_name="draft", published=False, info={})
        rows = await _rows(uow, project, people)
        answered = Contributor(f"user:{volunteer.id}", user_id=volunteer.id)
        run = await leased_and_answered(uow.session, project, answered, rows["task"])
        stats = select(ProjectStats.id).where(ProjectStats.project_id == project.id)
        rows["projectstats"] = (await uow.session.scalars(stats)).one()
    places: dict[str, object] = {"short_name": short_name, "key": short_name, "part": "results", "name": "owner"}
    places |= {"project_id": project.id, "task_id": rows["task"], "post_id": rows["blogpost"]}
    places |= {"import_id": rows["import"], "export_id": rows["export"], "webhook_id": rows["webhook"]}
    places |= {"user_name": "coowner", "token": "run-out"}
    places |= {"provider": "twitter", "bucket": "No-Bucket", "number": 1, "window": 3}
    places |= {"category_id": 1, "announcement_id": rows["announcement"], "user_id": spare.id}
    places |= {"subject": "project", "subject_id": project.id, "tryout_key": TRYOUT_KEY, "kind": "missed"}
    assert run.run_id is not None
    rows |= {"project": project.id, "taskrun": run.run_id, "result": run.result_id or 0, "favorites": rows["task"]}
    rows |= {"user": volunteer.id, "category": 1}
    return Populated(database, people, {name: str(value) for name, value in places.items()}, rows, project.id)


async def _rows(uow: UnitOfWork, project: Project, people: dict[str, User]) -> dict[str, int]:
    owner = people["owner"]
    of_project = {"project_id": project.id}
    made: dict[str, Any] = {
        "blogpost": Blogpost(**of_project, user_id=owner.id, title="News", body="Half way", published=True),
        "announcement": Announcement(title="News", body="We are here", published=True, user_id=people["admin"].id),
        "helpingmaterial": HelpingMaterial(**of_project),
        "page": Page(**of_project, slug="about"),
        "export": CkanExport(**of_project, user_id=owner.id, kind="task", state="done"),
        "import": TaskImport(**of_project, user_id=owner.id, source="csv", options={}, state="done"),
        "webhook": Webhook(**of_project, payload={"event": "task_completed"}, response_status_code=200),
    }
    uow.session.add_all(made.values())
    [made["task"], *_rest] = await make_tasks(uow.session, project, 12, n_answers=1)
    await uow.session.flush()
    return {name: row.id for name, row in made.items()}


def clients(app: Quart, site: Populated, signed_in: Callable[[User], Client]) -> dict[str, Client]:
    """A browser for each role."""
    return {"anonymous": Client(app)} | {role: signed_in(person) for role, person in site.people.items()}


def routes(app: Quart) -> Iterator[tuple[Rule, Any]]:
    """Every route with its view, but for those of files."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: one.rule):
        view = app.view_functions[rule.endpoint]
        if hasattr(view, "workbee_route"):
            yield rule, view


def pages(app: Quart, site: Populated) -> Iterator[str]:
    """The addresses of all pages, but for those that change something."""
    for rule, view in routes(app):
        path = site.path(rule)
        if path is None or "GET" not in (rule.methods or ()) or view.workbee_route.mutating_get:
            continue
        if not view.workbee_route.api and not path.endswith(STREAMS):
            yield path
