"""Files that come with a request to the API: what is in them, how large they are, where they go
(docs/contract/api.md 3)."""

from pathlib import Path
from typing import Any

import pytest
from quart import Quart

from db.models import Project, Task, User
from tests.support.bucket import Bucket
from tests.support.client import Client
from tests.support.pictures import colour_of, drawn, png_of_size, sent_as
from webapp.config import Settings

MATERIAL = "/api/helpingmaterial"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


@pytest.fixture
def settings(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Settings:
    """Files of at most 1 MiB, in a folder, or in a bucket where a test says so."""
    small = settings.model_copy(update={"max_file_mib": 1})
    if getattr(request, "param", "folder") == "folder":
        return small
    given: Settings = request.getfixturevalue("bucket").settings(small, s3_prefix=tmp_path.name)
    return given


def stored(app: Quart) -> list[Path]:
    folder = app.extensions["workbee"].settings.data_dir / "uploads"
    return [path for path in folder.rglob("*") if path.is_file()]


def address(made: dict[str, Any]) -> str:
    return str(made["media_url"]).removeprefix("http://localhost")


async def test_a_file_is_served_as_what_it_is_and_never_runs(
    as_owner: Client, client: Client, project: Project
) -> None:
    for name, content, extension, content_type, inline in (
        ("cat.png", drawn(), "png", "image/png", True),
        ("cat.png", drawn(kind="JPEG"), "jpg", "image/jpeg", True),
        ("blob", drawn(kind="WEBP"), "webp", "image/webp", True),
        ("blob", b"\x1a\x45\xdf\xa3\x42\x82\x84webm", "webm", "video/webm", True),
        ("drawing.svg", SVG, "svg", "image/svg+xml", False),
        ("page.txt", b"<script>alert(1)</script>", "txt", "text/plain", False),
        ("paper.pdf", b"%PDF-1.7 /JS (app.alert(1))", "pdf", "application/pdf", False),
        ("all.zip", b"PK\x03\x04" + b"\0" * 100, "zip", "application/zip", False),
    ):
        made = await as_owner.upload("POST", MATERIAL, {"project_id": project.id}, sent_as(name, content))
        assert made.status == 200 and made.json["info"]["file_name"].endswith(f".{extension}")

        served = await client.get(address(made.json))

        assert served.headers["Content-Type"].partition(";")[0] == content_type
        assert served.headers["Content-Disposition"].partition(";")[0] == ("inline" if inline else "attachment")
        assert served.headers["X-Content-Type-Options"] == "nosniff"
        assert served.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


async def test_what_is_not_what_it_says_is_refused_whole(as_owner: Client, app: Quart, project: Project) -> None:
    for name, content in (
        ("page.png", b"<!doctype html><script>alert(1)</script>"),
        ("page.html", drawn()),
        ("drawing.png", SVG),
        ("huge.png", png_of_size(100_000, 100_000)),
        ("torn.jpg", drawn(kind="JPEG", size=(800, 600))[:700]),
        ("program.exe", b"MZ\x90\0"),
    ):
        answer = await as_owner.upload("POST", MATERIAL, {"project_id": project.id}, sent_as(name, content))
        assert (answer.status, answer.json["exception_cls"]) == (415, "ValueError"), name
    assert stored(app) == [] and (await as_owner.api("GET", MATERIAL)).json == []


async def test_what_else_the_file_held_is_not_served(as_owner: Client, client: Client, project: Project) -> None:
    content = drawn("lime", "JPEG", comment=b"<script>") + b"<script>"
    made = await as_owner.upload("POST", MATERIAL, {"project_id": project.id}, sent_as("a.jpg", content))
    served = await client.get(address(made.json))
    assert colour_of(served.content) == (0, 1, 0) and b"<script>" not in served.content


async def test_no_name_leads_out_of_the_folder(as_owner: Client, app: Quart, project: Project, owner: User) -> None:
    for name in ("../../../etc/cron.d/cat.png", "..\\..\\cat.png", "cat\0.png", "/cat.png", "cat.png/..png"):
        made = await as_owner.upload("POST", MATERIAL, {"project_id": project.id}, sent_as(name, drawn()))
        (kept,) = stored(app)
        assert kept.parent.name == f"user_{owner.id}" and kept.suffix == ".png"
        assert kept.stem.rpartition("-")[0] in ("cat", "file")
        assert (await as_owner.api("DELETE", f"{MATERIAL}/{made.json['id']}")).status == 204


async def test_a_file_has_a_largest_size_and_nothing_of_a_larger_one_stays(
    as_owner: Client, app: Quart, project: Project
) -> None:
    fields = {"project_id": project.id}
    for size, status in ((1024 * 1024, 200), (1024 * 1024 + 1, 413)):
        file = sent_as("a.pdf", b"%PDF-".ljust(size))
        assert (await as_owner.upload("POST", MATERIAL, fields, file)).status == status
    assert len(stored(app)) == 1


@pytest.mark.parametrize("settings", ["bucket"], indirect=True)
async def test_files_in_a_bucket_come_change_and_go_with_their_row(
    as_owner: Client, client: Client, project: Project
) -> None:
    made = (await as_owner.upload("POST", MATERIAL, {"project_id": project.id}, sent_as("a.png", drawn("red")))).json
    assert colour_of((await client.get(address(made))).content) == (1, 0, 0)
    path = f"{MATERIAL}/{made['id']}"
    changed = (await as_owner.upload("PUT", path, {}, sent_as("a.png", drawn("blue")))).json
    assert colour_of((await client.get(address(changed))).content) == (0, 0, 1)
    assert (await client.get(address(made))).status == 404
    assert (await as_owner.api("DELETE", path)).status == 204
    assert (await client.get(address(changed))).status == 404


@pytest.mark.parametrize("settings", ["bucket"], indirect=True)
async def test_without_its_bucket_nothing_is_half_kept_and_answers_without_files_go_on(
    app: Quart, as_owner: Client, client: Client, bucket: Bucket, project: Project, tasks: list[Task]
) -> None:
    fields = {"project_id": project.id}
    old = (await as_owner.upload("POST", MATERIAL, fields, sent_as("a.png", drawn()))).json
    task = (await client.api("GET", f"/api/project/{project.id}/newtask")).json
    answer = {"project_id": project.id, "task_id": task["id"], "info": {}}
    bucket.stop()
    try:
        refused = await as_owner.upload("POST", MATERIAL, fields, sent_as("a.png", drawn()))
        assert (refused.status, refused.json["exception_cls"]) == (503, "Unavailable")
        assert (await client.upload("POST", "/api/taskrun", answer, sent_as("a.png", drawn()))).status == 503
        assert (await as_owner.api("DELETE", f"{MATERIAL}/{old['id']}")).status == 204
        assert (await as_owner.api("GET", MATERIAL)).json == (await client.api("GET", "/api/taskrun")).json == []
        assert (await client.api("POST", "/api/taskrun", answer)).status == 200
    finally:
        bucket.start()
    assert (await client.get(address(old))).status == 200
    assert await app.extensions["workbee"].file_store.sweep() == 1, "what was removed meanwhile is so now"
    assert (await client.get(address(old))).status == 404
