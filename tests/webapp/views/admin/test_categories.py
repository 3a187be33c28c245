"""Categories, as administrators look after them (docs/contract/pages.md 5)."""

from sqlalchemy import select

from db.models import AdminAction, Category, User
from db.queries.figures.folding import fold
from db.session import Database
from tests.factories import make_project
from tests.support.client import Client
from tests.webapp.views.admin.conftest import As

LIST = "/admin/categories"


async def names(database: Database) -> list[str]:
    async with database.unit(read_only=True) as uow:
        return list((await uow.session.scalars(select(Category.short_name).order_by(Category.id))).all())


async def recorded(database: Database) -> list[tuple[str, str, str]]:
    async with database.unit(read_only=True) as uow:
        found = await uow.session.scalars(select(AdminAction).order_by(AdminAction.id))
        return [(one.admin_name, one.action, one.subject_name) for one in found]


async def test_the_list_has_the_number_of_their_published_projects(rita: Client, database: Database, ann: User) -> None:
    async with database.unit() as uow:
        await make_project(uow.session, ann, short_name="birds")
        await make_project(uow.session, ann, short_name="bees", published=False)
        await fold(uow.session)
    body = (await rita.get(LIST, json=True)).json
    assert (body["template"], body["title"]) == ("admin/categories.html", "Categories")
    assert body["n_projects_per_category"] == {"thinking": 1, "sensing": 0}
    assert [one["short_name"] for one in body["categories"]] == ["thinking", "sensing"]
    assert body["form"]["name"] is None and body["form"]["csrf"]


async def test_one_is_added_changed_and_deleted(rita: Client, database: Database) -> None:
    body = (await rita.post(LIST, {"name": "Art Work", "description": "art"}, json=True)).json
    assert (body["flash"], body["status"]) == ("Category added", "success")
    assert [one["short_name"] for one in body["categories"]] == ["thinking", "sensing", "artwork"]
    number = body["categories"][-1]["id"]
    shown = (await rita.get(f"{LIST}/update/{number}", json=True)).json
    assert (shown["template"], shown["form"]["id"], shown["form"]["name"]) == (
        "admin/update_category.html",
        number,
        "Art Work",
    )
    changed = await rita.post(f"{LIST}/update/{number}", {"id": number, "name": "Arts", "description": "a"}, json=True)
    assert changed.json == {"next": LIST, "flash": "Category updated", "status": "success"}
    asked = (await rita.get(f"{LIST}/del/{number}", json=True)).json
    assert (asked["template"], asked["category"]["name"]) == ("admin/del_category.html", "Arts")
    gone = await rita.post(f"{LIST}/del/{number}", json=True)
    assert gone.json == {"next": LIST, "flash": "Category deleted", "status": "success"}
    assert await names(database) == ["thinking", "sensing"]
    assert await recorded(database) == [("root", verb, "artwork") for verb in ("add", "change", "delete")]


async def test_names_that_cannot_be_had_are_told_at_their_field(rita: Client, database: Database) -> None:
    for name in ("", "Thinking", "Featured", "x" * 3000):
        body = (await rita.post(LIST, {"name": name, "description": "d"}, json=True)).json
        assert body["status"] == "error" and list(body["form"]["errors"]) == ["name"], name
    body = (await rita.post(f"{LIST}/update/2", {"name": "Thinking", "description": "d"}, json=True)).json
    assert list(body["form"]["errors"]) == ["name"]
    assert await names(database) == ["thinking", "sensing"] and await recorded(database) == []


async def test_one_with_projects_stays_and_so_does_the_only_one(rita: Client, database: Database, ann: User) -> None:
    async with database.unit() as uow:
        await make_project(uow.session, ann, short_name="bees", published=False)
    body = (await rita.post(f"{LIST}/del/1", json=True)).json
    assert (body["next"], body["status"]) == (LIST, "warning") and "has projects" in body["flash"]
    assert "Projects are in it" in (await rita.get(f"{LIST}/del/1")).text
    await rita.post(f"{LIST}/del/2", json=True)
    body = (await rita.post(f"{LIST}/del/1", json=True)).json
    assert body["status"] == "warning" and "only category" in body["flash"]
    assert await names(database) == ["thinking"]
    assert (await rita.post(f"{LIST}/del/99", json=True)).status == 404


async def test_others_may_not(as_user: As, ann: User, database: Database) -> None:
    hers = as_user(ann)
    for path in (LIST, f"{LIST}/update/1", f"{LIST}/del/1"):
        assert (await hers.get(path, json=True)).status == 403
        assert (await hers.post(path, {"name": "x", "description": "y"}, json=True)).status == 403
    assert await names(database) == ["thinking", "sensing"]
