"""Help, terms, what the site is, what is found in it."""

import pytest

from db.models import Result
from db.session import UnitOfWork
from tests.factories import make_project, make_tasks, make_user
from tests.support.client import Client
from webapp.config import Settings


@pytest.mark.parametrize(
    ("path", "template", "title", "words"),
    [
        ("/help/", "help/index.html", "Help", "What is a presenter?"),
        ("/help/api", "help/api.html", "Help: API", "X-RateLimit-Limit: "),
        ("/help/license", "help/license.html", "Help: Licenses", "CC BY 4.0"),
        ("/help/privacy", "help/privacy.html", "Privacy Policy", "network address"),
        ("/help/terms-of-use", "help/tos.html", "Help: Terms of Use", "If you answer tasks"),
        ("/help/cookies-policy", "help/cookies_policy.html", "Help: Cookies Policy", "remember_token"),
        ("/about", "/home/about.html", "About", "About Workbee"),
        ("/results", "/home/_results.html", "Results", "No results yet"),
        ("/search", "/home/search.html", "Search", "Or look at all projects."),
    ],
)
async def test_a_page_as_json_and_as_html(client: Client, path: str, template: str, title: str, words: str) -> None:
    as_json, as_html = await client.get(path, json=True), await client.get(path)

    assert (as_json.status, as_json.json["template"], as_json.json["title"]) == (200, template, title)
    assert as_html.headers["Content-Type"] == "text/html; charset=utf-8"
    assert words in as_html.text


@pytest.mark.parametrize("path", ["/help/privacy", "/help/terms-of-use", "/help/cookies-policy"])
async def test_json_carries_the_text_of_a_policy(client: Client, path: str, settings: Settings) -> None:
    content = (await client.get(path, json=True)).json["content"]

    assert "<h2>" in content or "<table>" in content
    assert settings.brand in content
    assert "{brand}" not in content
    assert "{contact}" not in content


async def test_an_administrator_s_own_text_takes_the_place_of_ours(client: Client, settings: Settings) -> None:
    own = settings.data_dir / "texts"
    own.mkdir()
    (own / "terms.md").write_text("# {brand}'s rules\n\nBe *kind* <script>alert(1)</script>", encoding="utf-8")

    page = await client.get("/help/terms-of-use")

    assert "Be <em>kind</em>" in page.text
    assert "Workbee's rules" in page.text or "Workbee’s rules" in page.text
    assert "<script>alert" not in page.text


async def test_examples_of_the_api_are_about_a_project_that_everybody_sees(client: Client, uow: UnitOfWork) -> None:
    owner = await make_user(uow.session)
    await make_project(uow.session, owner, published=False)
    birds = await make_project(uow.session, owner, short_name="birds")
    await uow.session.commit()

    assert (await client.get("/help/api", json=True)).json["project_id"] == birds.id
    assert f"/api/project/{birds.id}/newtask" in (await client.get("/help/api")).text


async def test_the_api_s_help_of_an_empty_site_names_no_project(client: Client) -> None:
    assert (await client.get("/help/api", json=True)).json["project_id"] is None


async def test_search_finds_public_projects_by_all_the_words(client: Client, uow: UnitOfWork) -> None:
    owner = await make_user(uow.session)
    await make_project(uow.session, owner, name="Garden birds", description="Which bird <b>sings</b>?")
    await make_project(uow.session, owner, name="Sea birds", published=False)
    await uow.session.commit()

    found = (await client.get("/search?query=BIRDS+garden", json=True)).json
    page = await client.get("/search?query=birds%22%3E%3Cscript%3E")

    assert [one["name"] for one in found["projects"]] == ["Garden birds"]
    assert found["pagination"]["total"] == 1
    assert (await client.get("/search?query=birds+whales", json=True)).json["projects"] == []
    assert "No project has all of these words" in page.text
    assert "<script>" not in page.text.partition("<main")[2]


@pytest.mark.parametrize("number", ["0", "-3", "x", "99999999999999999999"])
async def test_pages_of_the_search_that_there_are_not(client: Client, number: str) -> None:
    assert (await client.get(f"/search?query=birds&page={number}", json=True)).json["projects"] == []


async def test_results_show_projects_whose_owners_have_concluded(client: Client, uow: UnitOfWork) -> None:
    owner = await make_user(uow.session)
    done, _ = (
        await make_project(uow.session, owner, name="Done", short_name="done"),
        await make_project(uow.session, owner),
    )
    (task,) = await make_tasks(uow.session, done, 1)
    uow.session.add(Result(project_id=done.id, task_id=task.id, task_run_ids=[], info="a robin", last_version=True))
    await uow.session.commit()

    shown = (await client.get("/results", json=True)).json

    assert [one["name"] for one in shown["projects"]] == ["Done"]
    assert 'href="/project/done/results"' in (await client.get("/results")).text
