"""Lists of projects (docs/contract/pages.md 4.1)."""

import pytest

from db.models import Category, Project, User
from db.session import Database
from tests.factories import leased_and_answered, make_category, make_project, make_tasks, make_user
from tests.support.client import Answer, Client
from tests.webapp.views.project.conftest import As
from webapp.actor import Actor
from webapp.config import Settings
from webapp.services.contributing.contributing import contributor_of


def names(answer: Answer) -> list[str]:
    return [one["short_name"] for one in answer.json["projects"]]


@pytest.fixture
async def category_row(database: Database, owner: User) -> Category:
    """A category with two public projects, a draft, a protected one, and one of somebody who is shown to nobody."""
    async with database.unit() as uow:
        category = await make_category(uow.session, name="Sky", short_name="sky")
        shy = await make_user(uow.session, restrict=True)
        common = {"category_id": category.id}
        await make_project(uow.session, owner, short_name="comets", name="Comets", **common)
        await make_project(uow.session, owner, short_name="moons", name="Moons", description="Craters", **common)
        await make_project(uow.session, owner, short_name="drafted", published=False, **common)
        await make_project(uow.session, owner, short_name="closed", info={"passwd_hash": "x"}, **common)
        await make_project(uow.session, shy, short_name="hidden", **common)
        return category


async def test_a_category_lists_what_is_public(client: Client, category_row: Category) -> None:
    answer = await client.get("/project/category/sky/", json=True)
    assert sorted(names(answer)) == ["comets", "moons"]
    body = answer.json
    assert (body["template"], body["title"]) == ("/projects/index.html", "Projects")
    assert (body["count"], body["active_cat"]["short_name"]) == (2, "sky")
    assert body["pagination"] == {"page": 1, "per_page": 20, "total": 2, "next": False, "prev": False}
    assert {one["short_name"] for one in body["categories"]} == {"thinking", "sensing", "sky"}
    first = body["projects"][0]
    assert first["owner"] == "Ada Owner"
    assert not {"secret_key", "webhook"} & first.keys()


async def test_the_home_page_has_the_list_of_each_category(
    client: Client, database: Database, owner: User, category_row: Category
) -> None:
    async with database.unit() as uow:
        for _ in range(11):
            await make_project(uow.session, owner, category_id=category_row.id)
    by_category = (await client.get("/", json=True)).json["categories_projects"]
    listed = names(await client.get("/project/category/sky/", json=True))
    assert len(listed) == 13
    assert {name: [one["short_name"] for one in shown] for name, shown in by_category.items()} == {"sky": listed}


async def test_the_page_shows_cards_and_the_other_shelves(client: Client, category_row: Category) -> None:
    text = (await client.get("/project/category/sky/")).text
    assert 'href="/project/comets/"' in text and 'href="/project/category/thinking/"' in text


async def test_an_unknown_category_is_not_there(client: Client) -> None:
    assert (await client.get("/project/category/nowhere/", json=True)).status == 404


async def test_lists_go_on_by_pages_and_end_empty(client: Client, category_row: Category) -> None:
    answer = await client.get("/project/category/sky/page/2/", json=True)
    assert (answer.status, names(answer)) == (200, [])
    assert (await client.get("/project/category/sky/page/999999/", json=True)).status == 200


@pytest.mark.parametrize("shelf_name", ["", "category/sky/", "category/draft/", "category/historical_contributions/"])
async def test_no_list_has_a_page_of_a_number_that_no_database_holds(
    as_user: As, admin: User, category_row: Category, shelf_name: str
) -> None:
    for number in (2**62, 10**40):
        assert (await as_user(admin).get(f"/project/{shelf_name}page/{number}/", json=True)).status == 404


async def test_a_list_is_ordered_as_asked(client: Client, category_row: Category) -> None:
    upwards = await client.get("/project/category/sky/?orderby=name", json=True)
    downwards = await client.get("/project/category/sky/?orderby=name&desc=1", json=True)
    assert (names(upwards), names(downwards)) == (["comets", "moons"], ["moons", "comets"])
    assert (await client.get("/project/category/sky/?orderby=secret_key", json=True)).status == 200


async def test_words_find_projects(client: Client, category_row: Category) -> None:
    assert names(await client.get("/project/?query=craters", json=True)) == ["moons"]
    nothing = await client.get("/project/?query=zeppelin")
    assert nothing.status == 200 and "Nothing found" in nothing.text
    odd = await client.get("/project/?query=%00%27%22%3Cb%3E%25_", json=True)
    assert odd.status == 200


async def test_featured_projects_have_a_shelf(client: Client, database: Database, category_row: Category) -> None:
    nothing = await client.get("/project/category/featured/", json=True)
    assert nothing.json["next"].startswith("/project/category/")
    async with database.unit() as uow:
        await make_project(uow.session, await make_user(uow.session), short_name="best", featured=True)
    answer = await client.get("/project/category/featured/", json=True)
    assert (names(answer), answer.json["active_cat"]["short_name"]) == (["best"], "featured")
    assert answer.json["categories"][0] == answer.json["active_cat"]
    assert answer.json["active_cat"]["description"] == "Featured projects"


async def test_drafts_are_for_administrators(
    client: Client, as_user: As, admin: User, stranger: User, category_row: Category
) -> None:
    path = "/project/category/draft/"
    answer = await as_user(admin).get(path, json=True)
    assert names(answer) == ["drafted"]
    assert "by Ada Owner" in (await as_user(admin).get(path)).text
    assert "by Ada Owner" not in (await client.get("/project/category/sky/")).text
    draft, *others = answer.json["categories"]
    assert draft == answer.json["active_cat"]
    assert (draft["id"], draft["short_name"], draft["description"]) == (None, "draft", "Draft projects")
    assert "draft" not in {one["short_name"] for one in others}
    assert (await as_user(stranger).get(path, json=True)).status == 403
    assert (await client.get(path, json=True)).location == "/account/signin?next=" + path


async def test_one_finds_again_what_one_has_helped(
    client: Client, as_user: As, database: Database, stranger: User, project: Project, category_row: Category
) -> None:
    path = "/project/category/historical_contributions/"
    bob = as_user(stranger)
    assert names(await bob.get(path, json=True)) == []
    async with database.unit() as uow:
        who = contributor_of(Actor(user_id=stranger.id, contributor=f"user:{stranger.id}"), project.id)
        [task] = await make_tasks(uow.session, project, 1)
        await leased_and_answered(uow.session, project, who, task.id)
    answer = await bob.get(path, json=True)
    assert (names(answer), answer.json["count"]) == (["stars"], 1)
    assert answer.json["active_cat"]["description"] == "Projects previously contributed to"
    [shown], [at_home] = answer.json["projects"], (await bob.get("/", json=True)).json["historical_contributions"]
    for one in (shown, at_home):
        assert one.pop("last_activity").endswith(" ago")
    assert shown == at_home and shown["project_id"] == project.id and shown["last_contribution"] > shown["created"]
    assert (shown["allow_anonymous_contributors"], shown["zip_download"], shown["contacted"]) == (True, True, False)
    assert not {"secret_key", "webhook"} & shown.keys()
    assert (await client.get(path, json=True)).status == 302


async def test_an_order_asked_for_holds_on_the_next_page(
    client: Client, database: Database, owner: User, settings: Settings
) -> None:
    async with database.unit() as uow:
        for _ in range(settings.projects_per_page + 1):
            await make_project(uow.session, owner)
    text = (await client.get("/project/?orderby=name&desc=1")).text
    assert 'href="/project/page/2/?orderby=name&amp;desc=1"' in text
