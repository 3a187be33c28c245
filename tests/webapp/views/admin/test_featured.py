"""What the site puts forward (docs/contract/pages.md 5)."""

import pytest

from db.models import Project, User
from db.queries.figures.folding import fold
from db.session import Database
from tests.factories import make_project
from tests.support.client import Client
from tests.webapp.views.admin.conftest import As


@pytest.fixture
async def birds(database: Database, ann: User) -> Project:
    async with database.unit() as uow:
        project = await make_project(uow.session, ann, short_name="birds", name="Birds")
        await fold(uow.session)
        return project


async def featured(client: Client) -> list[str]:
    return [one["short_name"] for one in (await client.get("/", json=True)).json["featured"]]


async def test_a_project_is_featured_and_no_more(rita: Client, birds: Project) -> None:
    body = (await rita.get("/admin/featured", json=True)).json
    assert body["template"] == "/admin/projects.html" and list(body["form"]) == ["csrf"]
    assert {name: [one["name"] for one in some] for name, some in body["projects"].items()} == {
        "thinking": ["Birds"],
        "sensing": [],
    }
    place = f"/admin/featured/{birds.id}"
    answer = await rita.post(place, json=True)
    assert (answer.json["short_name"], answer.json["featured"]) == ("birds", True)
    assert await featured(rita) == ["birds"]
    again = await rita.post(place, json=True)
    assert (again.status, again.json) == (
        415,
        {"error": f"Project.id {birds.id} is already featured", "status_code": 415},
    )
    csrf = {"X-CSRFToken": await rita.csrf()}
    answer = await rita.api("DELETE", place, {}, headers=csrf)
    assert answer.json["featured"] is False and await featured(rita) == []
    again = await rita.api("DELETE", place, {}, headers=csrf)
    assert (again.status, again.json["error"]) == (415, f"Project.id {birds.id} is not featured")
    missing = await rita.post("/admin/featured/9999", json=True)
    assert (missing.status, missing.json) == (404, {"error": "Project.id 9999 not found", "status_code": 404})


async def test_by_the_page(rita: Client, birds: Project) -> None:
    assert "Birds" in (await rita.get("/admin/featured?query=bird")).text
    assert "No published project" in (await rita.get("/admin/featured?query=fish")).text
    answer = await rita.post(f"/admin/featured/{birds.id}")
    assert (answer.status, answer.location) == (302, "/admin/featured")
    assert await featured(rita) == ["birds"]
    await rita.post(f"/admin/featured/{birds.id}", {"featured": "no"})
    assert await featured(rita) == []


async def test_others_may_not(as_user: As, rita: Client, ann: User, birds: Project) -> None:
    hers = as_user(ann)
    assert (await hers.get("/admin/featured", json=True)).status == 403
    assert (await hers.post(f"/admin/featured/{birds.id}", json=True)).status == 403
    csrf = {"X-CSRFToken": await hers.csrf()}
    assert (await hers.api("DELETE", f"/admin/featured/{birds.id}", {}, headers=csrf)).status == 403
    assert (await rita.post(f"/admin/featured/{birds.id}", json=True, csrf=False)).status == 400
    assert await featured(rita) == []
