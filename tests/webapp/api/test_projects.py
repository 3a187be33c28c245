"""/api/project (docs/contract/api.md 2.1)."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from db.models import Auditlog, Category, Project, Task, User
from db.session import Database
from tests.factories import leased_and_answered, make_project
from tests.support.client import Client
from webapp.services.contributing.contributing import Contributor

NEW = {"name": "New", "short_name": "new1", "description": "Something new"}
PUBLIC = {
    *("id", "description", "info", "name", "short_name", "created", "category_id", "long_description", "updated"),
    *("featured", "owner_id", "owners_ids", "link", "links"),
}
SECRETS = {"secret_key", "webhook", "contacted", "published", "zip_download", "allow_anonymous_contributors"}


@pytest.fixture
async def secretive(database: Database, owner: User) -> Project:
    """A project with something to hide."""
    info = {"task_presenter": "<p></p>", "passwd_hash": "hash", "onesignal": "x", "private": 1}
    async with database.unit() as uow:
        return await make_project(uow.session, owner, info=info, webhook="http://example.org/hook")


async def test_others_see_what_is_public_and_owners_all_but_the_password(
    client: Client, as_stranger: Client, as_owner: Client, as_admin: Client, project: Project, secretive: Project
) -> None:
    for other in (client, as_stranger):
        seen = (await other.api("GET", f"/api/project/{project.id}")).json
        assert set(seen) == PUBLIC
        assert set(seen["info"]) == {
            *("container", "thumbnail", "thumbnail_url", "task_presenter", "tutorial", "sched"),
        }
        assert seen["links"][0].startswith("<link rel='category' title='category' href='http://localhost/api/category/")
    for insider in (as_owner, as_admin):
        seen = (await insider.api("GET", f"/api/project/{secretive.id}")).json
        assert set(seen) >= PUBLIC | SECRETS
        assert seen["info"] == {"task_presenter": "<p></p>", "onesignal": "x", "private": 1}


@pytest.mark.parametrize("column", ["secret_key", "webhook", "contacted"])
async def test_others_learn_nothing_by_searching_and_sorting(
    client: Client, as_owner: Client, secretive: Project, column: str
) -> None:
    for caller in (client, as_owner):
        for query in (f"{column}=x", f"orderby={column}"):
            assert (await caller.api("GET", f"/api/project?all=1&{query}")).status == 415


async def test_a_password_hides_the_project_itself(client: Client, as_stranger: Client, secretive: Project) -> None:
    for other, status in ((client, 401), (as_stranger, 403)):
        assert (await other.api("GET", f"/api/project/{secretive.id}?stats=1")).status == status
        assert (await other.api("GET", f"/api/project?all=1&stats=1&id={secretive.id}")).json == []


async def test_info_is_no_oracle_for_others(client: Client, project: Project, secretive: Project) -> None:
    for query in ("info=passwd_hash::hash", 'info={"passwd_hash":"hash"}', "info=private::1"):
        assert (await client.api("GET", f"/api/project?{query}")).json == []
    assert len((await client.api("GET", "/api/project?info=task_presenter::<p>What is this?</p>")).json) == 1


async def test_drafts_are_for_their_owners(
    client: Client, as_owner: Client, as_stranger: Client, database: Database, owner: User
) -> None:
    async with database.unit() as uow:
        draft = await make_project(uow.session, owner, published=False)
    assert (await client.api("GET", "/api/project")).json == []
    assert (await client.api("GET", f"/api/project/{draft.id}")).status == 401
    assert (await as_stranger.api("GET", f"/api/project/{draft.id}")).status == 403
    assert [one["id"] for one in (await as_owner.api("GET", "/api/project")).json] == [draft.id]


async def test_boolean_columns_filter(client: Client, database: Database, owner: User) -> None:
    async with database.unit() as uow:
        featured = await make_project(uow.session, owner, featured=True)
        plain = await make_project(uow.session, owner)
    for word, found in (("true", featured), ("1", featured), ("false", plain), ("No", plain)):
        assert [one["id"] for one in (await client.api("GET", f"/api/project?featured={word}")).json] == [found.id]
    assert (await client.api("GET", "/api/project?featured=perhaps")).json["exception_cls"] == "DataError"


async def test_whose_projects_are_listed_is_not_for_owner_id_to_say(
    client: Client, as_stranger: Client, project: Project, owner: User
) -> None:
    assert (await as_stranger.api("GET", f"/api/project?owner_id={owner.id}")).json == []
    assert len((await client.api("GET", f"/api/project?owner_id={owner.id}")).json) == 1
    assert (await client.api("GET", "/api/project?owner_id=99")).json == []
    assert len((await client.api("GET", "/api/project?owner_id=99&all=1")).json) == 1


async def test_statistics_come_along_if_asked_for(client: Client, project: Project, tasks: list[Task]) -> None:
    one = (await client.api("GET", f"/api/project/{project.id}?stats=1")).json
    listed = (await client.api("GET", f"/api/project?short_name={project.short_name}&stats=1")).json[0]
    assert one["stats"]["n_tasks"] == listed["stats"]["n_tasks"] == 3
    assert one["stats"]["last_activity"] == "0"


async def test_creating_a_draft(as_stranger: Client, stranger: User, database: Database) -> None:
    made = await as_stranger.api("POST", "/api/project", NEW | {"info": {"task_presenter": "x"}, "link": "y"})
    assert made.status == 200
    assert made.json["owner_id"] == stranger.id and made.json["owners_ids"] == [stranger.id]
    assert made.json["published"] is False and made.json["secret_key"] and made.json["category_id"]
    assert "link" not in made.json
    async with database.unit(read_only=True) as uow:
        (line,) = (await uow.session.scalars(select(Auditlog))).all()
    assert (line.action, line.caller, line.attribute) == ("create", "api", "project")


@pytest.mark.parametrize(
    ("payload", "status", "kind"),
    [
        (NEW | {"nope": 1}, 415, "TypeError"),
        (NEW | {"id": 5}, 400, "BadRequest"),
        (NEW | {"secret_key": "x"}, 400, "BadRequest"),
        (NEW | {"published": True}, 403, "Forbidden"),
        (NEW | {"category_id": 999}, 400, "BadRequest"),
        (NEW | {"short_name": "new"}, 415, "ValueError"),
        (NEW | {"short_name": "a/b"}, 415, "ValueError"),
        (NEW | {"name": ""}, 415, "DBIntegrityError"),
        (NEW | {"info": [1]}, 415, "DataError"),
        (NEW | {"info": None}, 415, "DataError"),
        (NEW | {"name": "x" * 256}, 415, "DataError"),
        (NEW | {"name": {"a": 1}}, 415, "DataError"),
        (NEW | {"name": "a\x00b"}, 415, "DataError"),
        ({"name": "only a name"}, 415, "DBIntegrityError"),
        ([1], 415, "TypeError"),
    ],
)
async def test_what_no_project_can_be_made_of(as_stranger: Client, payload: Any, status: int, kind: str) -> None:
    answer = await as_stranger.api("POST", "/api/project", payload)
    assert (answer.status, answer.json["exception_cls"]) == (status, kind)
    assert (answer.json["action"], answer.json["target"], answer.json["status_code"]) == ("POST", "project", status)
    assert "\n" not in answer.json["exception_msg"], "the row itself is nobody's business"
    assert (await as_stranger.api("GET", "/api/project")).json == []


async def test_bodies_that_are_no_json(as_stranger: Client) -> None:
    said = await as_stranger.raw("POST", "/api/project", b"not json", {"Content-Type": "application/json"})
    assert (said.status, said.json["code"]) == (400, 400)
    unsaid = await as_stranger.raw("POST", "/api/project", b"not json", {})
    assert (unsaid.status, unsaid.json["exception_cls"]) == (415, "ValueError")
    assert (await as_stranger.raw("POST", "/api/project", b"", {})).status == 415


async def test_names_are_unique(as_stranger: Client, as_owner: Client, project: Project) -> None:
    taken = await as_stranger.api("POST", "/api/project", NEW | {"short_name": project.short_name})
    assert (taken.status, taken.json["exception_cls"]) == (415, "DBIntegrityError")
    other = (await as_owner.api("POST", "/api/project", NEW)).json
    changed = await as_owner.api("PUT", f"/api/project/{other['id']}", {"name": project.name})
    assert (changed.status, changed.json["exception_cls"]) == (415, "DBIntegrityError")


async def test_strangers_neither_create_nor_change_nor_delete(
    client: Client, as_stranger: Client, project: Project
) -> None:
    assert (await client.api("POST", "/api/project", NEW)).status == 401
    path = f"/api/project/{project.id}"
    for caller, status in ((client, 401), (as_stranger, 403)):
        assert (await caller.api("PUT", path, {"description": "x"})).status == status
        assert (await caller.api("DELETE", path)).status == status


async def test_arguments_of_a_write_name_columns(as_stranger: Client) -> None:
    answer = await as_stranger.api("POST", "/api/project?nosuch=1", NEW)
    assert (answer.status, answer.json["exception_cls"]) == (415, "AttributeError")


async def test_given_keys_change_and_the_rest_stays(as_owner: Client, project: Project, database: Database) -> None:
    path = f"/api/project/{project.id}"
    whole = (await as_owner.api("GET", f"{path}?stats=1")).json
    kept = {
        key: value
        for key, value in whole.items()
        if key not in ("id", "created", "updated", "completed", "contacted", "published", "secret_key")
    }
    changed = await as_owner.api("PUT", path, kept | {"description": "better", "info": whole["info"] | {"more": 1}})
    assert changed.status == 200 and changed.json["description"] == "better"
    assert changed.json["info"] == {"task_presenter": "<p>What is this?</p>", "more": 1}
    assert changed.json["name"] == project.name and changed.json["published"] is True
    async with database.unit(read_only=True) as uow:
        lines = {line.attribute for line in await uow.session.scalars(select(Auditlog))}
    assert lines == {"description", "more"}


async def test_what_has_an_action_of_its_own_is_not_written_here(
    as_owner: Client, secretive: Project, stranger: User, database: Database, owner: User
) -> None:
    guarded = {"owner_id": stranger.id, "owners_ids": [stranger.id], "featured": True, "info": {"onesignal": "mine"}}
    assert (await as_owner.api("PUT", f"/api/project/{secretive.id}", guarded)).status == 200
    async with database.unit(read_only=True) as uow:
        after = await uow.session.get_one(Project, secretive.id)
    assert (after.owner_id, after.owners_ids, after.featured) == (owner.id, [owner.id], False)
    assert after.info == {"onesignal": "x", "passwd_hash": "hash"}


async def test_a_co_owner_may_change_it(
    with_key: Callable[[User], Client], database: Database, project: Project, stranger: User
) -> None:
    async with database.unit() as uow:
        row = await uow.session.get_one(Project, project.id)
        row.owners_ids = [*row.owners_ids, stranger.id]
    answer = await with_key(stranger).api("PUT", f"/api/project/{project.id}", {"description": "ours"})
    assert answer.json["description"] == "ours"


async def test_deleting(as_owner: Client, client: Client, project: Project, tasks: list[Task]) -> None:
    answer = await as_owner.api("DELETE", f"/api/project/{project.id}")
    assert (answer.status, answer.content) == (204, b"")
    assert (await as_owner.api("GET", f"/api/project/{project.id}")).status == 404
    assert (await client.api("GET", "/api/task")).json == []


async def test_a_project_with_results_stays(
    as_owner: Client, as_admin: Client, database: Database, project: Project, tasks: list[Task]
) -> None:
    async with database.unit() as uow:
        for name in ("ann", "ben"):
            await leased_and_answered(
                uow.session, project, Contributor(f"anon:{name}", user_ip="10.0.0.1"), tasks[0].id
            )
    for caller in (as_owner, as_admin):
        assert (await caller.api("DELETE", f"/api/project/{project.id}")).status == 403


async def test_another_category(as_owner: Client, project: Project, database: Database) -> None:
    async with database.unit(read_only=True) as uow:
        last = (await uow.session.scalars(select(Category.id).order_by(Category.id.desc()))).first()
    path = f"/api/project/{project.id}"
    assert (await as_owner.api("PUT", path, {"category_id": last})).json["category_id"] == last
    assert (await as_owner.api("PUT", path, {"category_id": 999})).status == 400
