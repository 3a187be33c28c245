"""Tasks from Dropbox, Flickr, YouTube and X: the real client against servers of ours with the services' documented
shapes (docs/contract/jobs.md 5)."""

import json
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import pytest
from quart import Quart
from sqlalchemy import select, text

from db.models import Project, Task, TaskImport, User
from db.session import Database
from tests.factories import make_project, make_user
from tests.support.client import Client
from tests.support.listening import listening
from tests.support.others import Service
from webapp.config import Settings
from webapp.http.app_services import EXTENSION
from webapp.integrations.queue import Queue
from webapp.jobs.work import Work
from webapp.services.importing import automatic, task_imports
from webapp.services.importing.records import flickr, twitter, youtube
from webapp.services.importing.sources import reopen

FLICKR_KEY, YOUTUBE_KEY, TOKEN = "flickr-key-of-the-site", "youtube-key-of-the-site", "AAAAbearer%2Btoken"


@pytest.fixture
async def service(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Service]:
    server = Service()
    async with listening(server.answer) as server.port:
        monkeypatch.setattr(flickr, "API", f"{server.url}/services/rest/")
        monkeypatch.setattr(youtube, "API", f"{server.url}/youtube/v3/playlistItems")
        monkeypatch.setattr(twitter, "API", f"{server.url}/2")
        yield server


@pytest.fixture
def settings(settings: Settings) -> Settings:
    given = {"flickr_api_key": FLICKR_KEY, "youtube_api_key": YOUTUBE_KEY, "dropbox_app_key": "dropbox-key"}
    return settings.model_copy(
        update=given | {"outbound_allow": (ip_network("127.0.0.1/32"),), "pro_features": frozenset()}
    )


@pytest.fixture
async def owner(database: Database) -> User:
    async with database.unit() as uow:
        return await make_user(uow.session)


@pytest.fixture
async def project(database: Database, owner: User) -> Project:
    async with database.unit() as uow:
        return await make_project(uow.session, owner)


class Owner:
    def __init__(self, client: Client, project: Project) -> None:
        self.client = client
        self.path = f"/project/{project.short_name}/tasks/import"

    async def take(self, kind: str, **fields: Any) -> Any:
        form = {"form_name": kind} | fields
        return (await self.client.post(f"{self.path}?type={kind}", form, json=True)).json


@pytest.fixture
def hers(as_user: Callable[[User], Client], owner: User, project: Project) -> Owner:
    return Owner(as_user(owner), project)


async def infos(database: Database) -> list[Any]:
    async with database.unit(read_only=True) as uow:
        return list((await uow.session.scalars(select(Task.info).order_by(Task.id))).all())


async def done(database: Database, settings: Settings, import_id: int) -> TaskImport | None:
    """Do what waits, as the worker does."""
    work = Work.of(settings)

    async def source(row: TaskImport) -> Any:
        file = await reopen(work.import_access, work.storage, row.options)
        await task_imports.note_metadata(work.database, row, file)
        return file

    ended = await task_imports.run(database, import_id, source)
    if ended is not None:
        await automatic.remember(database, ended)
    await work.close()
    return ended


# Dropbox


async def test_files_that_dropbox_s_chooser_gives(hers: Owner, database: Database) -> None:
    picture = {"name": "a b.png", "link": "https://www.dropbox.com/s/1/a%20b.png?dl=0"}
    film = {"name": "f.mp4", "link": "https://www.dropbox.com/scl/fi/2/f.mp4?rlkey=r&dl=0", "bytes": 5}
    await hers.take("dropbox", **{"files-0": json.dumps(picture), "files-1": json.dumps(film)})
    first, second = await infos(database)
    raw = "https://www.dropbox.com/s/1/a%20b.png?raw=1"
    assert first == picture_info("a b.png", picture["link"], raw)
    content = "https://dl.dropboxusercontent.com/scl/fi/2/f.mp4?rlkey=r"
    assert (second["video_url"], second["audio_url"], "title" in second) == (content, content, False)
    assert second["link_raw"] == "https://www.dropbox.com/scl/fi/2/f.mp4?rlkey=r&raw=1"


def picture_info(name: str, link: str, raw: str) -> dict[str, str]:
    return {"filename": name, "link": link, "link_raw": raw, "url_m": raw, "url_b": raw, "title": name}


async def test_links_of_dropbox_can_be_pasted(hers: Owner, database: Database) -> None:
    links = "https://www.dropbox.com/s/1/a%20b.pdf?dl=0\n\n https://dropbox.com/s/2/c.mp3\n"
    await hers.take("dropbox", links=links)
    first, second = await infos(database)
    assert first["filename"] == "a b.pdf" and first["pdf_url"] == "https://dl.dropboxusercontent.com/s/1/a%20b.pdf"
    assert second["audio_url"] == "https://dl.dropboxusercontent.com/s/2/c.mp3"


async def test_the_chooser_is_on_its_own_page_alone_and_where_there_is_a_key(
    hers: Owner, app: Quart, database: Database
) -> None:
    page = await hers.client.get(f"{hers.path}?type=dropbox")
    policy = page.headers["Content-Security-Policy"]
    assert 'data-app-key="dropbox-key"' in page.text and "connect-src 'self' https://www.dropbox.com" in policy
    assert page.headers["Cross-Origin-Opener-Policy"] == "same-origin-allow-popups"
    assert "script-src 'nonce-" in policy and "'unsafe" not in policy
    other = await hers.client.get(f"{hers.path}?type=s3")
    assert "dropbox.com" not in other.headers["Content-Security-Policy"] and "dropins" not in other.text
    services = app.extensions[EXTENSION]
    without = services.settings.model_copy(update={"dropbox_app_key": None})
    app.extensions[EXTENSION] = replace(services, settings=without)
    page = await hers.client.get(f"{hers.path}?type=dropbox")
    assert "dropins" not in page.text and "dropbox.com" not in page.headers["Content-Security-Policy"]
    assert "require-trusted-types-for" in page.headers["Content-Security-Policy"] and 'name="links"' in page.text


# Flickr


def album_page(number: int) -> str:
    query = f"method=flickr.photosets.getPhotos&api_key={FLICKR_KEY}&photoset_id=72157"
    return f"/services/rest/?{query}&per_page=500&page={number}&format=json&nojsoncallback=1"


def photos(*ids: str, pages: int = 1) -> Any:
    photo = [{"id": one, "secret": "s", "server": "7", "farm": 1, "title": f"Bee {one}"} for one in ids]
    return {"photoset": {"id": "72157", "owner": "9@N01", "photo": photo, "pages": pages}, "stat": "ok"}


@pytest.mark.parametrize(
    "album", ["72157", "https://www.flickr.com/photos/bees/albums/72157/", "https://flickr.com/photos/b/sets/72157?x=1"]
)
async def test_an_album_is_read_page_by_page(hers: Owner, service: Service, database: Database, album: str) -> None:
    service.put(album_page(1), photos("1", "2", pages=2))
    service.put(album_page(2), photos("3", pages=2))
    await hers.take("flickr", album_id=album)
    found = await infos(database)
    assert [one["title"] for one in found] == ["Bee 1", "Bee 2", "Bee 3"]
    url = "https://live.staticflickr.com/7/1_s"
    assert found[0] == {
        "title": "Bee 1",
        "url": f"{url}.jpg",
        "url_m": f"{url}_m.jpg",
        "url_b": f"{url}_b.jpg",
        "link": "https://www.flickr.com/photos/9%40N01/1",
    }


# YouTube

LIST = "/youtube/v3/playlistItems?part=snippet&playlistId=PLbees&maxResults=50"


def films(*ids: str, following: str = "") -> Any:
    items = [{"snippet": {"title": "x", "resourceId": {"kind": "youtube#video", "videoId": one}}} for one in ids]
    return {"kind": "youtube#playlistItemListResponse", "items": items} | (
        {"nextPageToken": following} if following else {}
    )


@pytest.mark.parametrize(
    "host", ["https://www.youtube.com/playlist?list=PLbees", "https://youtu.be/abc?list=PLbees&index=2"]
)
async def test_a_playlist_is_read_page_by_page(hers: Owner, service: Service, database: Database, host: str) -> None:
    service.put(LIST, films("one", "two", following="T"))
    service.put(f"{LIST}&pageToken=T", films("three"))
    await hers.take("youtube", playlist_url=host)
    found = await infos(database)
    assert [one["video_url"] for one in found] == [
        f"https://www.youtube.com/watch?v={film}" for film in ("one", "two", "three")
    ]
    assert 'src="https://www.youtube.com/embed/one"' in found[0]["oembed"]
    assert all(f"X-Goog-Api-Key: {YOUTUBE_KEY}".lower() in head.lower() for head in service.heads)


# X


def posts(*ids: str, following: str = "") -> Any:
    data = [{"id": one, "text": f"Bee {one}", "author_id": "5", "lang": "en"} for one in ids]
    users = [{"id": "5", "username": "bees", "name": "Bees"}]
    meta = {"result_count": len(ids)} | ({"next_token": following} if following else {})
    return {"data": data, "includes": {"users": users}, "meta": meta}


def answers(service: Service, path: str, *pages: Any) -> None:
    service.by_path[path] = list(pages)


async def test_the_posts_of_an_account(hers: Owner, service: Service, database: Database) -> None:
    service.put("/2/users/by/username/bees", {"data": {"id": "5", "username": "bees"}})
    answers(service, "/2/users/5/tweets", posts("12", "11", following="T"), posts("10"))
    await hers.take("twitter", source="@bees", max_tweets="", user_credentials=TOKEN)
    found = await infos(database)
    assert [one["id"] for one in found] == ["12", "11", "10"]
    assert found[0] == {"id": "12", "text": "Bee 12", "author_id": "5", "lang": "en", "user_screen_name": "bees"}
    assert "pagination_token=T" in service.asked[-1] and "max_results=100" in service.asked[1]
    assert f"Authorization: Bearer {TOKEN}" in service.heads[-1]


async def test_a_search_leaves_out_what_only_repeats_others_and_has_an_end(
    hers: Owner, service: Service, database: Database
) -> None:
    ids = [str(n) for n in range(30, 18, -1)]
    answers(service, "/2/tweets/search/recent", posts(*ids, following="T"))
    await hers.take("twitter", source="bees OR wasps", max_tweets="11", user_credentials=TOKEN)
    assert len(await infos(database)) == 11 and len(service.asked) == 1
    assert "query=%28bees+OR+wasps%29+-is%3Aretweet" in service.asked[0] and "max_results=11" in service.asked[0]


async def test_an_owner_s_token_is_shown_to_nobody(
    hers: Owner, service: Service, database: Database, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    answers(service, "/2/tweets/search/recent", posts(*(str(n) for n in range(300, 0, -1))))
    shown = await hers.take("twitter", source="bees", max_tweets="300", user_credentials=TOKEN, btn="preview")
    assert TOKEN not in json.dumps(shown)
    answers(service, "/2/tweets/search/recent", posts(*(str(n) for n in range(300, 0, -1))))
    told = await hers.take("twitter", source="bees", max_tweets="300", sealed=shown["form"]["sealed"])
    page = await hers.client.get(f"{hers.path}/{told['import']}")
    kept = ""
    async with database.unit(read_only=True) as uow:
        for table in ("task_import", "procrastinate_jobs", "project", "auditlog"):
            kept += str((await uow.session.execute(text(f"SELECT * FROM {table}"))).all())
    assert TOKEN not in kept + page.text + caplog.text
    answers(service, "/2/tweets/search/recent", posts(*(str(n) for n in range(300, 0, -1))))
    ended = await done(database, settings, told["import"])
    assert ended is not None and (ended.state, ended.n_added) == ("done", 300)


async def test_an_automatic_import_goes_on_after_the_last_post(
    hers: Owner, service: Service, database: Database, settings: Settings, project: Project
) -> None:
    page = f"/project/{project.short_name}/tasks/autoimporter"
    form = {"form_name": "twitter", "source": "bees", "max_tweets": "200", "user_credentials": TOKEN}
    refused = await hers.client.post(f"{page}?type=twitter", form | {"user_credentials": ""})
    assert "must provide a bearer token" in refused.text
    await hers.client.post(f"{page}?type=twitter", form)
    shown = (await hers.client.get(page)).text
    assert "bees" in shown and TOKEN not in shown and "gAAAA" not in shown
    async with database.unit(read_only=True) as uow:
        kept = str((await uow.session.execute(text("SELECT info FROM project"))).all())
        log = str((await uow.session.execute(text("SELECT old_value, new_value FROM auditlog"))).all())
    assert TOKEN not in kept + log and "gAAAA" in kept and "gAAAA" not in log
    mine = (await hers.client.get(f"/api/project/{project.id}")).json
    assert mine["info"]["autoimporter"] == {"type": "twitter", "source": "bees", "max_tweets": 200}
    for ids, since in ((("9", "10"), None), (("11",), "since_id=10"), ((), "since_id=11")):
        answers(service, "/2/tweets/search/recent", posts(*ids) if ids else {"meta": {"result_count": 0}})
        assert await automatic.start_all(database, Queue(), settings) == 1
        async with database.unit(read_only=True) as uow:
            import_id = (await uow.session.scalars(select(TaskImport.id).order_by(TaskImport.id.desc()))).first()
        ended = await done(database, settings, import_id or 0)
        assert ended is not None and (ended.state, ended.n_added) == ("done", len(ids))
        assert since is None or since in service.asked[-1]
    assert [one["id"] for one in await infos(database)] == ["9", "10", "11"]


# What is wrong


@pytest.mark.parametrize(
    ("kind", "fields", "wrong"),
    [
        ("dropbox", {"links": ""}, "links"),
        ("dropbox", {"links": "https://evil.example/a.png"}, "links"),
        ("dropbox", {"links": "http://www.dropbox.com/a.png"}, "links"),
        ("dropbox", {"files-0": "{"}, "files"),
        ("dropbox", {"files-0": '{"name": "a"}'}, "files"),
        ("flickr", {"album_id": ""}, "album_id"),
        ("flickr", {"album_id": "bees"}, "album_id"),
        ("flickr", {"album_id": "404"}, "album_id"),
        ("youtube", {"playlist_url": "https://www.youtube.com/watch?v=abc"}, "playlist_url"),
        ("youtube", {"playlist_url": "https://vimeo.com/?list=PLbees"}, "playlist_url"),
        ("youtube", {"playlist_url": "https://www.youtube.com/playlist?list=none"}, "playlist_url"),
        ("twitter", {"source": "", "user_credentials": TOKEN}, "source"),
        ("twitter", {"source": "bees", "user_credentials": ""}, "user_credentials"),
        ("twitter", {"source": "bees", "user_credentials": "a b"}, "user_credentials"),
        ("twitter", {"source": "bees", "user_credentials": TOKEN, "max_tweets": "9999"}, "max_tweets"),
        ("twitter", {"source": "@nobody", "user_credentials": TOKEN}, "source"),
        ("twitter", {"source": "limited", "user_credentials": TOKEN}, "source"),
    ],
)
async def test_what_is_wrong_is_told_at_its_field(
    hers: Owner, service: Service, database: Database, kind: str, fields: dict[str, str], wrong: str
) -> None:
    service.put(album_page(1).replace("72157", "404"), {"stat": "fail", "code": 1, "message": "Photoset not found"})
    service.put("/2/users/by/username/nobody", {"errors": [{"title": "Not Found Error"}]})
    service.by_path["/2/tweets/search/recent"] = [("429 Too Many Requests", {})]
    told = await hers.take(kind, **fields)
    assert list(told["form"]["errors"]) == [wrong] and told["status"] == "error"
    assert await infos(database) == []
    assert not any(secret in json.dumps(told) for secret in (FLICKR_KEY, YOUTUBE_KEY, TOKEN))


async def test_a_key_that_is_refused_is_not_shown(hers: Owner, service: Service) -> None:
    service.put(album_page(1), b"<html>")
    told = await hers.take("flickr", album_id="72157")
    assert told["form"]["errors"]["album_id"] and FLICKR_KEY not in json.dumps(told)


async def test_without_a_key_owners_are_told_and_administrators_how_to_get_one(
    hers: Owner, app: Quart, database: Database, as_user: Callable[[User], Client]
) -> None:
    services = app.extensions[EXTENSION]
    without = services.settings.model_copy(update={"flickr_api_key": None, "youtube_api_key": None})
    app.extensions[EXTENSION] = replace(services, settings=without)
    async with database.unit() as uow:
        admin = as_user(await make_user(uow.session, name="admin", admin=True))
    for kind, setting in (("flickr", "WORKBEE_FLICKR_API_KEY"), ("youtube", "WORKBEE_YOUTUBE_API_KEY")):
        shown, told = (
            (await hers.client.get(f"{hers.path}?type={kind}")).text,
            await admin.get(f"{hers.path}?type={kind}"),
        )
        assert "no key for this source" in shown and setting not in shown
        assert setting in told.text
    fields = {"flickr": {"album_id": "72157"}, "youtube": {"playlist_url": "https://youtu.be/a?list=PLbees"}}
    for kind, form in fields.items():
        assert "no key" in str((await hers.take(kind, **form))["form"]["errors"])
    listed = (await hers.client.get(hers.path, json=True)).json["available_importers"]
    assert "projects/tasks/dropbox.html" in listed and "projects/tasks/youtube.html" not in listed
