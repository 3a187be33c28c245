"""A project's tasks: browsing them, and how they are handed out (docs/contract/pages.md 4.4)."""

import re
from typing import Any

import pytest
from sqlalchemy import func, select, text

from db import paging
from db.models import Auditlog, Project, Task, TaskRun, User
from db.session import Database
from tests.factories import leased_and_answered, make_project, make_tasks
from tests.support.client import Client
from tests.support.invariants import breaches
from tests.webapp.views.project.conftest import As
from webapp.services.contributing.contributing import Contributor
from webapp.viewmodels import page as viewmodels

ANN = Contributor("anon:ann", user_ip="10.0.0.1")
TASKS = "/project/stars/tasks"


async def task_ids(database: Database, project: Project) -> list[int]:
    async with database.unit(read_only=True) as uow:
        query = select(Task.id).where(Task.project_id == project.id).order_by(Task.id)
        return list((await uow.session.scalars(query)).all())


async def answer(database: Database, project: Project, task_id: int) -> None:
    async with database.unit() as uow:
        await leased_and_answered(uow.session, project, ANN, task_id)


async def audited(database: Database) -> list[tuple[str, str | None]]:
    async with database.unit(read_only=True) as uow:
        rows = (await uow.session.scalars(select(Auditlog).order_by(Auditlog.id))).all()
        return [(row.attribute, row.new_value) for row in rows]


async def test_the_tasks_page_leads_visitors_and_owners_on(
    client: Client, as_user: As, owner: User, project: Project
) -> None:
    visitor, owners = (await client.get(TASKS + "/")).text, (await as_user(owner).get(TASKS + "/")).text
    assert 'href="/project/stars/tasks/browse"' in visitor and "tasks/import" not in visitor
    assert 'href="/project/stars/tasks/import"' in owners
    body = (await client.get(TASKS + "/", json=True)).json
    assert (body["title"], body["autoimporter_enabled"]) == ("Project: Stars &middot; Tasks", False)


async def test_browsing_tells_how_far_each_task_is(client: Client, database: Database, project: Project) -> None:
    first, second, third = await task_ids(database, project)
    await answer(database, project, second)
    body = (await client.get(TASKS + "/browse", json=True)).json
    assert body["tasks"] == [
        {"id": first, "n_answers": 2, "n_task_runs": 0, "pct_status": 0.0},
        {"id": second, "n_answers": 2, "n_task_runs": 1, "pct_status": 0.5},
        {"id": third, "n_answers": 2, "n_task_runs": 0, "pct_status": 0.0},
    ]
    assert body["pagination"] == {"page": 1, "per_page": 10, "total": 3, "next": False, "prev": False}
    assert f'href="/project/stars/task/{second}"' in (await client.get(TASKS + "/browse")).text


async def test_browsing_goes_on_by_tens(client: Client, database: Database, project: Project) -> None:
    async with database.unit() as uow:
        await make_tasks(uow.session, project, 9)
    second = (await client.get(TASKS + "/browse/2", json=True)).json
    assert (len(second["tasks"]), second["pagination"]["prev"], second["pagination"]["next"]) == (2, True, False)
    assert 'href="/project/stars/tasks/browse/2"' in (await client.get(TASKS + "/browse")).text
    assert (await client.get(TASKS + "/browse/3")).status == 404


async def test_browsing_a_long_list_goes_on_from_its_rows(
    client: Client, database: Database, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There and back; by its number a page is found as far as it may be counted to, from either end."""
    monkeypatch.setattr(viewmodels, "NEAR", 20)
    monkeypatch.setattr(paging, "DEEPEST", 30)
    async with database.unit() as uow:
        await make_tasks(uow.session, project, 97)
    ids = await task_ids(database, project)
    pages = {number: ids[(number - 1) * 10 : number * 10] for number in range(1, 11)}

    async def walk(path: str, rel: str) -> list[list[int]]:
        shown = []
        while path:
            shown.append([task["id"] for task in (await client.get(path, json=True)).json["tasks"]])
            found = re.search(rf'rel="{rel}" href="([^"]*)"', (await client.get(path)).text)
            path = found[1] if found else ""
        return shown

    assert await walk(TASKS + "/browse", "next") == list(pages.values())
    assert await walk(TASKS + "/browse/10", "prev") == list(pages.values())[::-1]
    found = {number: await client.get(f"{TASKS}/browse/{number}", json=True) for number in pages}
    assert {number for number, answer in found.items() if answer.status == 400} == {5, 6}
    for number in {*pages} - {5, 6}:
        assert [task["id"] for task in found[number].json["tasks"]] == pages[number]
    for odd in ("after=x", "after=-1", "before=99999999999999999999", "after="):
        assert (await client.get(f"{TASKS}/browse/2?{odd}", json=True)).json["tasks"][0]["id"] == pages[2][0]
    assert (await client.get(f"{TASKS}/browse/2?after={ids[-1]}")).status == 404


async def test_the_answers_to_a_task_are_there_as_json(
    client: Client, as_user: As, database: Database, owner: User, stranger: User, project: Project, draft: Project
) -> None:
    first, *_others = await task_ids(database, project)
    await answer(database, project, first)
    [run] = (await client.get(f"/project/stars/{first}/results.json")).json
    assert (run["task_id"], run["info"], run["user_ip"]) == (first, "yes", "10.0.0.1")
    assert not {"contributor", "idempotency_key"} & run.keys()
    assert (await client.get("/project/stars/999999/results.json", json=True)).status == 404
    assert (await as_user(owner).get(f"/project/birds/{first}/results.json")).status == 404
    assert (await as_user(stranger).get(f"/project/birds/{first}/results.json")).status == 403


async def test_a_project_without_tasks_says_so(as_user: As, owner: User, draft: Project) -> None:
    answer = await as_user(owner).get("/project/birds/tasks/browse")
    assert answer.status == 200 and "No tasks yet" in answer.text


async def test_where_data_is_kept_in_only_owners_browse(
    client: Client, as_user: As, database: Database, owner: User, stranger: User, project: Project
) -> None:
    async with database.unit() as uow:
        project.zip_download = False
        await uow.session.merge(project)
    statuses = [(await who.get(TASKS + "/browse")).status for who in (client, as_user(stranger), as_user(owner))]
    assert statuses == [401, 403, 200]


async def test_redundancy_changes_completes_and_is_audited(
    as_user: As, database: Database, owner: User, project: Project
) -> None:
    first, *_others = await task_ids(database, project)
    await answer(database, project, first)
    done = (await as_user(owner).post(TASKS + "/redundancy", {"n_answers": 1}, json=True)).json
    assert done == {"next": TASKS + "/", "status": "success", "flash": "Redundancy of Tasks updated!"}
    async with database.unit(read_only=True) as uow:
        states = (await uow.session.scalars(select(Task.state).order_by(Task.id))).all()
        assert list(states) == ["completed", "ongoing", "ongoing"]
        assert await breaches(uow.session, project.id) == []
    assert await audited(database) == [("task.n_answers", "1")]


async def test_the_redundancy_that_holds_is_shown(
    as_user: As, database: Database, owner: User, project: Project
) -> None:
    ada, path = as_user(owner), TASKS + "/redundancy"
    assert 'value="2"' in (await ada.get(path)).text
    assert (await ada.get(path, json=True)).json["form"]["n_answers"] is None, "scripts know an empty form"
    async with database.unit() as uow:
        (await uow.session.scalars(select(Task))).first().n_answers = 7  # type: ignore[union-attr]
    mixed = (await ada.get(path)).text
    assert "between 2 and 7 answers" in mixed and 'value="2"' not in mixed


async def test_what_completes_by_redundancy_is_told_to_the_webhook(
    as_user: As, database: Database, owner: User, project: Project
) -> None:
    first, *_others = await task_ids(database, project)
    await answer(database, project, first)
    async with database.unit() as uow:
        project.webhook = "https://example.org/hook"
        await uow.session.merge(project)
    await as_user(owner).post(TASKS + "/redundancy", {"n_answers": 1}, json=True)
    async with database.unit(read_only=True) as uow:
        job = (await uow.session.execute(text("SELECT task_name, args FROM procrastinate_jobs"))).one()
    assert (job.task_name, job.args["task_id"]) == ("deliver_webhook", first)


@pytest.mark.parametrize("n_answers", [0, 1001, "many", ""])
async def test_redundancy_is_between_one_and_a_thousand(
    as_user: As, database: Database, owner: User, project: Project, n_answers: Any
) -> None:
    body = (await as_user(owner).post(TASKS + "/redundancy", {"n_answers": n_answers}, json=True)).json
    assert (body["status"], list(body["form"]["errors"])) == ("error", ["n_answers"])
    async with database.unit(read_only=True) as uow:
        assert (await uow.session.scalars(select(Task.n_answers).distinct())).all() == [2]


async def test_the_scheduler_is_chosen(as_user: As, database: Database, owner: User, project: Project) -> None:
    ada = as_user(owner)
    assert (await ada.get(TASKS + "/scheduler", json=True)).json["form"]["sched"] == "default"
    done = (await ada.post(TASKS + "/scheduler", {"sched": "breadth_first"}, json=True)).json
    assert (done["next"], done["flash"]) == (TASKS + "/", "Project Task Scheduler updated!")
    assert (await ada.get(TASKS + "/scheduler", json=True)).json["form"]["sched"] == "breadth_first"
    assert await audited(database) == [("sched", "breadth_first")]


async def test_an_unknown_scheduler_is_refused(as_user: As, database: Database, owner: User, project: Project) -> None:
    body = (await as_user(owner).post(TASKS + "/scheduler", {"sched": "nope"}, json=True)).json
    assert list(body["form"]["errors"]) == ["sched"]
    assert await audited(database) == []


async def test_priorities_are_set_for_the_projects_own_tasks(
    as_user: As, database: Database, owner: User, project: Project
) -> None:
    async with database.unit() as uow:
        [foreign] = await make_tasks(uow.session, await make_project(uow.session, owner))
    first, _second, third = await task_ids(database, project)
    sent = {"task_ids": f"{third}, {first},{foreign.id}", "priority_0": 0.7}
    ada = as_user(owner)
    body = (await ada.post(TASKS + "/priority", sent, json=True)).json
    assert (body["flash"], body["status"]) == ("Task priority has been changed", "success")
    async with database.unit(read_only=True) as uow:
        found = (await uow.session.execute(select(Task.id, Task.priority_0).order_by(Task.id))).all()
    assert dict(found) == {first: 0.7, third: 0.7} | {n: 0.0 for n, _ in found if n not in (first, third)}
    assert [name for name, _ in await audited(database)] == ["task.priority_0"] * 2
    assert f"Task.id={foreign.id} does not belong" in (await ada.post(TASKS + "/priority", sent)).text


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"task_ids": "1;2"}, "task_ids"),
        ({"task_ids": ", ,"}, "task_ids"),
        ({"priority_0": 7}, "priority_0"),
        ({"priority_0": "nan"}, "priority_0"),
        ({"priority_0": ""}, "priority_0"),
    ],
)
async def test_a_wrong_priority_is_told_at_its_field(
    as_user: As, owner: User, project: Project, wrong: dict[str, Any], field: str
) -> None:
    body = (
        await as_user(owner).post(TASKS + "/priority", {"task_ids": "1", "priority_0": 0.5} | wrong, json=True)
    ).json
    assert list(body["form"]["errors"]) == [field]


async def test_numbers_that_are_no_ids_are_unknown_tasks(as_user: As, owner: User, project: Project) -> None:
    sent = {"task_ids": "9" * 5000 + ",99999999999999999999", "priority_0": 1}
    answer = await as_user(owner).post(TASKS + "/priority", sent, json=True)
    assert (answer.status, answer.json["status"]) == (200, "danger")


async def test_tasks_without_results_are_deleted(
    as_user: As, database: Database, owner: User, project: Project
) -> None:
    async with database.unit() as uow:
        [done] = await make_tasks(uow.session, project, 1, n_answers=1)
        await leased_and_answered(uow.session, project, ANN, done.id)
    first, *_others = await task_ids(database, project)
    await answer(database, project, first)
    ada = as_user(owner)
    assert (await ada.get(TASKS + "/delete", json=True)).json["title"] == "Project: Stars &middot; Delete"
    gone = (await ada.post(TASKS + "/delete", json=True)).json
    assert (gone["next"], gone["status"]) == (TASKS + "/", "success")
    assert await task_ids(database, project) == [done.id]
    async with database.unit(read_only=True) as uow:
        assert (await uow.session.scalars(select(func.count(TaskRun.id)))).one() == 1
        assert await breaches(uow.session, project.id) == []


async def test_strangers_change_nothing(
    as_user: As, client: Client, database: Database, stranger: User, project: Project
) -> None:
    bob = as_user(stranger)
    sent: dict[str, dict[str, object]] = {
        "redundancy": {"n_answers": 1},
        "scheduler": {"sched": "locked"},
        "priority": {"task_ids": "1", "priority_0": 1},
        "delete": {},
    }
    for page, data in sent.items():
        assert (await bob.post(f"{TASKS}/{page}", data)).status == 403
        assert (await bob.get(f"{TASKS}/{page}")).status == 403
        assert (await client.post(f"{TASKS}/{page}", data)).location == f"/account/signin?next={TASKS}/{page}"
    assert len(await task_ids(database, project)) == 3
    assert await audited(database) == []


async def test_the_hub_of_task_settings_is_a_page(as_user: As, owner: User, project: Project) -> None:
    answer = await as_user(owner).get(TASKS + "/settings", json=True)
    assert answer.headers["Content-Type"].startswith("text/html")
    for page in ("redundancy", "scheduler", "priority", "delete"):
        assert f'href="/project/stars/tasks/{page}"' in answer.text
