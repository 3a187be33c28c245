"""Tasks from services whose documents are JSON: the real client against servers of ours with the documented shapes
(docs/contract/jobs.md 5)."""

from collections.abc import AsyncIterator, Callable
from ipaddress import ip_network
from typing import Any

import pytest
from sqlalchemy import select

from db.models import Project, Task, TaskImport, User
from db.session import Database
from tests.factories import make_project, make_user
from tests.support.client import Client
from tests.support.listening import listening
from tests.support.others import Service
from webapp.config import Settings
from webapp.jobs.work import Work
from webapp.services.importing import sources, task_imports
from webapp.services.importing.records import epicollect, s3
from webapp.services.importing.sources import reopen


@pytest.fixture
async def service(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Service]:
    """Stands where EpiCollect and Amazon are."""
    server = Service()
    async with listening(server.answer) as server.port:
        monkeypatch.setattr(epicollect, "PLUS", server.url)
        monkeypatch.setattr(epicollect, "FIVE", server.url)
        monkeypatch.setattr(s3, "host", lambda bucket: f"{server.url}/{bucket}")
        yield server


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"outbound_allow": (ip_network("127.0.0.1/32"),)})


@pytest.fixture
async def owner(database: Database) -> User:
    async with database.unit() as uow:
        return await make_user(uow.session)


@pytest.fixture
async def project(database: Database, owner: User) -> Project:
    async with database.unit() as uow:
        return await make_project(uow.session, owner)


@pytest.fixture
def hers(as_user: Callable[[User], Client], owner: User) -> Client:
    return as_user(owner)


async def take(client: Client, project: Project, kind: str, **fields: Any) -> Any:
    """What becomes of an import of this kind."""
    form = {"form_name": kind} | fields
    return (await client.post(f"/project/{project.short_name}/tasks/import?type={kind}", form, json=True)).json


async def imported(database: Database, settings: Settings, import_id: int) -> TaskImport | None:
    """Do what waits, as the worker does."""
    work = Work.of(settings)

    async def source(row: TaskImport) -> Any:
        return await reopen(work.import_access, work.storage, row.options)

    done = await task_imports.run(database, import_id, source)
    await work.close()
    return done


async def infos(database: Database) -> list[Any]:
    async with database.unit(read_only=True) as uow:
        return list((await uow.session.scalars(select(Task.info).order_by(Task.id))).all())


def page(n: int, *, more: bool) -> Any:
    return {"data": {"entries": [{"ec5_uuid": f"u{n}"}]}, "links": {"next": "x" if more else None}}


async def test_the_forms_are_those_of_the_original(hers: Client, project: Project) -> None:
    fields = {
        "epicollect": ["epicollect_form", "epicollect_project", "form_name"],
        "s3": ["bucket", "files", "form_name"],
        "iiif": ["form_name", "manifest_uri", "version"],
    }
    address = f"/project/{project.short_name}/tasks/import"
    for kind, names in fields.items():
        body = (await hers.get(f"{address}?type={kind}", json=True)).json
        assert body["template"] == f"/projects/importers/{kind}.html"
        assert set(names) <= set(body["form"])
    assert (await hers.get(f"{address}?type=s3", json=True)).json["form"]["files"] == []
    assert (await hers.get(f"{address}?type=iiif", json=True)).json["form"]["version"] == "2.1"
    shown = (await hers.get(address, json=True)).json["available_importers"]
    assert {f"projects/tasks/{kind}.html" for kind in fields} <= set(shown)


async def test_epicollect_plus_has_a_task_for_each_record(
    hers: Client, project: Project, service: Service, database: Database
) -> None:
    service.put("/bees/counts.json", [{"n": 1, "at": {"lat": 1.5}}, {"n": 2}, {"n": 1, "at": {"lat": 1.5}}])
    told = await take(hers, project, "epicollect", epicollect_project="bees", epicollect_form="counts")
    assert told["flash"].startswith("2 new tasks were imported successfully")
    assert await infos(database) == [{"n": 1, "at": {"lat": 1.5}}, {"n": 2}]
    again = await take(hers, project, "epicollect", epicollect_project="bees", epicollect_form="counts")
    assert "no new records" in again["flash"]


async def test_epicollect5_is_read_page_by_page(
    hers: Client, project: Project, service: Service, database: Database
) -> None:
    entries = "/api/export/entries/bee-count?per_page=1000&page={}&format=json"
    service.put(entries.format(1), page(1, more=True))
    service.put(entries.format(2), page(2, more=False))
    await take(hers, project, "epicollect", epicollect_project="bee-count", epicollect_form="")
    assert await infos(database) == [{"ec5_uuid": "u1"}, {"ec5_uuid": "u2"}]


async def test_what_takes_longer_than_a_request_has_is_imported_by_the_worker(
    hers: Client,
    project: Project,
    service: Service,
    database: Database,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sources, "HEAD_S", 0.5)
    entries = "/api/export/entries/bee-count?per_page=1000&page={}&format=json"
    service.put(entries.format(1), page(1, more=True))
    service.put(entries.format(2), page(2, more=False))
    service.slow = {entries.format(2)}
    form = {"epicollect_project": "bee-count", "epicollect_form": ""}
    address = f"/project/{project.short_name}/tasks/import?type=epicollect"
    assert "u1" in (await hers.post(address, form | {"form_name": "epicollect", "btn": "preview"})).text
    told = await take(hers, project, "epicollect", **form)
    done = await imported(database, settings, told["import"])
    assert done is not None and (done.state, done.n_added) == ("done", 2)
    service.slow.add(entries.format(1))
    told = await take(hers, project, "epicollect", **form, btn="preview")
    assert "in the background" in str(told["form"]["errors"])


V2 = {
    "sequences": [
        {
            "canvases": [
                {
                    "@id": "https://lib.example/canvas/1",
                    "images": [{"resource": {"service": {"@id": "https://img.example/1/"}}}],
                }
            ]
        }
    ]
}
V3 = {
    "items": [
        {
            "id": "https://lib.example/canvas/1",
            "items": [{"items": [{"body": {"service": [{"id": "https://img.example/1", "type": "ImageService3"}]}}]}],
        }
    ]
}


@pytest.mark.parametrize(("manifest", "size"), [(V2, "full"), (V3, "max")], ids=["v2", "v3"])
async def test_a_manifest_has_a_task_for_each_image(
    hers: Client, project: Project, service: Service, database: Database, manifest: Any, size: str
) -> None:
    service.put("/book.json", manifest)
    address = f"{service.url}/book.json"
    shown = await take(hers, project, "iiif", manifest_uri=address, version="2.1", btn="preview")
    assert shown["template"] == "/projects/importers/iiif.html" and await infos(database) == []
    await take(hers, project, "iiif", manifest_uri=address, version="2.1")
    (info,) = await infos(database)
    assert info["tileSource"] == "https://img.example/1/info.json"
    assert info["url"] == f"https://img.example/1/full/{size}/0/default.jpg"
    assert (info["target"], info["manifest"]) == ("https://lib.example/canvas/1", address)
    assert info["url_b"].endswith("/full/1024,/0/default.jpg") and info["link"].startswith("http://universalviewer.io")


async def test_named_files_of_a_bucket_need_no_list(
    hers: Client, project: Project, service: Service, database: Database
) -> None:
    fields = {"files-0": "a b.jpg", "files-1": "film.mp4", "files-2": "text.pdf"}
    await take(hers, project, "s3", bucket="bees", **fields)
    first, second, third = await infos(database)
    assert (first["filename"], first["url"]) == ("a b.jpg", f"{service.url}/bees/a%20b.jpg")
    assert first["url_m"] == first["url_b"] == first["link"] == first["url"] and first["title"] == "a b.jpg"
    assert second["video_url"] == second["audio_url"] == second["url"] and "url_m" not in second
    assert third["pdf_url"] == third["url"]
    assert service.asked == []


LIST = b"""<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">%s%s</ListBucketResult>"""


def key(name: bytes) -> bytes:
    return b"<Contents><Key>%s</Key></Contents>" % name


async def test_a_bucket_is_listed_page_by_page(
    hers: Client, project: Project, service: Service, database: Database
) -> None:
    token = b"<NextContinuationToken>T+1</NextContinuationToken>"
    first = LIST % (key(b"photos/") + key(b"photos/a.png"), token)
    service.put("/bees/?list-type=2&prefix=photos%2F", first)
    service.put("/bees/?list-type=2&prefix=photos%2F&continuation-token=T%2B1", LIST % (key(b"photos/b.png"), b""))
    await take(hers, project, "s3", bucket="bees", prefix="photos/")
    assert [one["filename"] for one in await infos(database)] == ["photos/a.png", "photos/b.png"]


async def test_many_records_are_imported_by_the_worker(
    hers: Client, project: Project, service: Service, database: Database, settings: Settings
) -> None:
    service.put("/bees/counts.json", [{"n": n} for n in range(500)])
    told = await take(hers, project, "epicollect", epicollect_project="bees", epicollect_form="counts")
    assert await infos(database) == []
    done = await imported(database, settings, told["import"])
    assert done is not None and (done.state, done.n_added) == ("done", 500)


@pytest.mark.parametrize(
    ("kind", "fields", "wrong"),
    [
        ("epicollect", {"epicollect_project": "bees", "epicollect_form": "none"}, "epicollect_project"),
        ("epicollect", {"epicollect_project": "bees", "epicollect_form": "html"}, "epicollect_project"),
        ("epicollect", {"epicollect_project": "bees", "epicollect_form": "object"}, "epicollect_project"),
        ("epicollect", {"epicollect_project": "bees", "epicollect_form": "empty"}, "epicollect_project"),
        ("iiif", {"manifest_uri": "SERVICE/bees/object.json", "version": "2.1"}, "manifest_uri"),
        ("iiif", {"manifest_uri": "SERVICE/bees/empty.json", "version": "2.1"}, "manifest_uri"),
        ("iiif", {"manifest_uri": "nowhere", "version": "2.1"}, "manifest_uri"),
        ("s3", {"bucket": "Evil.example/x", "files-0": "a.png"}, "bucket"),
        ("s3", {"bucket": "bees"}, "bucket"),
        ("s3", {"bucket": ""}, "bucket"),
    ],
)
async def test_what_is_none_is_told_at_its_field(
    hers: Client, project: Project, service: Service, database: Database, kind: str, fields: dict[str, str], wrong: str
) -> None:
    service.put("/bees/html.json", b"<html>")
    service.put("/bees/object.json", {"a": [1]})
    service.put("/bees/empty.json", [])
    service.put("/bees/?list-type=2&prefix=", b"<html>")
    told = await take(hers, project, kind, **{name: v.replace("SERVICE", service.url) for name, v in fields.items()})
    assert list(told["form"]["errors"]) == [wrong] and told["status"] == "error"
    assert await infos(database) == []


async def test_addresses_within_are_not_asked(
    hers: Client, project: Project, service: Service, database: Database, settings: Settings
) -> None:
    told = await take(hers, project, "iiif", manifest_uri="http://10.0.0.1/book.json", version="2.1")
    assert told["status"] == "error" and await infos(database) == []
