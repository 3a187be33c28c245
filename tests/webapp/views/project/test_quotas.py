"""How many projects one account may own."""

from datetime import UTC, datetime, timedelta

import pytest

from db.models import OwnershipOffer, Project, User
from db.repositories.rows import add_row, find_row
from db.session import Database
from tests.factories import make_project
from tests.webapp.views.project.conftest import As
from webapp.config import Settings

NEW = {"name": "Owls", "short_name": "owls", "long_description": "Where do owls sleep?"}
SENT = {"name": "Owls", "short_name": "owls", "description": "Where do owls sleep?"}
TOLD = "You have 2 projects, as many as one may: delete one, or ask the administrators."


@pytest.fixture
def most() -> int:
    return 2


@pytest.fixture
def settings(settings: Settings, most: int) -> Settings:
    return settings.model_copy(update={"most_projects": most})


async def own(database: Database, user: User, number: int) -> None:
    async with database.unit() as uow:
        for one in range(number):
            await make_project(uow.session, user, short_name=f"own{one}", name=f"Own {one}")


async def test_the_last_one_is_made(as_user: As, database: Database, owner: User) -> None:
    await own(database, owner, 1)
    assert (await as_user(owner).post("/project/new", NEW, json=True)).json["status"] == "success"


async def test_one_more_is_refused_at_the_form(as_user: As, database: Database, owner: User) -> None:
    await own(database, owner, 2)
    ada = as_user(owner)
    assert (await ada.post("/project/new", NEW, json=True)).json["form"]["errors"] == {"name": [TOLD]}
    assert TOLD in (await ada.post("/project/new", NEW)).text


@pytest.mark.parametrize(("number", "status"), [(1, 200), (2, 403), (3, 403)])
async def test_the_api_says_so(as_user: As, database: Database, owner: User, number: int, status: int) -> None:
    await own(database, owner, number)
    answer = await as_user(owner).api("POST", "/api/project", SENT)
    assert answer.status == status
    if status == 403:
        assert (answer.json["exception_cls"], answer.json["exception_msg"]) == ("Forbidden", TOLD)


async def test_others_projects_are_not_counted(as_user: As, database: Database, owner: User, stranger: User) -> None:
    async with database.unit() as uow:
        for one in ("a", "b"):
            both = [owner.id, stranger.id]
            await make_project(uow.session, owner, short_name=one * 3, name=one, owners_ids=both)
    assert (await as_user(stranger).api("POST", "/api/project", SENT)).status == 200


async def test_administrators_are_not_held_to_it(as_user: As, database: Database, admin: User) -> None:
    await own(database, admin, 2)
    assert (await as_user(admin).api("POST", "/api/project", SENT)).status == 200


@pytest.mark.parametrize("most", [0])
async def test_zero_is_no_limit(as_user: As, database: Database, owner: User) -> None:
    await own(database, owner, 3)
    assert (await as_user(owner).api("POST", "/api/project", SENT)).status == 200


@pytest.mark.parametrize(("number", "accepted"), [(1, True), (2, False)])
async def test_accepting_a_project_counts(
    as_user: As, database: Database, owner: User, stranger: User, project: Project, number: int, accepted: bool
) -> None:
    await own(database, stranger, number)
    async with database.unit() as uow:
        offer = OwnershipOffer(
            project_id=project.id,
            email_addr=stranger.email_addr,
            user_id=stranger.id,
            offered_by=owner.id,
            expires=datetime.now(UTC) + timedelta(days=1),
        )
        await add_row(uow.session, offer)
    answer = await as_user(stranger).post("/project/stars/offer/accept", {}, json=True)
    async with database.unit(read_only=True) as uow:
        kept, waiting = (
            await find_row(uow.session, Project, project.id),
            await find_row(uow.session, OwnershipOffer, offer.id),
        )
    assert kept is not None
    assert (kept.owner_id == stranger.id, waiting is None) == (accepted, accepted)
    if not accepted:
        assert answer.status == 403 and TOLD in answer.text
