"""The people of the site: who is here, who does most, what happened last, what is announced."""

import re
from collections.abc import Callable

import pytest
from quart import Quart
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import Announcement, User
from db.queries.figures.folding import fold
from db.session import UnitOfWork
from tests.factories import give_scores, leased_and_answered, make_project, make_tasks, make_user
from tests.support.client import Client
from webapp.app import create_app
from webapp.config import Settings
from webapp.services.contributing.contributing import Contributor
from webapp.viewmodels import page as viewmodels

AsUser = Callable[[User], Client]


async def scored(session: AsyncSession, *scores: int) -> list[User]:
    """Accounts bee1, bee2, … with these numbers of answers."""
    users = [
        await make_user(session, name=f"bee{place}", fullname=f"Bee {place}") for place in range(1, len(scores) + 1)
    ]
    await give_scores(session, users, scores)
    await session.commit()
    return users


async def walk(client: Client, path: str, rel: str) -> list[tuple[str, list[str]]]:
    """The pages from this one on to which this link leads, each with the names of those on it."""
    pages = []
    while path:
        names = [one["name"] for one in (await client.get(path, json=True)).json["accounts"]]
        pages.append((path, names))
        found = re.search(rf'rel="{rel}" href="([^"]*)"', (await client.get(path)).text)
        path = found[1] if found else ""
    return pages


def places(answer: dict[str, object]) -> list[tuple[int, str, int]]:
    rows = answer["top_users"]
    assert isinstance(rows, list)
    return [(row["rank"], row["name"], row["score"]) for row in rows]


class TestLeaderboard:
    async def test_the_best_come_first_and_who_did_nothing_not_at_all(self, client: Client, uow: UnitOfWork) -> None:
        await scored(uow.session, 1, 7, 0, 3)

        board = (await client.get("/leaderboard/", json=True)).json

        assert (board["template"], board["title"]) == ("/stats/index.html", "Community Leaderboard")
        assert places(board) == [(1, "bee2", 7), (2, "bee4", 3), (3, "bee1", 1)]
        assert board["top_users"][0]["n_answers"] is None
        assert "email_addr" not in board["top_users"][0]

    async def test_one_s_own_row_comes_last_and_with_a_window_its_neighbours(
        self, uow: UnitOfWork, as_user: AsUser, settings: Settings
    ) -> None:
        users = await scored(uow.session, *range(settings.leaderboard_size + 15, 0, -1))
        me = as_user(users[settings.leaderboard_size + 5])
        own = settings.leaderboard_size + 6

        alone = places((await me.get("/leaderboard/", json=True)).json)
        near = places((await me.get("/leaderboard/window/2", json=True)).json)
        wide = places((await me.get("/leaderboard/window/500", json=True)).json)

        assert [rank for rank, _, _ in alone] == [*range(1, settings.leaderboard_size + 1), own]
        assert [rank for rank, _, _ in near][-5:] == [own - 2, own - 1, own, own + 1, own + 2]
        assert max(rank for rank, _, _ in wide) == own + 9
        assert len({name for _, name, _ in wide}) == len(wide)

    async def test_boards_of_the_site_s_own(self, settings: Settings, clean: None, uow: UnitOfWork) -> None:
        await make_user(uow.session, name="bee", info={"honey": 12})
        await uow.session.commit()
        site: Quart = create_app(settings.model_copy(update={"leaderboards": ("honey",)}))
        async with site.test_app():
            board = (await Client(site).get("/leaderboard/?info=honey", json=True)).json
            unknown = await Client(site).get("/leaderboard/?info=passwd_hash", json=True)
            page = await Client(site).get("/leaderboard/?info=honey")

        assert places(board) == [(1, "bee", 12)]
        assert unknown.status == 404
        assert 'href="/leaderboard/?info=honey" aria-current="page"' in page.text

    async def test_the_page_marks_the_reader_s_row(self, uow: UnitOfWork, as_user: AsUser, client: Client) -> None:
        first, _ = await scored(uow.session, 2, 1)

        own, others = await as_user(first).get("/leaderboard/"), await client.get("/leaderboard/")

        assert own.text.count('<tr class="own">') == 1
        assert '<tr class="own">' not in others.text
        assert "Nobody is on this board yet" not in others.text

    async def test_an_empty_board_says_so(self, client: Client) -> None:
        assert "Nobody is on this board yet" in (await client.get("/leaderboard/")).text


class TestPeople:
    async def test_those_who_answered_the_newest_first(self, client: Client, uow: UnitOfWork) -> None:
        hidden, *_ = await scored(uow.session, 9, 1, 0, 3)
        hidden.restrict = True
        await give_scores(uow.session, [hidden], [9])
        await uow.session.commit()

        people = (await client.get("/account/", json=True)).json

        assert (people["template"], people["title"], people["total"]) == ("account/index.html", "Community", 2)
        assert [one["name"] for one in people["accounts"]] == ["bee4", "bee2"]
        assert people["pagination"] == {"page": 1, "per_page": 24, "total": 2, "next": False, "prev": False}
        assert places(people) == [(1, "bee4", 3), (2, "bee2", 1)]

    async def test_each_with_their_answers_and_among_the_best_the_reader(
        self, client: Client, uow: UnitOfWork, as_user: AsUser, settings: Settings
    ) -> None:
        size = settings.leaderboard_size
        users = await scored(uow.session, *range(size + 3, 0, -1))

        people = (await as_user(users[-1]).get("/account/page/1", json=True)).json
        best = (await as_user(users[0]).get("/account/", json=True)).json["top_users"]

        assert [(one["name"], one["task_runs"]) for one in people["accounts"]][:2] == [
            (f"bee{size + 3}", 1),
            (f"bee{size + 2}", 2),
        ]
        assert places(people)[size - 1 :] == [(size, f"bee{size}", 4), (size + 3, f"bee{size + 3}", 1)]
        assert people["top_users"][0]["task_runs"] is None
        assert len(best) == len((await client.get("/account/", json=True)).json["top_users"]) == size

    async def test_pages_of_24(self, client: Client, uow: UnitOfWork) -> None:
        await scored(uow.session, *[1] * 25)

        first = (await client.get("/account/page/1", json=True)).json
        second = (await client.get("/account/page/2", json=True)).json

        assert (len(first["accounts"]), first["pagination"]["next"]) == (24, True)
        assert (len(second["accounts"]), second["pagination"]["prev"]) == (1, True)
        assert (await client.get("/account/page/3", json=True)).status == 404
        assert (await client.get("/account/page/0", json=True)).status == 404
        assert 'href="/account/page/2"' in (await client.get("/account/")).text

    async def test_far_pages_go_on_from_the_account_before(
        self, client: Client, uow: UnitOfWork, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(viewmodels, "NEAR", 24)
        names = [user.name for user in await scored(uow.session, *[1] * 99)][::-1]

        there, back = await walk(client, "/account/", "next"), await walk(client, "/account/page/5", "prev")

        assert [shown for _, shown in there] == [names[at : at + 24] for at in range(0, 99, 24)]
        assert [shown for _, shown in back] == [shown for _, shown in there][::-1]
        assert [path.partition("?")[0] for path, _ in there[1:]] == [f"/account/page/{n}" for n in range(2, 6)]
        assert ["?after=" in path for path, _ in there] == [False, False, True, False, False]
        assert ["?before=" in path for path, _ in back] == [False, False, True, False, False]
        assert (await client.get("/account/page/6?after=1")).status == 404

    async def test_the_feed_tells_what_everybody_may_know(self, client: Client, uow: UnitOfWork) -> None:
        session = uow.session
        owner = await make_user(session, name="ann", fullname="<i>Ann</i>")
        hidden = await make_user(session, name="ghost", restrict=True)
        birds = await make_project(session, owner, name="Birds", short_name="birds")
        draft = await make_project(session, owner, name="Draft", published=False)
        secret = await make_project(session, owner, name="Secret", info={"passwd_hash": "x"})
        for project in (birds, draft, secret):
            task, _ = await make_tasks(session, project, 2, n_answers=2)
            for user in (owner, hidden):
                await leased_and_answered(session, project, Contributor(f"user:{user.id}", user_id=user.id), task.id)
        await session.commit()

        answer = await client.get("/account/", json=True)

        feed = answer.json["update_feed"]
        assert {event["action_updated"] for event in feed} == {
            "User",
            "Project",
            "Task",
            "TaskCompleted",
            "UserContribution",
        }
        for event in feed:
            assert event["name"] in ("ann", "Birds")
            assert isinstance(event["updated"], float)
        new = next(event for event in feed if event["action_updated"] == "Project")
        listed = (await client.get("/project/", json=True)).json["projects"][0]
        assert listed.keys() <= new.keys()
        assert (new["description"], new["owner"], new["n_tasks"]) == ("A question", "<i>Ann</i>", 2)
        assert new["info"].keys() == listed["info"].keys() and new["info"]["task_presenter"] is None
        (contribution,) = [event for event in feed if event["action_updated"] == "UserContribution"]
        assert (contribution["fullname"], contribution["project_short_name"]) == ("<i>Ann</i>", "birds")
        page = (await client.get("/account/")).text
        assert '<a href="/account/ann/">&lt;i&gt;Ann&lt;/i&gt;</a> helped <a href="/project/birds/">Birds</a>' in page


class TestAnnouncements:
    @pytest.fixture
    async def news(self, uow: UnitOfWork) -> User:
        admin = await make_user(uow.session, admin=True)
        uow.session.add_all(
            [
                Announcement(title="Open", body="**Come** in <script>x</script>", published=True, user_id=admin.id),
                Announcement(title="Later", body="Not yet", published=False, user_id=admin.id),
            ]
        )
        await uow.session.commit()
        return admin

    async def test_drafts_are_for_administrators(self, client: Client, news: User, as_user: AsUser) -> None:
        seen = (await client.get("/announcements/", json=True)).json
        all_of_it = (await as_user(news).get("/announcements/", json=True)).json

        assert seen["template"] == ""
        assert [one["title"] for one in seen["announcements"]] == ["Open"]
        assert set(seen["announcements"][0]) == {
            "body",
            "created",
            "id",
            "media_url",
            "published",
            "title",
            "updated",
            "user_id",
        }
        assert {one["title"] for one in all_of_it["announcements"]} == {"Open", "Later"}

    async def test_the_page_shows_markdown_and_no_scripts(self, client: Client, news: User) -> None:
        page = (await client.get("/announcements/")).text

        assert "<strong>Come</strong> in" in page
        assert "<script>x" not in page

    async def test_it_has_pages_and_json_clients_get_all(self, client: Client, news: User, uow: UnitOfWork) -> None:
        uow.session.add_all(Announcement(title=f"No. {n:02}", body="…", published=True) for n in range(20))
        await uow.session.commit()

        first, second = (await client.get("/announcements/")).text, (await client.get("/announcements/?page=2")).text

        shown = [[title in page for title in ("No. 19", "<h2>Open")] for page in (first, second)]
        assert shown == [[True, False], [False, True]]
        assert 'href="?page=2"' in first
        assert len((await client.get("/announcements/", json=True)).json["announcements"]) == 21
        assert (await client.get("/announcements/?page=0")).status == 404


class TestNumbers:
    async def test_the_site_in_numbers(self, client: Client, uow: UnitOfWork) -> None:
        session = uow.session
        ann = await make_user(session, name="ann", fullname="Ann Bee")
        birds = await make_project(session, ann, name="Birds", short_name="birds")
        await make_project(session, ann, published=False)
        first, second = await make_tasks(session, birds, 2)
        await leased_and_answered(session, birds, Contributor(f"user:{ann.id}", user_id=ann.id), first.id)
        await leased_and_answered(session, birds, Contributor("anon:x", user_ip="10.0.0.1"), first.id)
        await leased_and_answered(session, birds, Contributor("anon:x", user_ip="10.0.0.1"), second.id)
        await fold(session)
        await session.commit()

        stats = (await client.get("/stats/", json=True)).json

        assert (stats["template"], stats["title"]) == ("/stats/global.html", "Global Statistics")
        assert stats["stats"] == {
            "n_total_users": 2,
            "n_auth": 1,
            "n_anon": 1,
            "n_published_projects": 1,
            "n_draft_projects": 1,
            "n_total_projects": 2,
            "n_tasks": 2,
            "n_task_runs": 3,
        }
        assert [one["value"] for one in stats["tasks"]["values"]] == [[0, 2], [1, 3]]
        assert [one["value"] for one in stats["users"]["values"]] == [[0, 1], [0, 1]]
        assert stats["top5_users_24_hours"] == [{"id": ann.id, "name": "ann", "fullname": "Ann Bee", "n_answers": 1}]
        assert [(one["short_name"], one["n_answers"]) for one in stats["top5_projects_24_hours"]] == [("birds", 3)]
        assert (stats["show_locs"], stats["locs"]) == (False, [])

    async def test_the_page_of_an_empty_site(self, client: Client) -> None:
        page = await client.get("/stats/")

        assert page.status == 200
        assert page.text.count("A quiet day") == 2
