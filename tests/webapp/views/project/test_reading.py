"""Statistics and blog of a project (docs/contract/pages.md 4.3 and 4.5)."""

import json
import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from db.models import Blogpost, Project, ProjectCounter, Task, User
from db.queries.figures.folding import fold
from db.session import Database
from tests.factories import leased_and_answered, make_project, make_tasks, make_user
from tests.support.client import Client
from tests.webapp.views.project.conftest import As
from webapp.services.contributing.contributing import Contributor
from webapp.viewmodels.project.builders import days_left

BLOG = "/project/stars/blog"
POST = {"title": "First light", "body": "We **begin** <script>alert(1)</script>", "published": "y"}


async def posts(database: Database) -> list[Blogpost]:
    async with database.unit(read_only=True) as uow:
        return list((await uow.session.scalars(select(Blogpost).order_by(Blogpost.id))).all())


@pytest.fixture
async def answered(database: Database, project: Project, stranger: User) -> Project:
    """The project with an answer of an account and two of one anonymous volunteer."""
    bob = Contributor(f"user:{stranger.id}", user_id=stranger.id)
    ann = Contributor("anon:ann", user_ip="10.0.0.1")
    async with database.unit() as uow:
        first, second, _third = (await uow.session.scalars(select(Task.id).order_by(Task.id))).all()
        for who, task_id in ((bob, first), (ann, first), (ann, second)):
            await leased_and_answered(uow.session, project, who, task_id)
        await fold(uow.session)
    return project


async def test_before_the_first_answer_there_is_nothing_to_count(client: Client, project: Project) -> None:
    body = (await client.get("/project/stars/stats", json=True)).json
    assert (body["template"], body["title"]) == ("/projects/non_stats.html", "Project: Stars &middot; Statistics")
    assert "better_stats_enabled" in body["pro_features"]
    assert "Nothing to count yet" in (await client.get("/project/stars/stats")).text


async def test_statistics_tell_who_answered_when(client: Client, answered: Project) -> None:
    body = (await client.get("/project/stars/stats", json=True)).json
    assert body["template"] == "/projects/stats.html"
    assert body["userStats"]["anonymous"]["users"] == 1
    assert body["userStats"]["authenticated"]["pct_taskruns"] == 33.33
    assert body["projectStats"].keys() >= {"userStats", "userAnonStats", "userAuthStats", "dayStats", "hourStats"}
    assert body["projectStats"]["dayStats"][0]["values"][-1][1] == 3
    by_query = (await client.get("/project/stars/stats?response_format=json")).json
    assert json.loads(by_query["projectStats"]) == body["projectStats"], "a text there, as in PYBOSSA"
    text = (await client.get("/project/stars/stats")).text
    assert "Answers a day" in text and "Bob Stranger" in text and "<table" in text


@pytest.mark.parametrize("page", ["", "settings", "results", "update", "tasks/", "blog", "stats"])
async def test_json_has_the_moment_and_whole_numbers_where_people_read_words(
    as_user: As, owner: User, answered: Project, database: Database, page: str
) -> None:
    async with database.unit() as uow:
        [task] = await make_tasks(uow.session, answered, 1, n_answers=1)
        await leased_and_answered(uow.session, answered, Contributor("anon:ann", user_ip="10.0.0.1"), task.id)
    body = (await as_user(owner).get(f"/project/stars/{page}", json=True)).json
    for shown in (body, body["project"]):
        assert (shown["overall_progress"], type(shown["overall_progress"])) == (50, int), "of 4 tasks 2"
    for shown in ({"last_activity": body["project"]["last_activity"]} | body, body["project"]):
        assert datetime.fromisoformat(shown["last_activity"]).date() == datetime.now(UTC).date()
    if page not in ("settings", "update"):
        assert re.search(r"active \d+ seconds? ago", (await as_user(owner).get(f"/project/stars/{page}")).text)


async def test_all_but_one_of_many_is_not_all(client: Client, owner: User, database: Database) -> None:
    async with database.unit() as uow:
        project = await make_project(uow.session, owner, short_name="many")
        *tasks, _last = await make_tasks(uow.session, project, 201, n_answers=1)
        await uow.session.execute(update(Task).where(Task.id.in_([one.id for one in tasks])).values(state="completed"))
        await uow.session.execute(
            update(ProjectCounter).where(ProjectCounter.project_id == project.id).values(n_completed_tasks=0)
        )
        await uow.session.execute(
            update(ProjectCounter)
            .where(ProjectCounter.project_id == project.id, ProjectCounter.shard == 0)
            .values(n_completed_tasks=200)
        )
    assert (await client.get("/project/many/", json=True)).json["overall_progress"] == 99
    assert "99 %" in (await client.get("/project/many/")).text
    assert "99 % done" in (await client.get("/project/")).text


async def test_nobody_reads_the_statistics_of_a_draft(
    client: Client, as_user: As, stranger: User, draft: Project
) -> None:
    assert (await client.get("/project/birds/stats")).status == 401
    assert (await as_user(stranger).get("/project/birds/blog")).status == 403


async def test_an_owner_writes_changes_and_deletes_a_post(
    as_user: As, client: Client, database: Database, owner: User, project: Project
) -> None:
    ada = as_user(owner)
    assert (await ada.post("/project/stars/new-blogpost", POST)).location == BLOG
    [post] = await posts(database)
    assert (post.title, post.user_id, post.published) == ("First light", owner.id, True)
    page = (await client.get(f"/project/stars/{post.id}")).text
    assert "We <strong>begin</strong>" in page and "<script>alert" not in page
    await ada.post(f"/project/stars/{post.id}/update", {"title": "Second light", "body": "On"})
    [changed] = await posts(database)
    assert (changed.title, changed.published) == ("Second light", False)
    assert (await ada.post(f"/project/stars/{post.id}/delete")).location == BLOG
    assert await posts(database) == []


async def test_posts_are_the_project_s_whoever_wrote_them(
    as_user: As, database: Database, owner: User, stranger: User, project: Project
) -> None:
    """Their author may have owned the project before."""
    async with database.unit() as uow:
        uow.session.add(Blogpost(project_id=project.id, user_id=stranger.id, title="Old", body="x", published=True))
    [post] = await posts(database)
    for path in (f"{post.id}/update", f"{post.id}/delete"):
        assert (await as_user(stranger).post(f"/project/stars/{path}", {"title": "New", "body": "y"})).status == 403
    ada = as_user(owner)
    assert (await ada.post(f"/project/stars/{post.id}/update", {"title": "New", "body": "y"})).location == BLOG
    assert [post.title for post in await posts(database)] == ["New"]
    assert (await ada.post(f"/project/stars/{post.id}/delete")).location == BLOG
    assert await posts(database) == []


async def test_json_of_the_form_and_of_the_list(as_user: As, client: Client, owner: User, project: Project) -> None:
    ada = as_user(owner)
    form = (await ada.get("/project/stars/new-blogpost", json=True)).json["form"]
    assert (form["title"], form["body"], form["published"]) == ("", "", False)
    assert (await ada.post("/project/stars/new-blogpost", POST, json=True)).status == 302
    [shown] = (await client.get(BLOG, json=True)).json["blogposts"]
    assert shown.keys() >= {"created", "updated", "project_id", "id", "user_id", "title", "body", "published"}


async def test_a_blog_has_pages_and_json_clients_get_it_whole_the_oldest_first(
    client: Client, database: Database, project: Project
) -> None:
    named = {"project_id": project.id, "body": "x", "published": True}
    async with database.unit() as uow:
        uow.session.add_all(Blogpost(**named, title=f"No. {n:02}") for n in range(21))
    first, second = (await client.get(BLOG)).text, (await client.get(f"{BLOG}?page=2")).text
    shown = [[title in page for title in ("No. 20", "No. 00")] for page in (first, second)]
    assert shown == [[True, False], [False, True]]
    assert 'href="?page=2"' in first
    titles = [one["title"] for one in (await client.get(BLOG, json=True)).json["blogposts"]]
    assert titles == [f"No. {n:02}" for n in range(21)]
    assert (await client.get(f"{BLOG}?page=x")).status == 404


async def test_a_post_needs_title_and_text(as_user: As, database: Database, owner: User, project: Project) -> None:
    body = (await as_user(owner).post("/project/stars/new-blogpost", {"title": " "}, json=True)).json
    assert body["form"]["errors"].keys() == {"title", "body"}
    assert await posts(database) == []


async def test_drafts_are_seen_by_owners_alone(
    as_user: As, client: Client, database: Database, owner: User, project: Project
) -> None:
    ada = as_user(owner)
    await ada.post("/project/stars/new-blogpost", POST | {"published": ""})
    [post] = await posts(database)
    assert (await client.get(BLOG, json=True)).json["blogposts"] == []
    assert (await client.get(f"/project/stars/{post.id}")).status == 404
    assert len((await ada.get(BLOG, json=True)).json["blogposts"]) == 1
    assert (await ada.get(f"/project/stars/{post.id}")).status == 200


async def test_a_post_is_of_its_own_project(as_user: As, database: Database, owner: User, project: Project) -> None:
    ada = as_user(owner)
    await ada.post("/project/stars/new-blogpost", POST)
    [post] = await posts(database)
    assert (await ada.get(f"/project/stars/{post.id + 1}")).status == 404
    assert (await ada.post(f"/project/stars/{post.id + 1}/delete")).status == 404


async def test_posts_are_their_authors_own(
    as_user: As, client: Client, database: Database, owner: User, stranger: User, project: Project
) -> None:
    async with database.unit() as uow:
        friend = await make_user(uow.session)
        project.owners_ids = [*project.owners_ids, friend.id]
        await uow.session.merge(project)
    await as_user(owner).post("/project/stars/new-blogpost", POST)
    [post] = await posts(database)
    edit, delete = f"/project/stars/{post.id}/update", f"/project/stars/{post.id}/delete"
    for who in (friend, stranger):
        assert (await as_user(who).get(edit)).status == 403
        assert (await as_user(who).post(edit, POST | {"title": "Mine"})).status == 403
        assert (await as_user(who).post(delete)).status == 403
        assert (await as_user(who).post("/project/stars/new-blogpost", POST)).status == 403
        assert edit not in (await as_user(who).get(BLOG)).text
        assert edit not in (await as_user(who).get(f"/project/stars/{post.id}")).text
    assert (await client.post(delete)).status == 302
    assert edit in (await as_user(owner).get(BLOG)).text
    assert edit in (await as_user(owner).get(f"/project/stars/{post.id}")).text
    assert [one.title for one in await posts(database)] == ["First light"]


def test_the_end_is_told_from_the_pace_of_the_last_week() -> None:
    assert days_left([0, 0, 0, 0, 0, 0, 0, 70], 100) == 3
    assert days_left([10, 20], 100) == 8
    assert days_left([50] * 15, 100) is None
    assert days_left([0] * 14 + [100], 100) is None
    assert days_left([], 100) is None
