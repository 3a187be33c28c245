"""The administration's first page, its record, and the last seven days (docs/contract/pages.md 5)."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from db.errors import DatabaseError
from db.models import User
from db.queries.figures.folding import fold
from db.session import Database
from tests.factories import leased_and_answered, make_project, make_tasks
from tests.support.client import Client
from tests.webapp.views.admin.conftest import As
from webapp.services.contributing.contributing import Contributor

TODAY = datetime.now(UTC).date()


async def answer(database: Database, contributor: Contributor, owner: User, *, name: str, days_ago: int = 0) -> None:
    """An answer of that day, to a task of a project of its own."""
    async with database.unit() as uow:
        project = await make_project(uow.session, owner, short_name=name, name=name)
        (task,) = await make_tasks(uow.session, project, 1)
        made = await leased_and_answered(uow.session, project, contributor, task.id)
        if days_ago:
            then = {"days": days_ago, "run": made.run_id}
            for column in ("created", "finish_time"):
                move = f"UPDATE task_run SET {column} = {column} - make_interval(days => :days) WHERE id = :run"
                await uow.session.execute(text(move), then)


async def test_the_week_counts_volunteers_answers_tasks_and_accounts(
    rita: Client, database: Database, ann: User, ben: User
) -> None:
    people = {one.name: Contributor(f"user:{one.id}", user_id=one.id) for one in (ann, ben)}
    await answer(database, people["ann"], ben, name="one")
    await answer(database, people["ann"], ben, name="two", days_ago=1)
    await answer(database, people["ben"], ben, name="three", days_ago=3)
    await answer(database, Contributor("anon:x", user_ip="10.0.0.1"), ben, name="four")
    async with database.unit() as uow:
        await uow.session.execute(text("UPDATE project SET published = false WHERE short_name = 'four'"))
        await fold(uow.session)
    body = (await rita.get("/admin/dashboard/", json=True)).json
    assert (body["template"], body["title"], body["wait"]) == ("admin/dashboard.html", "Dashboard", False)
    days = [(TODAY - timedelta(days=back)).isoformat() for back in range(4)]
    assert body["active_users_last_week"] == {"labels": [days[3], days[1], days[0]], "series": [[1, 1, 1]]}
    assert body["active_anon_last_week"] == {"labels": [days[0]], "series": [[1]]}
    assert body["new_task_runs_week"] == {"labels": [days[3], days[1], days[0]], "series": [[1, 1, 2]]}
    assert body["new_tasks_week"] == {"labels": [days[0]], "series": [[4]]}
    assert body["new_users_week"] == {"labels": [days[0]], "series": [[3]]}
    assert body["returning_users_week"] == {
        "labels": ["1 day", *(f"{n} days" for n in range(2, 8))],
        "series": [[1, 0, 0, 0, 0, 0, 0]],
    }
    assert [one["short_name"] for one in body["draft_projects_last_week"]] == ["four"]
    assert [one["short_name"] for one in body["published_projects_last_week"]] == ["three", "two", "one"]
    assert len(body["update_projects_last_week"]) == 4
    assert body["update_projects_last_week"][0] | {"id": 0, "short_name": "", "p_name": ""} == {
        "day": days[0],
        "id": 0,
        "owner_id": ben.id,
        "p_name": "",
        "short_name": "",
        "u_name": "ben",
        "email_addr": ben.email_addr,
    }
    assert {one["action_updated"] for one in body["update_feed"]} >= {"User", "UserContribution"}
    assert "Volunteers without an account" in (await rita.get("/admin/dashboard/?refresh=1")).text
    asked = (await rita.get("/admin/dashboard/?refresh=1", json=True)).json
    assert (asked["status"], asked["flash"]) == ("message", "The dashboard is of this moment")


async def test_the_record_tells_who_did_what_and_nobody_changes_it(rita: Client, ann: User, database: Database) -> None:
    assert (await rita.get("/admin/record", json=True)).json["actions"] == []
    await rita.post(f"/admin/users/add/{ann.id}", json=True)
    (one,) = (await rita.get("/admin/record", json=True)).json["actions"]
    assert (one["admin_name"], one["action"], one["subject"], one["subject_name"]) == (
        "root",
        "add admin",
        "user",
        "ann",
    )
    for statement in (
        "UPDATE admin_action SET admin_name = 'ann'",
        "DELETE FROM admin_action",
        "TRUNCATE admin_action",
    ):
        with pytest.raises(DatabaseError):
            async with database.unit() as uow:
                await uow.session.execute(text(statement))
    assert (await rita.get("/admin/record", json=True)).json["actions"] == [one]
    assert (await rita.get("/admin/record/page/1", json=True)).json["pagination"]["total"] == 1


async def test_only_administrators_come_in(rita: Client, as_user: As, client: Client, ann: User) -> None:
    body = (await rita.get("/admin/", json=True)).json
    assert body == {"template": "/admin/index.html"}
    assert 'href="/admin/"' in (await rita.get("/")).text
    hers = as_user(ann)
    assert 'href="/admin/"' not in (await hers.get("/")).text
    for path in ("/admin/", "/admin/dashboard/", "/admin/record", "/admin/record/page/1"):
        assert (await hers.get(path, json=True)).status == 403
        answer = await client.get(path)
        assert (answer.status, answer.location) == (302, f"/account/signin?next={path}")
