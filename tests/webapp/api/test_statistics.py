"""/api/projectstats and /api/globalstats (docs/contract/api.md 2.11 and 2.12)."""

import pytest

from db.models import Project, Task, User
from db.queries.figures.folding import fold
from db.session import Database
from tests.factories import leased_and_answered, make_project
from tests.support.client import Client
from tests.support.invariants import breaches
from webapp.services.contributing.contributing import Contributor


@pytest.fixture
async def answered(database: Database, project: Project, tasks: list[Task]) -> None:
    """The first of three tasks is complete by two of two answers, and has a third."""
    async with database.unit() as uow:
        for name in ("ann", "ben", "cat"):
            await leased_and_answered(
                uow.session, project, Contributor(f"anon:{name}", user_ip="10.0.0.1"), tasks[0].id
            )
        await fold(uow.session)


@pytest.mark.usefixtures("answered")
async def test_numbers_of_a_project(client: Client, project: Project) -> None:
    (stats,) = (await client.api("GET", "/api/projectstats")).json
    assert (stats["n_tasks"], stats["n_task_runs"], stats["n_completed_tasks"], stats["n_volunteers"]) == (3, 3, 1, 3)
    assert stats["overall_progress"] == 33 and stats["last_activity"].startswith("20")
    assert stats["info"] == {} and "refreshed_at" not in stats
    assert stats["links"][0].endswith(f"/api/project/{project.id}'/>")
    full = (await client.api("GET", f"/api/projectstats?project_id={project.id}&full=1")).json[0]
    one = (await client.api("GET", f"/api/projectstats/{stats['id']}?full=1")).json
    assert set(full["info"]) == set(one["info"]) == {"hours_stats", "dates_stats", "users_stats"}


async def test_users_of_a_project_s_own_app_are_neither_anonymous_nor_authenticated(
    client: Client, database: Database, project: Project, tasks: list[Task], owner: User
) -> None:
    who = [
        Contributor("anon:ann", user_ip="10.0.0.1"),
        Contributor(f"user:{owner.id}", user_id=owner.id),
        *(Contributor(f"ext:{project.id}:{uid}", external_uid=uid) for uid in ("x", "y")),
    ]
    async with database.unit() as uow:
        for one in who:
            for task in tasks[:2]:
                await leased_and_answered(uow.session, project, one, task.id)
        await fold(uow.session)
        assert await breaches(uow.session, project.id) == []
    (row,) = (await client.api("GET", "/api/projectstats?full=1")).json
    page = (await client.get(f"/project/{project.short_name}/stats", json=True)).json
    shares = page["userStats"]
    assert [(shares[kind]["users"], shares[kind]["taskruns"]) for kind in ("anonymous", "authenticated")] == [
        (1, 2),
        (1, 2),
    ]
    assert [one["values"][-1][1] for one in row["info"]["dates_stats"][:3]] == [8, 2, 2]
    assert (row["info"]["users_stats"]["n_anon"], row["info"]["users_stats"]["n_auth"]) == (2, 2)
    assert (row["n_volunteers"], page["n_volunteers"], page["project"]["n_volunteers"]) == (2, 2, 2)


@pytest.mark.usefixtures("answered")
async def test_statistics_are_the_same_wherever_they_are_read(client: Client, project: Project) -> None:
    """On the page, by themselves, and with the project, which has the whole row."""
    page = (await client.get(f"/project/{project.short_name}/stats", json=True)).json
    (row,) = (await client.api("GET", "/api/projectstats?full=1")).json
    (listed,) = (await client.api("GET", "/api/project?stats=1")).json
    read = (await client.api("GET", f"/api/project/{project.id}?stats=1")).json
    alone = {name: value for name, value in row.items() if name not in ("link", "links")}
    assert listed["stats"] == read["stats"] == alone
    shown = page["projectStats"]
    assert row["info"]["dates_stats"] == shown["dayStats"] and row["info"]["hours_stats"] == shown["hourStats"]
    users = row["info"]["users_stats"]
    assert (users["users"], users["anon"], users["auth"]) == tuple(
        shown[name] for name in ("userStats", "userAnonStats", "userAuthStats")
    )
    assert round(row["average_time"], 2) == page["avg_contrib_time"] > 0
    for name in ("n_tasks", "n_volunteers", "n_completed_tasks", "overall_progress"):
        assert row[name] == page[name], name


async def test_numbers_of_drafts_are_for_their_owners(
    client: Client, as_owner: Client, database: Database, owner: User
) -> None:
    async with database.unit() as uow:
        await make_project(uow.session, owner, published=False)
    assert (await client.api("GET", "/api/projectstats")).json == []
    (stats,) = (await as_owner.api("GET", "/api/projectstats")).json
    assert stats["last_activity"] == "0"
    assert (await client.api("GET", f"/api/projectstats/{stats['id']}")).status == 401


async def test_nobody_writes_numbers(client: Client, as_admin: Client, project: Project) -> None:
    (stats,) = (await client.api("GET", "/api/projectstats")).json
    for caller, status in ((client, 401), (as_admin, 403)):
        assert (await caller.api("POST", "/api/projectstats", {})).status == status
        assert (await caller.api("PUT", f"/api/projectstats/{stats['id']}", {"n_tasks": 9})).status == status
        assert (await caller.api("DELETE", f"/api/projectstats/{stats['id']}")).status == status


@pytest.mark.usefixtures("answered")
async def test_numbers_of_the_site(client: Client, database: Database, owner: User) -> None:
    async with database.unit() as uow:
        await make_project(uow.session, owner, published=False)
        await make_project(uow.session, owner, featured=True)
        await fold(uow.session)
    assert (await client.api("GET", "/api/globalstats")).json == {
        "n_projects": 3,
        "n_users": 4,
        "n_tasks": 6,
        "n_task_runs": 3,
        "n_pending_tasks": 4,
        "n_results": 0,
        "categories": [{"thinking": 2}, {"sensing": 0}, {"featured": 1}, {"draft": 1}],
    }
    assert (await client.api("POST", "/api/globalstats", {})).status == 405
