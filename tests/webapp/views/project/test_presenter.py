"""The editor of presenter, tutorial and results (docs/contract/pages.md 4.4)."""

import pytest
from sqlalchemy import select

from db.models import Auditlog, Project, User
from db.session import Database
from tests.factories import make_project
from tests.support.client import Client
from tests.webapp.views.project.conftest import As
from webapp.services.projects import presenters

EDITOR = "/project/stars/tasks/taskpresentereditor"


async def info(database: Database, project: Project) -> dict[str, object]:
    async with database.unit(read_only=True) as uow:
        return (await uow.session.scalars(select(Project.info).where(Project.id == project.id))).one()


async def test_without_a_presenter_one_chooses_a_template(as_user: As, database: Database, owner: User) -> None:
    async with database.unit() as uow:
        await make_project(uow.session, owner, short_name="new-one", info={})
    path = "/project/new-one/tasks/taskpresentereditor"
    ada = as_user(owner)
    body = (await ada.get(path, json=True)).json
    assert body["template"] == "projects/task_presenter_options.html"
    assert "projects/presenters/basic.html" in body["presenters"] and len(body["presenters"]) == 6
    assert body["status"] == "info"
    text = (await ada.get(path)).text
    for name in presenters.NAMES:
        assert f'href="?template={name}"' in text


@pytest.mark.parametrize("name", ["basic", "projects/presenters/map.html"])
async def test_a_template_opens_in_the_editor_made_for_the_project(
    as_user: As, database: Database, owner: User, project: Project, name: str
) -> None:
    before = await info(database, project)
    body = (await as_user(owner).get(f"{EDITOR}?template={name}", json=True)).json
    assert body["template"] == "projects/task_presenter_editor.html"
    assert "pybossa.run('stars')" in body["form"]["editor"]
    assert await info(database, project) == before


async def test_a_short_name_cannot_break_out_of_a_template() -> None:
    assert "pybossa.run('it\\'s<\\/script>')" in presenters.snippet("basic", "it's</script>")


async def test_an_unknown_template_or_part_is_not_there(as_user: As, owner: User, project: Project) -> None:
    ada = as_user(owner)
    statuses = [(await ada.get(f"{EDITOR}?{query}")).status for query in ("template=../base", "part=secret_key")]
    assert statuses == [404, 404]


async def test_the_editor_shows_the_present_text_and_the_way_to_templates(
    as_user: As, owner: User, project: Project
) -> None:
    ada = as_user(owner)
    body = (await ada.get(EDITOR, json=True)).json
    assert body["title"] == "Project: Stars &middot; Task Presenter Editor"
    assert (body["form"]["editor"], body["errors"]) == ("<p>What is this?</p>", False)
    text = (await ada.get(EDITOR)).text
    assert "&lt;p&gt;What is this?&lt;/p&gt;" in text
    assert f'href="{EDITOR}?template=image"' in text and f'href="{EDITOR}?part=tutorial"' in text
    assert '<iframe title="Preview" sandbox="">' in text


async def test_a_presenter_is_kept_as_written_and_audited(
    as_user: As, database: Database, owner: User, project: Project
) -> None:
    snippet = "<script>pybossa.run('stars')</script>\n"
    body = (await as_user(owner).post(EDITOR, {"editor": snippet}, json=True)).json
    assert (body["next"], body["status"]) == ("/project/stars/tasks/", "success")
    assert body["flash"].endswith("Task presenter added!")
    assert await info(database, project) == {"task_presenter": snippet}
    async with database.unit(read_only=True) as uow:
        assert (await uow.session.scalars(select(Auditlog.attribute))).all() == ["task_presenter"]


@pytest.mark.parametrize(
    ("presenter", "is_told"),
    [("<p>What is this?</p>", True), ("<SCRIPT>pybossa.run('stars')</SCRIPT>", False), ("", False)],
)
async def test_a_presenter_without_a_script_is_told_to_its_owner(
    as_user: As, database: Database, owner: User, presenter: str, is_told: bool
) -> None:
    async with database.unit() as uow:
        info = {"task_presenter": presenter}
        await make_project(uow.session, owner, short_name="moons", published=False, info=info)
    ada, told = as_user(owner), "The presenter has no script"
    path = "/project/moons/tasks/taskpresentereditor"
    assert (told in (await ada.get("/project/moons/settings")).text) is is_told, "beside the steps to publication"
    assert (told in (await ada.get(path)).text) is is_told
    saved = await ada.post(path, {"editor": presenter}, json=True)
    assert saved.json["status"] == "success"
    await ada.post(path, {"editor": presenter})
    assert (told in (await ada.get("/project/moons/tasks/")).text) is is_told
    assert told not in (await ada.get(f"{path}?part=tutorial")).text


@pytest.mark.parametrize(("part", "leads_to"), [("tutorial", "tasks/"), ("results", "results")])
async def test_tutorial_and_results_are_written_alike(
    as_user: As, database: Database, owner: User, project: Project, part: str, leads_to: str
) -> None:
    ada = as_user(owner)
    path = f"{EDITOR}?part={part}"
    assert (await ada.get(path)).status == 200
    answer = await ada.post(path, {"editor": "<p>Look closely</p>"})
    assert (answer.status, answer.location) == (302, f"/project/stars/{leads_to}")
    assert (await info(database, project))[part] == "<p>Look closely</p>"
    assert (await info(database, project))["task_presenter"] == "<p>What is this?</p>"
    assert "Look closely" in (await ada.get(f"/project/stars/frame/{part}", headers={"Sec-Fetch-Dest": "iframe"})).text


async def test_strangers_write_no_presenter(
    as_user: As, client: Client, database: Database, stranger: User, project: Project
) -> None:
    assert (await as_user(stranger).post(EDITOR, {"editor": "<script>evil()</script>"})).status == 403
    assert (await client.post(EDITOR, {"editor": "<script>evil()</script>"})).status == 302
    assert await info(database, project) == {"task_presenter": "<p>What is this?</p>"}
