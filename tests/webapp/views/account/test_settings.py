"""Settings of an account, its picture, its password and its API key."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from quart import Quart
from werkzeug.datastructures import FileStorage

from db.models import User
from db.session import UnitOfWork
from tests.factories import make_user
from tests.support.client import Client
from tests.support.pictures import colour_at
from webapp.config import Settings
from webapp.services.accounts.passwords import Passwords
from webapp.urls import smaller_picture

AsUser = Callable[[User], Client]
PROFILE: dict[str, Any] = {
    "btn": "Profile",
    "fullname": "Ann Beekeeper",
    "name": "ann",
    "email_addr": "ann@bees.example",
    "current_password": "honey and wax",
    "locale": "en",
    "ckan_api": "",
    "privacy_mode": False,
    "restrict": False,
    "subscribed": True,
}
UPDATE = "/account/ann/update"


@pytest.fixture
async def ann(uow: UnitOfWork, settings: Settings) -> User:
    user = await make_user(
        uow.session, name="ann", fullname="Ann Bee", passwd_hash=await Passwords(settings).hash("honey and wax")
    )
    await uow.session.commit()
    return user


def picture(size: tuple[int, int] = (400, 300), kind: str = "PNG", name: str = "me.png") -> FileStorage:
    """A picture whose left half is red and whose right half is blue."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    data = io.BytesIO()
    image.save(data, kind)
    return FileStorage(io.BytesIO(data.getvalue()), filename=name, name="avatar")


async def test_the_forms_as_json(ann: User, as_user: AsUser) -> None:
    shown = (await as_user(ann).get(UPDATE, json=True)).json

    assert (shown["template"], shown["title"], shown["show_passwd_form"]) == (
        "/account/update.html",
        "Update your profile: Ann Bee",
        True,
    )
    assert set(shown["form"]) == {*PROFILE, "id", "errors", "csrf"} - {"btn"}
    assert set(shown["upload_form"]) == {"id", "avatar", "x1", "y1", "x2", "y2", "errors", "csrf"}
    fields = {"current_password", "new_password", "confirm", "keep_api_key"}
    assert set(shown["password_form"]) == {*fields, "errors", "csrf"}


@pytest.mark.parametrize("button", ["Profile", "profile", "PROFILE"])
async def test_a_changed_profile_is_kept(ann: User, as_user: AsUser, uow: UnitOfWork, button: str) -> None:
    answer = await as_user(ann).post(UPDATE, PROFILE | {"name": "anna", "id": 999, "btn": button}, json=True)

    assert answer.json == {
        "next": "/account/anna/update",
        "status": "success",
        "flash": "Your profile has been updated!",
    }
    await uow.session.refresh(ann)
    assert (ann.fullname, ann.name, ann.email_addr) == ("Ann Beekeeper", "anna", "ann@bees.example")
    assert (ann.privacy_mode, ann.subscribed) == (False, True)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"email_addr": "nope"}, "email_addr"),
        ({"name": "bea"}, "name"),
        ({"email_addr": "BEA@x.example"}, "email_addr"),
        ({"ckan_api": "x" * 255}, "ckan_api"),
    ],
)
async def test_nothing_of_a_refused_profile_is_kept(
    ann: User, as_user: AsUser, uow: UnitOfWork, changed: dict[str, str], field: str
) -> None:
    await make_user(uow.session, name="bea", email_addr="bea@x.example")
    await uow.session.commit()

    answer = await as_user(ann).post(UPDATE, PROFILE | changed, json=True)

    assert (answer.status, answer.json["status"]) == (200, "error")
    assert list(answer.json["form"]["errors"]) == [field]
    assert answer.json["form"]["fullname"] == "Ann Beekeeper"
    await uow.session.refresh(ann)
    assert ann.fullname == "Ann Bee"


async def test_only_oneself_and_administrators_change_an_account(
    ann: User, as_user: AsUser, uow: UnitOfWork, client: Client
) -> None:
    other = await make_user(uow.session)
    admin = await make_user(uow.session, admin=True, passwd_hash=ann.passwd_hash)
    await uow.session.commit()

    assert (await as_user(other).get(UPDATE, json=True)).status == 403
    assert (await as_user(other).post(UPDATE, PROFILE, json=True)).status == 403
    assert (await client.get(UPDATE)).location == f"/account/signin?next={UPDATE}"
    assert (await as_user(admin).post(UPDATE, PROFILE, json=True)).json["status"] == "success"
    assert (await as_user(admin).get("/account/nobody/update", json=True)).status == 404


async def test_a_button_that_there_is_not(ann: User, as_user: AsUser) -> None:
    assert (await as_user(ann).post(UPDATE, PROFILE | {"btn": "Launch"}, json=True)).status == 415
    assert (await as_user(ann).post(UPDATE, PROFILE, json=True, csrf=False)).status == 400


async def test_keys_of_other_services(ann: User, as_user: AsUser, uow: UnitOfWork) -> None:
    other = await make_user(uow.session)
    await uow.session.commit()

    kept = await as_user(ann).post(UPDATE, {"btn": "External", "ckan_api": "key-1"}, json=True)
    taken = await as_user(other).post(
        f"/account/{other.name}/update", {"btn": "External", "ckan_api": "key-1"}, json=True
    )

    assert kept.json["status"] == "success"
    await uow.session.refresh(ann)
    assert ann.ckan_api == "key-1"
    assert (taken.json["status"], list(taken.json["form"]["errors"])) == ("error", ["ckan_api"])


async def test_a_new_password_ends_every_other_session(ann: User, as_user: AsUser, uow: UnitOfWork) -> None:
    here, elsewhere = as_user(ann), as_user(ann)

    answer = await here.post(
        UPDATE,
        {
            "btn": "Password",
            "current_password": "honey and wax",
            "new_password": "wax and honey",
            "confirm": "wax and honey",
        },
        json=True,
    )

    assert answer.json["status"] == "success"
    assert (await here.get("/account/profile", json=True)).json["user"]["name"] == "ann"
    assert (await elsewhere.get("/account/profile", json=True)).json["status"] == "not_signed_in"


@pytest.mark.parametrize(
    ("sent", "flash"),
    [
        (("guess", "wax and honey", "wax and honey"), "Your current password doesn't match the one in our records"),
        (("honey and wax", "wax and honey", "something else"), "Please correct the errors"),
        (("honey and wax", "short", "short"), "Please correct the errors"),
    ],
)
async def test_a_password_is_changed_by_whom_it_belongs_to(
    ann: User, as_user: AsUser, uow: UnitOfWork, sent: tuple[str, str, str], flash: str
) -> None:
    fields = dict(zip(("current_password", "new_password", "confirm"), sent, strict=True))

    answer = await as_user(ann).post(UPDATE, {"btn": "Password"} | fields, json=True)

    assert (answer.status, answer.json["flash"], answer.json["status"]) == (200, flash, "error")
    assert answer.json["password_form"]["current_password"] is None
    before = ann.passwd_hash
    await uow.session.refresh(ann)
    assert ann.passwd_hash == before


async def test_a_picture_is_cropped_written_anew_and_replaces_the_one_before(
    ann: User, as_user: AsUser, uow: UnitOfWork, app: Quart, settings: Settings
) -> None:
    browser = as_user(ann)
    folder = settings.data_dir / "uploads" / f"user_{ann.id}"
    first = await browser.post(UPDATE, {"btn": "Upload"}, files={"avatar": picture()})
    before = set(folder.iterdir())

    right_half = {"x1": 200, "y1": 0, "x2": 400, "y2": 300}
    second = await browser.post(UPDATE, {"btn": "Upload"} | right_half, files={"avatar": picture(kind="JPEG")})

    assert (first.status, second.location) == (302, UPDATE)
    smaller, kept = sorted(folder.iterdir(), key=lambda path: path.stat().st_size)
    assert {smaller, kept}.isdisjoint(before)
    assert smaller.name == smaller_picture(kept.name)
    await uow.session.refresh(ann)
    assert ann.info == {
        "container": f"user_{ann.id}",
        "avatar": kept.name,
        "avatar_url": f"/uploads/user_{ann.id}/{kept.name}",
    }
    served = await browser.get(ann.info["avatar_url"])
    assert served.headers["Content-Type"] == "image/avif"
    shown = Image.open(io.BytesIO(served.content))
    assert (shown.format, shown.size) == ("AVIF", (128, 192))
    page = (await browser.get("/about")).text
    assert f'src="/uploads/user_{ann.id}/{smaller.name}"' in page and kept.name not in page
    red, _green, blue = colour_at(shown.convert("RGB"), (10, 10))
    assert blue > 200
    assert red < 50


@pytest.mark.parametrize("data", [b"<svg onload=alert(1)>", b"GIF89a", b""])
async def test_what_is_no_picture_is_refused(ann: User, as_user: AsUser, settings: Settings, data: bytes) -> None:
    file = FileStorage(io.BytesIO(data), filename="me.png", name="avatar")

    answer = await as_user(ann).post(f"{UPDATE}?response_format=json", {"btn": "Upload"}, files={"avatar": file})

    assert (answer.status, answer.json["status"]) == (200, "error")
    assert not (settings.data_dir / "uploads" / f"user_{ann.id}").exists()


async def test_an_upload_without_a_file(ann: User, as_user: AsUser) -> None:
    answer = await as_user(ann).post(UPDATE, {"btn": "Upload"}, json=True)

    assert answer.json["flash"] == "You have to provide an image file to update your avatar"


async def test_a_new_api_key(ann: User, as_user: AsUser, uow: UnitOfWork, app: Quart) -> None:
    old, browser = ann.api_key, as_user(ann)
    token = (await browser.get("/account/ann/resetapikey", json=True)).json["form"]["csrf"]

    answer = await browser.post("/account/ann/resetapikey", json=True, csrf=False, headers={"X-CSRFToken": token})

    assert answer.json == {"next": "/account/ann/", "status": "success", "flash": "New API-KEY generated"}
    await uow.session.refresh(ann)
    assert ann.api_key != old
    by_old_key = await Client(app, key=old).get("/account/profile", json=True)
    assert by_old_key.json["status"] == "not_signed_in"


async def test_nobody_else_makes_a_new_key(ann: User, as_user: AsUser, uow: UnitOfWork, client: Client) -> None:
    other = await make_user(uow.session)
    await uow.session.commit()

    assert (await as_user(other).post("/account/ann/resetapikey", json=True)).status == 403
    assert (await as_user(other).post("/account/nobody/resetapikey", json=True)).status == 404
    assert (await client.get("/account/ann/resetapikey")).status == 302


async def test_the_page_of_the_settings(ann: User, as_user: AsUser, tmp_path: Path) -> None:
    page = await as_user(ann).get(UPDATE)

    assert page.text.count('<form class="form"') == 3
    assert 'name="btn" value="Password"' in page.text
