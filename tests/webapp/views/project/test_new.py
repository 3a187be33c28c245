"""Starting a project (docs/contract/pages.md 4)."""

from sqlalchemy import select

from db.models import Auditlog, Category, Project, User
from db.session import Database
from tests.support.client import Client
from tests.webapp.views.project.conftest import As

NEW = {"name": "Owls", "short_name": "owls", "long_description": "**Where** do owls sleep?"}


async def found(database: Database, short_name: str) -> Project | None:
    async with database.unit(read_only=True) as uow:
        return (await uow.session.scalars(select(Project).where(Project.short_name == short_name))).one_or_none()


async def test_a_project_begins_as_a_draft_of_its_owner(as_user: As, database: Database, owner: User) -> None:
    answer = await as_user(owner).post("/project/new", NEW, json=True)
    assert (answer.json["next"], answer.json["status"]) == ("/project/owls/update", "success")
    project = await found(database, "owls")
    assert project is not None
    assert (project.owner_id, project.owners_ids, project.published) == (owner.id, [owner.id], False)
    assert (project.description, project.info) == ("Where do owls sleep?", {})
    async with database.unit(read_only=True) as uow:
        first = (await uow.session.scalars(select(Category.id).order_by(Category.id).limit(1))).one()
        audit = (await uow.session.scalars(select(Auditlog))).one()
    assert project.category_id == first
    assert (audit.action, audit.old_value, audit.new_value) == ("create", "Nothing", "New project")


async def test_a_form_does_it_too_and_leads_on(as_user: As, database: Database, owner: User) -> None:
    answer = await as_user(owner).post("/project/new", NEW | {"description": "About owls"})
    assert (answer.status, answer.location) == (302, "/project/owls/update")
    project = await found(database, "owls")
    assert project is not None and project.description == "About owls"


async def test_json_of_the_form(as_user: As, owner: User) -> None:
    body = (await as_user(owner).get("/project/new", json=True)).json
    assert (body["template"], body["title"], body["errors"]) == ("projects/new.html", "Create a Project", False)
    assert body["form"].keys() == {"name", "short_name", "description", "long_description", "errors", "csrf"}


async def test_what_is_missing_is_told_at_its_field(as_user: As, database: Database, owner: User) -> None:
    body = (await as_user(owner).post("/project/new", {"name": "Owls"}, json=True)).json
    assert (body["errors"], body["flash"], body["status"]) == (True, "Please correct the errors", "error")
    assert body["form"]["errors"].keys() == {"short_name", "long_description"}
    assert await found(database, "owls") is None


async def test_names_are_taken_once(as_user: As, owner: User, project: Project) -> None:
    ada = as_user(owner)
    same = (await ada.post("/project/new", NEW | {"short_name": "stars"}, json=True)).json
    assert same["form"]["errors"] == {"short_name": ["Short name is already taken"]}
    same = (await ada.post("/project/new", NEW | {"name": "Stars"}, json=True)).json
    assert same["form"]["errors"] == {"name": ["Name is already taken"]}


async def test_a_short_name_can_stand_in_an_address(as_user: As, database: Database, owner: User) -> None:
    ada = as_user(owner)
    for wrong in ("new", "category", "a/b", "a b", "a#b", "a?b", "a%2fb", "..", ".", "a\tb", "a\\b"):
        body = (await ada.post("/project/new", NEW | {"short_name": wrong}, json=True)).json
        assert "short_name" in body["form"]["errors"], wrong
        assert await found(database, wrong) is None


async def test_letters_of_any_script_are_welcome(as_user: As, owner: User) -> None:
    ada = as_user(owner)
    answer = await ada.post("/project/new", NEW | {"short_name": "ptáci-鳥"})
    assert (answer.status, answer.location) == (302, "/project/pt%C3%A1ci-%E9%B3%A5/update")
    page = await ada.get("/project/pt%C3%A1ci-%E9%B3%A5/")
    assert page.status == 200


async def test_a_description_of_a_picture_alone_is_the_name(as_user: As, database: Database, owner: User) -> None:
    await as_user(owner).post("/project/new", NEW | {"long_description": "![](https://example.org/owl.png)"})
    project = await found(database, "owls")
    assert project is not None and project.description == "Owls"


async def test_a_long_text_is_cut_for_the_description(as_user: As, database: Database, owner: User) -> None:
    await as_user(owner).post("/project/new", NEW | {"long_description": "owl " * 100})
    project = await found(database, "owls")
    assert project is not None and project.description.endswith("...") and len(project.description) == 255


async def test_what_a_row_cannot_hold_is_told_at_its_field(as_user: As, owner: User) -> None:
    body = (await as_user(owner).post("/project/new", NEW | {"name": "O\x00wls"}, json=True)).json
    assert "name" in body["form"]["errors"]


async def test_without_signing_in_there_is_no_new_project(client: Client, database: Database) -> None:
    answer = await client.post("/project/new", NEW)
    assert (answer.status, answer.location) == (302, "/account/signin?next=/project/new")
    assert await found(database, "owls") is None


async def test_without_a_token_nothing_is_made(as_user: As, database: Database, owner: User) -> None:
    assert (await as_user(owner).post("/project/new", NEW, csrf=False)).status == 400
    assert await found(database, "owls") is None
