"""Files and the rows that show them: none is stored without a record, none is removed while it is shown, and none
stays when nothing shows it."""

import pytest
from quart import Quart
from sqlalchemy import delete, select, text, update

from db.models import Blogpost, File, Project, TaskImport, User
from db.queries.site.files import WITH_FILES
from db.session import Database
from tests.factories import make_project, make_user
from webapp.actor import ANONYMOUS, Actor
from webapp.api import RESOURCES
from webapp.errors import Forbidden, NotFound, Unauthorized
from webapp.http.app_services import current_services
from webapp.integrations.storage import Storage
from webapp.services.site.files import FilePlace, FileStore, StoredUpload


@pytest.fixture
def storage(app: Quart) -> Storage:
    return current_services(app).storage


@pytest.fixture
def files(app: Quart) -> FileStore:
    return current_services(app).file_store


@pytest.fixture
async def post(database: Database) -> Blogpost:
    async with database.unit() as uow:
        owner = await make_user(uow.session)
        project = await make_project(uow.session, owner)
        made = Blogpost(project_id=project.id, user_id=owner.id, title="News", body="…")
        uow.session.add(made)
        await uow.session.flush()
        return made


async def keep(
    database: Database, files: FileStore, post: Blogpost | None, project_id: int | None = None
) -> StoredUpload:
    """A file that this post shows; one that nothing shows without it."""
    async with database.unit() as uow:
        place = FilePlace("user_1", owner_id=None, project_id=project_id)
        stored = await files.store(uow, place, "a.txt", b"hello", "text/plain")
        if post is not None:
            await files.attach(uow, stored, Blogpost, post.id)
    return stored


async def is_there(storage: Storage, file: StoredUpload) -> bool:
    try:
        return await storage.read(file.container, file.name) == b"hello"
    except NotFound:
        return False


def test_every_resource_that_takes_files_has_them_recorded() -> None:
    assert {one.model for one in RESOURCES if one.takes_files} | {Project, TaskImport, User} == set(WITH_FILES)


async def test_a_file_is_known_by_its_content(database: Database, files: FileStore, post: Blogpost) -> None:
    stored = await keep(database, files, post, post.project_id)
    async with database.unit(read_only=True) as uow:
        row = await uow.session.get_one(File, stored.id)
    assert (row.size, row.content_type, row.project_id) == (5, "text/plain", post.project_id)
    assert row.sha256 == "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"


async def test_what_fails_leaves_no_file(database: Database, files: FileStore, storage: Storage) -> None:
    async with database.unit() as uow:
        stored = await files.store(uow, FilePlace("user_1", None), "a.txt", b"hello", "text/plain")
        assert await is_there(storage, stored)
        uow.set_rollback_only()
    assert not await is_there(storage, stored)
    assert await database.autocommit.fetch("SELECT id FROM file") == []


async def test_whoever_may_not_delete_a_file_is_refused(
    database: Database, files: FileStore, storage: Storage, post: Blogpost
) -> None:
    stored = await keep(database, files, post, post.project_id)
    for actor, refusal in ((ANONYMOUS, Unauthorized), (Actor(user_id=999), Forbidden)):
        with pytest.raises(refusal):
            async with database.unit() as uow:
                await files.detach(uow, actor, post)
    assert await is_there(storage, stored)


async def test_a_shown_file_is_never_removed(
    database: Database, files: FileStore, storage: Storage, post: Blogpost
) -> None:
    stored = await keep(database, files, post)
    await files.remove_detached(stored.id)
    assert await files.sweep() == 0
    assert await is_there(storage, stored)


async def test_a_file_goes_with_its_row_whatever_deleted_it(
    database: Database, files: FileStore, storage: Storage, post: Blogpost
) -> None:
    stored = await keep(database, files, post)
    async with database.unit() as uow:
        await uow.session.execute(delete(Project))
        assert (await uow.session.scalars(select(Blogpost))).all() == []
    assert await files.sweep() == 1
    assert not await is_there(storage, stored)
    assert await database.autocommit.fetch("SELECT id FROM file") == []


async def test_a_file_that_no_row_came_to_show_is_kept_for_a_day(
    database: Database, files: FileStore, storage: Storage
) -> None:
    stored = await keep(database, files, None)
    assert await files.sweep() == 0
    async with database.unit() as uow:
        await uow.session.execute(update(File).values(created=text("now() - interval '25 hours'")))
    assert await files.sweep() == 1
    assert not await is_there(storage, stored)
