"""Tasks from buckets: a real store that speaks S3, with a key of its owner, and Amazon's addresses."""

from collections.abc import AsyncIterator, Callable
from ipaddress import ip_network
from typing import Any

import pytest
from obstore.store import S3Store
from sqlalchemy import select, text

from db.models import Project, Task, TaskImport, User
from db.session import Database
from tests.factories import make_project, make_user
from tests.support.bucket import BUCKET, Bucket
from tests.support.client import Client
from tests.support.listening import listening
from tests.support.others import Service
from webapp.config import Settings
from webapp.jobs.work import Work
from webapp.services.importing import task_imports
from webapp.services.importing.records import s3
from webapp.services.importing.sources import reopen

N_FILES = 1203
"""More than a page of a list has."""


@pytest.fixture(scope="module")
async def filled(bucket: Bucket) -> Bucket:
    store = S3Store(
        BUCKET,
        endpoint=bucket.endpoint,
        access_key_id=bucket.key_id,
        secret_access_key=bucket.secret,
        region="us-east-1",
        client_options={"allow_http": True},
    )
    for number in range(N_FILES):
        await store.put_async(f"photos/{number:04}.jpg", b"x")
    await store.put_async("other/a film+1.mp4", b"x")
    return bucket


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    """Stands where Amazon is."""
    server = Service()
    async with listening(server.answer) as server.port:
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


class Take:
    def __init__(self, client: Client, project: Project, bucket: Bucket) -> None:
        self._client = client
        self._path = f"/project/{project.short_name}/tasks/import?type=s3"
        self._fields = {"form_name": "s3", "bucket": BUCKET, "endpoint": bucket.endpoint, "key_id": bucket.key_id}

    async def __call__(self, **fields: str) -> Any:
        return (await self._client.post(self._path, self._fields | fields, json=True)).json


@pytest.fixture
def take(as_user: Callable[[User], Client], owner: User, project: Project, filled: Bucket) -> Take:
    return Take(as_user(owner), project, filled)


async def names(database: Database) -> list[str]:
    async with database.unit(read_only=True) as uow:
        return [info["filename"] for info in await uow.session.scalars(select(Task.info).order_by(Task.id))]


async def test_a_bucket_of_any_store_is_listed_with_a_key_by_prefix(
    take: Take, filled: Bucket, database: Database
) -> None:
    told = await take(secret_key=filled.secret, prefix="other/")
    assert told["report"]["n_added"] == 1
    async with database.unit(read_only=True) as uow:
        info = (await uow.session.scalars(select(Task.info))).one()
    url = f"{filled.endpoint}/{BUCKET}/other/a%20film%2B1.mp4"
    assert info == {"filename": "other/a film+1.mp4", "url": url, "link": url, "video_url": url, "audio_url": url}


async def test_a_secret_is_kept_sealed_and_opened_by_the_worker_alone(
    take: Take, filled: Bucket, database: Database, settings: Settings
) -> None:
    told = await take(secret_key=filled.secret, prefix="photos/")
    async with database.unit(read_only=True) as uow:
        row = await uow.session.get_one(TaskImport, told["import"])
        kept = str((await uow.session.execute(text("SELECT options FROM task_import"))).scalar_one())
        jobs = str((await uow.session.execute(text("SELECT args FROM procrastinate_jobs"))).all())
    assert row.options["values"]["secret_key"] and filled.secret not in kept + jobs
    work = Work.of(settings)

    async def source(row: TaskImport) -> Any:
        return await reopen(work.import_access, work.storage, row.options)

    done = await task_imports.run(database, row.id, source)
    await work.close()
    assert done is not None and (done.state, done.n_added) == ("done", N_FILES)
    assert len(await names(database)) == N_FILES


async def test_the_secret_of_a_preview_is_shown_to_nobody_and_need_not_be_written_again(
    take: Take, filled: Bucket, database: Database
) -> None:
    shown = await take(secret_key=filled.secret, prefix="other/", btn="preview")
    assert filled.secret not in str(shown) and shown["form"]["secret_key"] is None
    told = await take(sealed=shown["form"]["sealed"], prefix="other/")
    assert told["report"]["n_added"] == 1


async def test_a_sealed_secret_is_of_one_project(
    take: Take, filled: Bucket, database: Database, as_user: Callable[[User], Client]
) -> None:
    shown = await take(secret_key=filled.secret, prefix="other/", btn="preview")
    async with database.unit() as uow:
        other = await make_user(uow.session, name="other")
        elsewhere = await make_project(uow.session, other, short_name="elsewhere")
    told = await Take(as_user(other), elsewhere, filled)(sealed=shown["form"]["sealed"], prefix="other/")
    assert "write the secret again" in str(told["form"]["errors"]) and await names(database) == []


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"secret_key": "no such secret"}, "bucket"),
        ({"secret_key": ""}, "key_id"),
        ({"endpoint": "ftp://127.0.0.1"}, "endpoint"),
        ({"endpoint": "http://10.0.0.1"}, "bucket"),
        ({"region": "a/b"}, "region"),
        ({"bucket": "two..dots"}, "bucket"),
    ],
)
async def test_what_is_wrong_is_told_at_its_field(
    take: Take, database: Database, fields: dict[str, str], wrong: str
) -> None:
    told = await take(**({"secret_key": "x"} | fields))
    assert list(told["form"]["errors"]) == [wrong] and await names(database) == []


@pytest.mark.parametrize(
    ("values", "url"),
    [
        ({"bucket": "bees"}, "https://bees.s3.amazonaws.com"),
        ({"bucket": "bees.example.org"}, "https://s3.amazonaws.com/bees.example.org"),
        ({"bucket": "bees", "region": "eu-west-1"}, "https://s3.eu-west-1.amazonaws.com/bees"),
        ({"bucket": "bees", "endpoint": "https://s3.example.org/"}, "https://s3.example.org/bees"),
    ],
)
def test_where_a_bucket_is(values: dict[str, str], url: str) -> None:
    assert s3.Bucket.of(values).url == url


async def test_a_public_bucket_shows_its_list_to_front_ends(
    client: Client, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "<Contents><Key>{}</Key></Contents>"
    body = "<ListBucketResult>" + key.format("a.png") + key.format("folder/") + "</ListBucketResult>"
    service.put("/bees/?list-type=2&prefix=", body.encode())
    service.put("/locked/?list-type=2&prefix=", b"", "403 Forbidden")
    monkeypatch.setattr(s3, "host", lambda bucket: f"{service.url}/{bucket}")
    assert (await client.get("/amazon/bucket/bees")).json == ["a.png"]
    for name, status in (("locked", 403), ("none", 404), ("A/b", 404), ("No", 404)):
        answer = await client.get(f"/amazon/bucket/{name}", headers={"Accept": "application/json"})
        assert answer.status == status
        if "/" not in name:
            assert answer.json["status"] == "failed" and answer.json["status_code"] == status
