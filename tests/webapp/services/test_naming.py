"""Names are what they show, and no two of them look alike."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from quart import Quart

from db.models import User
from db.naming import fold, skeleton
from db.session import UnitOfWork
from tests.factories import make_category, make_project, make_user
from tests.support.client import Client
from webapp.services.site.naming import UnfitName, checked_name, plain_text

ALIKE = [
    ("keeper", "keeреr"),  # Cyrillic
    ("keeper", "Keeper"),
    ("keeper", "ｋeeper"),
    ("paypal", "paypaI"),
    ("bee10", "beelO"),
    ("modern", "rnodern"),
    ("сон", "coн"),
    ("Ivan", "ivan"),
]
UNSEEN = [
    "kee\u200bper",
    "kee\u202eper",
    "kee\u00adper",
    "\u3164",
    "kee\ufe0fper",
    "kee\u2066per",
    "kee\u2028per",
    "\ufeffkee",
]
AsUser = Callable[[User], Client]


@pytest.mark.parametrize(
    "name", ["ann", "Ann.Bee-7", "müller", "пчела", "蜂とann", "نحلة", "😀😀😀", "a+b@c", "пчёлы-a38e", "two пчёлы"]
)
def test_names_with_words_of_one_script_each_are_fit_and_stay_as_they_are(name: str) -> None:
    assert checked_name(name) == name


@pytest.mark.parametrize("name", [*UNSEEN, "\u0301ann", "раypal-ann", "ann-annα", "и\u0489nn"])
def test_what_shows_something_else_is_unfit(name: str) -> None:
    with pytest.raises(UnfitName):
        checked_name(name)


@given(st.text(max_size=20))
def test_one_spelling_is_kept_and_looks_like_every_other(text: str) -> None:
    try:
        kept = checked_name(text)
    except UnfitName:
        return
    assert checked_name(kept) == kept
    assert skeleton(kept) == skeleton(text)


@given(st.text(max_size=20))
def test_folding_is_done_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_texts_lose_what_turns_those_around_them() -> None:
    assert plain_text("a\u202eb\u2066c\u2069 \u200fעב") == "abc \u200fעב"


@pytest.mark.parametrize(("first", "second"), ALIKE)
async def test_no_two_accounts_look_alike(client: Client, uow: UnitOfWork, first: str, second: str) -> None:
    await make_user(uow.session, name=first)
    await uow.session.commit()
    sent = {
        "fullname": "Ann Bee",
        "email_addr": "a@example.com",
        "password": "honey and wax",
        "confirm": "honey and wax",
    }

    answer = await client.post("/account/register", sent | {"name": second}, json=True)

    assert list(answer.json["form"]["errors"]) == ["name"]


@pytest.mark.parametrize("name", ["admin", "Support", "rооt", "SYSTEM", "ADMlN", "adm\u0131n"])
async def test_nobody_is_taken_for_who_runs_the_site(
    client: Client, uow: UnitOfWork, as_user: AsUser, name: str
) -> None:
    first, other = await make_user(uow.session, admin=True), await make_user(uow.session)
    await uow.session.commit()
    sent = {"fullname": "Ann", "email_addr": "a@example.com", "password": "honey and wax", "confirm": "honey and wax"}

    joined = await client.post("/account/register", sent | {"name": name}, json=True)
    changed = await as_user(other).api("PUT", f"/api/user/{other.id}", {"name": name})

    assert list(joined.json["form"]["errors"]) == ["name"] and changed.status in (400, 415)
    if name != "rооt":  # no name at all: it mixes scripts
        assert (await as_user(first).api("PUT", f"/api/user/{first.id}", {"name": name})).status == 200


async def test_the_first_account_has_any_name(client: Client, uow: UnitOfWork) -> None:
    sent = {"fullname": "Ann", "email_addr": "a@example.com", "password": "honey and wax", "confirm": "honey and wax"}
    joined = await client.post("/account/register", sent | {"name": "admin"}, json=True)
    assert joined.json["status"] == "success", joined.json


@pytest.mark.parametrize(("first", "second"), ALIKE)
async def test_no_two_projects_nor_categories_look_alike(
    uow: UnitOfWork, with_key: AsUser, first: str, second: str
) -> None:
    admin = await make_user(uow.session, admin=True)
    await make_project(uow.session, admin, short_name=first)
    await make_category(uow.session, short_name=first)
    await uow.session.commit()
    sent = {"name": "Another", "short_name": second, "description": "It looks like the other"}

    for resource in ("project", "category"):
        answer = await with_key(admin).api("POST", f"/api/{resource}", sent)
        assert answer.status == 415, resource


@pytest.mark.parametrize("name", UNSEEN)
async def test_unseen_characters_are_in_no_name(uow: UnitOfWork, with_key: AsUser, client: Client, name: str) -> None:
    admin = await make_user(uow.session, admin=True)
    project = await make_project(uow.session, admin)
    category = await make_category(uow.session)
    await uow.session.commit()
    script = with_key(admin)
    sent = {"name": "Another", "short_name": name, "description": "It shows less than it has"}

    made = [await script.api("POST", f"/api/{one}", sent) for one in ("project", "category")]
    changed = [
        await script.api("PUT", f"/api/project/{project.id}", {"short_name": name}),
        await script.api("PUT", f"/api/category/{category.id}", {"short_name": name}),
        await script.api("PUT", f"/api/user/{admin.id}", {"name": f"ann{name}"}),
    ]

    refused = {400, 415}  # by the form's shape, or by what a name may be
    assert {answer.status for answer in (*made, *changed)} <= refused


async def test_names_of_before_that_look_alike_go_on(app: Quart, uow: UnitOfWork, as_user: AsUser) -> None:
    old = await make_user(uow.session, name="ann")
    twin = await make_user(uow.session, name="twin", passwd_hash=old.passwd_hash)
    twin.name, twin.name_skeleton = "Ann", None
    await uow.session.commit()
    profile = {"btn": "Profile", "fullname": "Ann Twin", "name": "Ann", "email_addr": twin.email_addr, "locale": "en"}

    answer = await as_user(twin).post("/account/Ann/update", profile, json=True)

    assert answer.json["status"] == "success"


async def test_a_full_name_turns_nothing_around(uow: UnitOfWork, with_key: AsUser) -> None:
    ann = await make_user(uow.session)
    await uow.session.commit()

    answer = await with_key(ann).api("PUT", f"/api/user/{ann.id}", {"fullname": "Ann\u202e eeB"})

    assert answer.json["fullname"] == "Ann eeB"
