"""Announcements, as administrators write them (docs/contract/pages.md 5)."""

from db.models import User
from tests.support.client import Client
from tests.webapp.views.admin.conftest import As

LIST = "/admin/announcement"
WRITTEN = {"title": "Hello", "body": "**All** is well", "media_url": "", "published": True}


async def test_one_is_written_changed_and_deleted(rita: Client, as_user: As, ann: User) -> None:
    hers = as_user(ann)
    form = (await rita.get(f"{LIST}/new", json=True)).json
    assert (form["title"], sorted(form["form"])) == (
        "Write a new post",
        ["body", "csrf", "errors", "id", "media_url", "published", "title"],
    )
    made = (await rita.post(f"{LIST}/new", WRITTEN | {"published": False}, json=True)).json
    assert made == {"next": LIST, "status": "success", "flash": '<i class="icon-ok"></i> Annnouncement created!'}
    body = (await rita.get(LIST, json=True)).json
    assert (body["title"], body["template"]) == ("Manage global Announcements", "admin/announcement.html")
    (one,) = body["announcements"]
    assert (one["title"], one["published"], one["media_url"]) == ("Hello", False, None) and body["csrf"]
    assert "Hello" not in (await hers.get("/announcements/")).text
    place = f"{LIST}/{one['id']}"
    assert (await rita.get(f"{place}/update", json=True)).json["form"]["body"] == "**All** is well"
    changed = (await rita.post(f"{place}/update", WRITTEN | {"title": "Hello all"}, json=True)).json
    assert changed["flash"].endswith("Announcement updated!")
    assert "Hello all" in (await hers.get("/announcements/")).text
    gone = (await rita.post(f"{place}/delete", json=True)).json
    assert gone["next"] == LIST and gone["flash"].endswith("Announcement deleted!")
    assert (await rita.get(LIST, json=True)).json["announcements"] == []


async def test_an_empty_one_is_refused_at_its_fields(rita: Client) -> None:
    body = (await rita.post(f"{LIST}/new", {"title": "", "body": ""}, json=True)).json
    assert sorted(body["form"]["errors"]) == ["body", "title"] and body["status"] == "error"
    assert (await rita.get(LIST, json=True)).json["announcements"] == []
    for path in ("update", "delete"):
        assert (await rita.post(f"{LIST}/999/{path}", WRITTEN, json=True)).status == 404


async def test_others_may_not(as_user: As, rita: Client, ann: User) -> None:
    await rita.post(f"{LIST}/new", WRITTEN, json=True)
    number = (await rita.get(LIST, json=True)).json["announcements"][0]["id"]
    hers = as_user(ann)
    for path in (LIST, f"{LIST}/new", f"{LIST}/{number}/update"):
        assert (await hers.get(path, json=True)).status == 403
    for path in (f"{LIST}/new", f"{LIST}/{number}/update", f"{LIST}/{number}/delete"):
        assert (await hers.post(path, WRITTEN, json=True)).status == 403
    assert len((await rita.get(LIST, json=True)).json["announcements"]) == 1
