"""The project report: the project's figures, and a row for each of its users (docs/contract/jobs.md 7)."""

import csv
import io
import zipfile
from typing import Any

import pytest
from sqlalchemy import text

from db.models import Project, User
from db.session import Database
from tests.factories import leased_and_answered, make_tasks, make_user
from tests.support.client import Answer
from tests.webapp.views.project.conftest import As
from webapp.services.contributing.contributing import Contributor

REPORT = "/project/stars/projectreport/export"
WHOLE = f"{REPORT}?type=project&format=csv"


def table(answer: Answer) -> list[list[str]]:
    assert answer.status == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        [name] = archive.namelist()
        assert name == "stars_project_report.csv"
        return list(csv.reader(io.StringIO(archive.read(name).decode(), newline="")))


@pytest.fixture
async def answered(database: Database, project: Project, stranger: User) -> Project:
    """Two people have answered, one of them twice, and somebody without an account."""
    async with database.unit() as uow:
        eve = await make_user(uow.session, name="eve", fullname="=1+1")
        tasks = await make_tasks(uow.session, project, 2, n_answers=3)
        for who, task in ((stranger, tasks[0]), (stranger, tasks[1]), (eve, tasks[0])):
            contributor = Contributor(f"user:{who.id}", user_id=who.id)
            await leased_and_answered(uow.session, project, contributor, task.id)
        await leased_and_answered(uow.session, project, Contributor("ip:1.2.3.4", user_ip="1.2.3.4"), tasks[1].id)
        await uow.session.execute(text("UPDATE task_run SET created = finish_time - interval '90 seconds'"))
    return project


async def test_a_row_for_each_user(as_user: As, owner: User, stranger: User, answered: Project) -> None:
    answer = await as_user(owner).get(WHOLE)
    assert f"{answered.id}_stars_project_report.zip" in answer.headers["Content-Disposition"]
    rows = table(answer)
    assert rows[0] == ["Project Statistics"] and rows[3] == []
    assert rows[1][:4] == ["Id", "Name", "Short Name", "Total Tasks"]
    project = dict(zip(rows[1], rows[2], strict=True))
    assert (project["Id"], project["Name"], project["Total Tasks"]) == (str(answered.id), "Stars", "5")
    assert float(project["Average Time Spend Per Task"]) == 1.5 and float(project["Task Redundancy"]) == 2.4
    bob, eve = (dict(zip(rows[4], row, strict=True)) for row in rows[5:])
    assert (bob["Id"], bob["Name"], bob["Fullname"]) == (str(stranger.id), "bob", "Bob Stranger")
    assert (bob["Total Tasks Completed"], float(bob["Percent Tasks Completed"])) == ("2", 40.0)
    assert bob["First Task Submission"] <= bob["Last Task Submission"] and float(bob["Average Time Per Task"]) == 1.5
    assert eve["Fullname"] == "'=1+1"


async def test_without_answers_it_says_so(as_user: As, owner: User, project: Project) -> None:
    assert table(await as_user(owner).get(WHOLE))[4:] == [["No user data"]]


@pytest.mark.parametrize(
    ("query", "status"),
    [("?type=project", 404), ("?format=csv", 404), ("?type=task&format=csv", 404), ("?type=project&format=json", 415)],
)
async def test_what_there_is_not(as_user: As, owner: User, project: Project, query: str, status: int) -> None:
    assert (await as_user(owner).get(REPORT + query)).status == status


async def test_without_a_query_it_is_the_settings_page(as_user: As, owner: User, project: Project) -> None:
    body = (await as_user(owner).get(REPORT, json=True)).json
    assert (body["template"], body["title"]) == ("/projects/settings.html", "Project: Stars &middot; Settings")


async def test_owners_alone(as_user: As, stranger: User, admin: User, client: Any, project: Project) -> None:
    assert (await as_user(stranger).get(WHOLE)).status == 403
    assert "/account/signin" in str((await client.get(WHOLE)).location)
    assert (await as_user(admin).get(WHOLE)).status == 200
