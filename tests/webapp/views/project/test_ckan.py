"""Export to a CKAN site: the real client against a server that answers as one (docs/contract/jobs.md 7)."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import pytest
from quart import Quart
from sqlalchemy import select, text

from db.models import CkanExport, Project, User
from db.session import Database
from tests.factories import leased_and_answered, make_tasks
from tests.support.ckan import KEY, CkanSite
from tests.support.client import Client
from tests.support.listening import listening
from tests.webapp.views.project.conftest import As
from webapp.config import Settings
from webapp.http.app_services import EXTENSION
from webapp.integrations.outbound import Outbound, OutboundError
from webapp.services.contributing.contributing import Contributor
from webapp.services.exporting import ckan

PAGE = "/project/stars/tasks/export"
Run = Callable[[int], Awaitable[CkanExport]]


@pytest.fixture
async def site() -> AsyncIterator[CkanSite]:
    made = CkanSite()
    async with listening(made.answer) as made.port:
        yield made


@pytest.fixture
def settings(settings: Settings, site: CkanSite) -> Settings:
    given = {"ckan_url": site.url, "ckan_name": "Open Bees", "outbound_allow": (ip_network("127.0.0.1/32"),)}
    return settings.model_copy(update=given)


@pytest.fixture
async def keyed(database: Database, owner: User) -> User:
    async with database.unit() as uow:
        await uow.session.execute(text("UPDATE users SET ckan_api = :key WHERE id = :id"), {"key": KEY, "id": owner.id})
    return owner


@pytest.fixture
async def run(database: Database, settings: Settings) -> AsyncIterator[Run]:
    """Do what waits, as the worker does."""
    outbound = Outbound(settings.outbound_allow)

    async def done(export_id: int) -> CkanExport:
        await ckan.run(database, outbound, settings, export_id)
        async with database.unit(read_only=True) as uow:
            return await uow.session.get_one(CkanExport, export_id)

    yield done
    await outbound.close()


async def begun(client: Client, kind: str) -> int:
    answer = await client.post(f"{PAGE}/ckan?response_format=json", {"type": kind})
    return int(answer.json["export"])


async def test_rows_of_every_kind_are_a_resource_of_the_project_s_package(
    as_user: As, keyed: User, database: Database, project: Project, site: CkanSite, run: Run
) -> None:
    async with database.unit() as uow:
        [task] = await make_tasks(uow.session, project, 1, n_answers=1)
        await leased_and_answered(uow.session, project, Contributor("ip:1.2.3.4", user_ip="1.2.3.4"), task.id)
    hers = as_user(keyed)
    for kind, n_rows in (("task", 4), ("task_run", 1), ("result", 1)):
        ended = await run(await begun(hers, kind))
        assert (ended.state, ended.n_total, ended.n_sent, ended.error) == ("done", n_rows, n_rows, None)
        assert len(site.rows_of(kind)) == n_rows
    package = site.packages["stars"]
    assert (package["title"], package["author"], len(site.packages)) == ("Stars", "Ada Owner", 1)
    assert {one["name"] for one in site.resources.values()} == {"task", "task_run", "result"}
    row = site.rows_of("task")[0]
    types = {one["id"]: one["type"] for one in next(iter(site.fields.values()))}
    assert row.keys() == types.keys() and isinstance(row["info"], dict)
    assert (types["id"], types["info"], types["created"]) == ("bigint", "json", "timestamp")
    assert "contributor" not in site.rows_of("task_run")[0]


async def test_it_is_done_again_without_doubling_anything(
    as_user: As, keyed: User, database: Database, project: Project, site: CkanSite, run: Run
) -> None:
    hers = as_user(keyed)
    await run(await begun(hers, "task"))
    async with database.unit() as uow:
        await uow.session.execute(text("UPDATE project SET name = 'Suns' WHERE id = :id"), {"id": project.id})
    await run(await begun(hers, "task"))
    assert len(site.packages) == len(site.resources) == 1 and len(site.rows_of("task")) == 3
    assert site.packages["stars"]["title"] == "Suns" and "package_update" not in site.asked


async def test_rows_are_sent_some_at_a_time(
    as_user: As, keyed: User, database: Database, project: Project, site: CkanSite, run: Run
) -> None:
    async with database.unit() as uow:
        await make_tasks(uow.session, project, 497)
    ended = await run(await begun(as_user(keyed), "task"))
    assert ended.n_sent == 500 and site.chunks == [200, 200, 100] and len(site.rows_of("task")) == 500


@pytest.mark.parametrize(
    ("action", "status", "error", "told"),
    [
        ("package_show", 403, {"message": "Access denied"}, "Access denied"),
        ("package_create", 409, {"__type": "x", "name": ["Must be 2 characters"]}, "Must be 2 characters"),
        ("datastore_create", 400, "bad", "400"),
    ],
)
async def test_what_the_site_refuses_is_told(
    as_user: As,
    keyed: User,
    project: Project,
    site: CkanSite,
    run: Run,
    action: str,
    status: int,
    error: Any,
    told: str,
) -> None:
    site.refusals[action] = (status, error)
    hers = as_user(keyed)
    ended = await run(await begun(hers, "task"))
    assert ended.state == "failed" and told in (ended.error or "")
    assert told in (await hers.get(f"{PAGE}/{ended.id}")).text


async def test_what_may_pass_is_tried_again(
    as_user: As, keyed: User, project: Project, site: CkanSite, run: Run
) -> None:
    number = await begun(as_user(keyed), "task")
    site.refusals["datastore_upsert"] = (503, "away")
    with pytest.raises(OutboundError):
        await run(number)
    del site.refusals["datastore_upsert"]
    assert (await run(number)).state == "done" and len(site.rows_of("task")) == 3


async def test_one_at_a_time(as_user: As, keyed: User, project: Project) -> None:
    hers = as_user(keyed)
    assert await begun(hers, "task") == await begun(hers, "task") != await begun(hers, "result")


async def test_the_key_is_nowhere_but_in_the_account(
    as_user: As, keyed: User, database: Database, project: Project, run: Run
) -> None:
    await begun(as_user(keyed), "task")
    async with database.unit(read_only=True) as uow:
        kept = str((await uow.session.execute(text("SELECT * FROM ckan_export"))).all())
        kept += str((await uow.session.execute(text("SELECT * FROM procrastinate_jobs"))).all())
    assert KEY not in kept


async def test_who_may(
    as_user: As, owner: User, stranger: User, project: Project, client: Client, database: Database
) -> None:
    hers = as_user(owner)
    assert (await hers.get(f"{PAGE}?type=task&format=ckan")).status == 415, "without a key"
    assert (await hers.post(f"{PAGE}/ckan", {"type": "task"})).status == 415
    text_shown = (await hers.get(PAGE)).text
    assert "write your key of Open Bees" in text_shown
    assert (await as_user(stranger).post(f"{PAGE}/ckan", {"type": "task"})).status == 403
    assert "Open Bees" not in (await client.get(PAGE)).text
    async with database.unit(read_only=True) as uow:
        assert (await uow.session.scalars(select(CkanExport))).all() == []


async def test_its_pages_are_the_project_s_owners(
    as_user: As, keyed: User, stranger: User, project: Project, run: Run
) -> None:
    hers = as_user(keyed)
    number = await begun(hers, "task")
    for rest in ("", "/events"):
        assert (await as_user(stranger).get(f"{PAGE}/{number}{rest}")).status == 403
        assert (await hers.get(f"{PAGE}/999{rest}")).status == 404
    await run(number)
    assert '"state":"done"' in (await hers.get(f"{PAGE}/{number}/events")).text
    body = (await hers.get(f"{PAGE}/{number}", json=True)).json
    assert body["progress"]["n_sent"] == 3 and body["package_url"].endswith("/dataset/stars")
    assert (await hers.get(f"{PAGE}?type=task&format=ckan")).status == 200
    assert (await hers.get(f"{PAGE}?type=other&format=ckan")).status == 404
    assert (await hers.post(f"{PAGE}/ckan", {"type": "other"})).status == 404


async def test_project_pages_say_where_the_package_is(
    as_user: As, owner: User, project: Project, app: Quart, site: CkanSite
) -> None:
    hers, keys = as_user(owner), {"ckan_name": "Open Bees", "ckan_url": site.url, "ckan_pkg_name": "stars"}
    for path in ("/project/stars/", "/project/stars/settings"):
        body = (await hers.get(path, json=True)).json
        assert {name: body[name] for name in keys} == keys
    services = app.extensions[EXTENSION]
    without = services.settings.model_copy(update={"ckan_url": None})
    app.extensions[EXTENSION] = replace(services, settings=without)
    assert not keys.keys() & (await hers.get("/project/stars/", json=True)).json.keys()
    assert (await hers.get(f"{PAGE}?type=task&format=ckan")).status == 415
