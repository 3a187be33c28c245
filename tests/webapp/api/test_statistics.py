"""/api/projectstats and /api/globalstats (docs/contract/api.md 2.11 and 2.12)."""

import pytest

from db.models import Project, Task, User
from db.queries.figures.folding import fold
from db.session import Database
from tests.factories import leased_and_answered, make_project
from tests.support.client import Client
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
