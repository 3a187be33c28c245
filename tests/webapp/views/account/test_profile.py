"""Profiles: one's own, others', and lists of one's own projects."""

from collections.abc import Callable

import pytest

from db.models import User
from db.queries.figures.folding import fold
from db.session import UnitOfWork
from tests.factories import leased_and_answered, make_project, make_tasks, make_user
from tests.support.client import Client
from webapp.services.contributing.contributing import Contributor

AsUser = Callable[[User], Client]


async def answering(uow: UnitOfWork, user: User, n: int, **project: object) -> None:
    """The user answers `n` tasks of a new project of somebody else's."""
    owner = await make_user(uow.session)
    target = await make_project(uow.session, owner, **project)
    for task in await make_tasks(uow.session, target, n):
        await leased_and_answered(uow.session, target, Contributor(f"user:{user.id}", user_id=user.id), task.id)
    await fold(uow.session)


async def test_one_s_own_profile_has_everything(uow: UnitOfWork, as_user: AsUser) -> None:
    ann = await make_user(uow.session, name="ann", fullname="Ann Bee", email_addr="ann@example.com")
    await answering(uow, ann, 2, name="Birds")
    await make_project(uow.session, ann, name="Mine")
    await make_project(uow.session, ann, name="Unready", published=False)
    await uow.session.commit()

    own = (await as_user(ann).get("/account/ann/", json=True)).json

    assert (own["template"], own["title"], own["can_update"], own["form"]) == (
        "account/profile.html",
        "Profile",
        True,
        None,
    )
    assert own["user"] | {"created": None} == {
        "id": ann.id,
        "created": None,
        "name": "ann",
        "fullname": "Ann Bee",
        "email_addr": "ann@example.com",
        "api_key": ann.api_key,
        "info": {},
        "admin": False,
        "locale": "en",
        "n_answers": 2,
        "valid_email": False,
        "confirmation_email_sent": False,
        "restrict": False,
        "registered_ago": own["user"]["registered_ago"],
        "rank": 1,
        "score": 2,
        "total": 1,
        "facebook_user_id": None,
        "google_user_id": None,
        "twitter_user_id": None,
    }
    assert [one["name"] for one in own["projects_contrib"]] == ["Birds"]
    assert [one["name"] for one in own["projects_published"]] == ["Mine"]
    assert [one["name"] for one in own["projects_draft"]] == ["Unready"]
    assert (await as_user(ann).get("/account/profile", json=True)).json["user"]["name"] == "ann"


async def test_others_see_neither_key_nor_address_nor_drafts(uow: UnitOfWork, client: Client) -> None:
    ann = await make_user(uow.session, name="ann", fullname="Ann Bee", email_addr="ann@example.com")
    await answering(uow, ann, 1, name="Birds")
    await answering(uow, ann, 1, name="Secret birds", info={"task_presenter": "x", "passwd_hash": "y"})
    await make_project(uow.session, ann, name="Mine")
    await make_project(uow.session, ann, name="Unready", published=False)
    await uow.session.commit()

    answer = await client.get("/account/ann/", json=True)
    seen = answer.json

    assert (seen["template"], seen["title"]) == ("/account/public_profile.html", "Ann Bee &middot; User Profile")
    assert set(seen["user"]) == {
        "created",
        "name",
        "fullname",
        "info",
        "n_answers",
        "registered_ago",
        "rank",
        "score",
        "locale",
    }
    assert seen["user"]["score"] == 2
    assert [one["name"] for one in seen["projects"]] == ["Birds"]
    assert seen["projects_contrib"] == seen["projects"]
    assert [one["name"] for one in seen["projects_created"]] == ["Mine"]
    assert str(ann.api_key) not in answer.text
    assert "passwd_hash" not in answer.text


async def test_administrators_see_drafts_too(uow: UnitOfWork, as_user: AsUser) -> None:
    ann = await make_user(uow.session, name="ann")
    await make_project(uow.session, ann, name="Unready", published=False)
    admin = await make_user(uow.session, admin=True)
    await uow.session.commit()

    seen = (await as_user(admin).get("/account/ann/", json=True)).json

    assert [one["name"] for one in seen["projects_created"]] == ["Unready"]
    assert seen["can_update"] is True


async def test_a_restricted_account_is_shown_to_nobody_else(uow: UnitOfWork, client: Client, as_user: AsUser) -> None:
    ann = await make_user(uow.session, name="ann", fullname="Ann Bee", restrict=True)
    admin = await make_user(uow.session, admin=True)
    await uow.session.commit()

    for viewer in (client, as_user(admin)):
        seen = (await viewer.get("/account/ann/", json=True)).json
        assert (seen["title"], seen["user"], seen["projects"], seen["projects_created"]) == (
            "User data is restricted",
            None,
            [],
            [],
        )
        assert "Ann Bee" not in (await viewer.get("/account/ann/")).text
    assert (await as_user(ann).get("/account/ann/", json=True)).json["user"]["fullname"] == "Ann Bee"


async def test_without_an_account_one_s_own_profile_is_the_way_to_sign_in(client: Client) -> None:
    assert (await client.get("/account/profile", json=True)).json == {
        "next": "/account/signin",
        "status": "not_signed_in",
    }
    assert (await client.get("/account/profile")).location == "/account/signin"


async def test_there_is_no_profile_of_nobody(client: Client) -> None:
    assert (await client.get("/account/nobody/", json=True)).status == 404


async def test_a_name_of_any_alphabet_has_a_profile(uow: UnitOfWork, as_user: AsUser) -> None:
    bee = await make_user(uow.session, name="żółw", fullname="<b>Żółw</b> & Co")
    await uow.session.commit()

    redirected = await as_user(bee).get("/account/profile")
    shown = await as_user(bee).get(str(redirected.location))

    assert redirected.location == "/account/%C5%BC%C3%B3%C5%82w/"
    assert "&lt;b&gt;Żółw&lt;/b&gt; &amp; Co" in shown.text
    assert "<b>Żółw</b>" not in shown.text


@pytest.mark.parametrize("path", ["projects", "applications"])
async def test_lists_of_projects_are_for_oneself(uow: UnitOfWork, client: Client, as_user: AsUser, path: str) -> None:
    ann, bea = await make_user(uow.session, name="ann"), await make_user(uow.session, admin=True)
    own = await make_project(uow.session, ann, name="Mine")
    shared = await make_project(uow.session, bea, name="Ours", owners_ids=[bea.id, ann.id], published=False)
    await uow.session.commit()

    listed = (await as_user(ann).get(f"/account/ann/{path}", json=True)).json

    assert (listed["template"], listed["title"]) == ("account/projects.html", "Projects")
    assert [one["id"] for one in listed["projects_published"]] == [own.id]
    assert listed["projects_published"][0]["secret_key"] == own.secret_key
    assert [one["id"] for one in listed["projects_draft"]] == [shared.id]
    assert "secret_key" not in listed["projects_draft"][0]
    assert (await as_user(bea).get(f"/account/ann/{path}", json=True)).status == 403
    assert (await client.get(f"/account/ann/{path}", json=True)).location == (
        f"/account/signin?next=/account/ann/{path}"
    )


async def test_the_html_of_both_profiles(uow: UnitOfWork, client: Client, as_user: AsUser) -> None:
    ann = await make_user(uow.session, name="ann", fullname="Ann Bee")
    await answering(uow, ann, 12, name="Birds")
    await uow.session.commit()

    own, public = await as_user(ann).get("/account/ann/"), await client.get("/account/ann/")

    assert str(ann.api_key) in own.text
    assert str(ann.api_key) not in public.text
    for text in (own.text, public.text):
        assert 'aria-label="12 answers in the last half year"' in text
        assert "10 answers" in text
        assert "Birds" in text


async def test_lists_of_a_person_s_projects_have_pages_and_json_clients_get_them_whole(
    uow: UnitOfWork, as_user: AsUser, client: Client
) -> None:
    ann = await make_user(uow.session, name="ann", fullname="Ann Bee")
    for n in range(21):
        await make_project(uow.session, ann, name=f"Open {n:02}")
        await make_project(uow.session, ann, name=f"Draft {n:02}", published=False)
    await answering(uow, ann, 1, name="Birds")
    await uow.session.commit()
    own = as_user(ann)

    for path in ("/account/ann/", "/account/ann/projects"):
        first, published, drafts = [(await own.get(path + query)).text for query in ("", "?published=2", "?drafts=2")]
        assert ("Open 20" in first, "Open 00" in first, "Draft 20" in first, "Draft 00" in first) == (True, False) * 2
        assert ("Open 20" in published, "Open 00" in published, "Draft 20" in published) == (False, True, True)
        assert ("Open 20" in drafts, "Draft 00" in drafts, "Draft 20" in drafts) == (True, True, False)
        assert 'href="?published=2"' in first
        assert 'href="?drafts=2"' in first
        whole = (await own.get(path, json=True)).json
        assert (len(whole["projects_published"]), len(whole["projects_draft"])) == (21, 21)
        assert (await own.get(path + "?published=2", json=True)).json["projects_published"] == []

    seen, second = (await client.get("/account/ann/")).text, (await client.get("/account/ann/?created=2")).text
    assert ("Open 20" in seen, "Open 00" in seen, "Open 20" in second, "Open 00" in second) == (
        True,
        False,
        False,
        True,
    )
    assert "Draft" not in seen + second
    assert len((await client.get("/account/ann/", json=True)).json["projects_created"]) == 21
    assert "Birds" not in (await client.get("/account/ann/?helped=2")).text
    assert (await client.get("/account/ann/?created=x")).status == 404
