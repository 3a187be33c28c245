"""Import: what becomes of the rows of a CSV file (docs/contract/jobs.md 5)."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from quart.datastructures import FileStorage
from sqlalchemy import func, select

from db.models import File, Project, Task, TaskImport, TaskSlots, User
from db.session import Database
from tests.factories import make_project, make_user
from tests.support.client import Answer, Client
from webapp.config import Settings
from webapp.jobs.work import Work
from webapp.services.importing import task_imports
from webapp.services.importing.sources import from_storage


@pytest.fixture
async def owner(database: Database) -> User:
    async with database.unit() as uow:
        return await make_user(uow.session)


@pytest.fixture
async def project(database: Database, owner: User) -> Project:
    async with database.unit() as uow:
        return await make_project(uow.session, owner, published=False)


async def upload(client: Client, project: Project, content: bytes, name: str = "tasks.csv", **more: str) -> Answer:
    file = FileStorage(io.BytesIO(content), filename=name, name="file", content_type="text/csv")
    path = f"/project/{project.short_name}/tasks/import?type=localCSV&response_format=json"
    return await client.post(path, {"form_name": "localCSV", **more}, files={"file": file})


async def infos(database: Database) -> list[Any]:
    async with database.unit(read_only=True) as uow:
        return list((await uow.session.execute(select(Task.info).order_by(Task.id))).scalars())


async def files_of(database: Database) -> list[tuple[Any, ...]]:
    """The files on record: their names, whose they are, and the import that each belongs to."""
    columns = File.name, File.owner_id, File.project_id, File.attached_id
    async with database.unit(read_only=True) as uow:
        return [tuple(row) for row in await uow.session.execute(select(*columns))]


async def test_rows_become_tasks(
    as_user: Callable[[User], Client], database: Database, owner: User, project: Project
) -> None:
    answer = await upload(as_user(owner), project, b"question,url,n_answers,priority_0\nWho?,http://e.org/1,3,0.5\n")
    assert answer.json["next"] == f"/project/{project.short_name}/tasks/"
    assert answer.json["flash"] == "1 new task was imported successfully"
    async with database.unit(read_only=True) as uow:
        task = (await uow.session.execute(select(Task))).scalar_one()
        slots = (await uow.session.execute(select(TaskSlots))).scalar_one()
    assert (task.info, task.n_answers, task.priority_0) == ({"question": "Who?", "url": "http://e.org/1"}, 3, 0.5)
    assert (slots.n_answers, slots.ceiling, slots.is_open) == (3, 3, True)


async def test_values_are_typed_without_losing_anything(
    as_user: Callable[[User], Client], database: Database, owner: User, project: Project
) -> None:
    await upload(as_user(owner), project, b"\xef\xbb\xbfa,b,c,d,e\n1,2.5,007,,x\n")
    assert await infos(database) == [{"a": 1, "b": 2.5, "c": "007", "d": "", "e": "x"}]


async def test_headers_of_the_same_name_are_numbered(
    as_user: Callable[[User], Client], database: Database, owner: User, project: Project
) -> None:
    await upload(as_user(owner), project, b"a,a,b\n1,2,3\n")
    assert await infos(database) == [{"a": 1, "a.1": 2, "b": 3}]


async def test_what_is_there_already_is_not_added_again(
    as_user: Callable[[User], Client], database: Database, owner: User, project: Project
) -> None:
    client = as_user(owner)
    await upload(client, project, b"q\na\nb\n")
    again = await upload(client, project, b"q\na\nc\nc\n")
    assert again.json["flash"] == "1 new task was imported successfully. 2 rows are there already."
    assert await infos(database) == [{"q": "a"}, {"q": "b"}, {"q": "c"}]
    nothing = await upload(client, project, b"q\na\n")
    assert nothing.json["flash"] == "It looks like there were no new records to import. 1 row is there already."


async def test_duplicates_are_the_same_text(
    as_user: Callable[[User], Client], database: Database, owner: User, project: Project
) -> None:
    sections = [f"1.{number}" for number in range(1, 21)]
    answer = await upload(as_user(owner), project, "\n".join(["section", *sections, "1.1"]).encode())
    assert [str(info["section"]) for info in await infos(database)] == sections
    assert answer.json["report"]["n_present"] == 1


async def test_clients_are_told_what_was_left_out(
    as_user: Callable[[User], Client], owner: User, project: Project
) -> None:
    client = as_user(owner)
    some = (await upload(client, project, b"q,w\nlily\nrose,Kew\n,\nrose,Kew\n")).json
    assert some["status"] == "warning" and "line 2: 1 field where the header has 2" in some["flash"]
    assert some["report"] == {
        "n_read": 4,
        "n_added": 1,
        "n_present": 1,
        "n_empty": 1,
        "n_refused": 1,
        "notes": [],
        "refusals": [{"line": 2, "reason": "1 field where the header has 2"}],
    }
    assert (await upload(client, project, b"q,w\nlily\n")).json["status"] == "error"
    nothing = (await upload(client, project, b"q,w\n")).json
    assert (nothing["status"], nothing["report"]["n_read"]) == ("message", 0) and "no rows" in nothing["flash"]


async def test_tables_with_other_separators_and_spreadsheets_by_their_names(
    as_user: Callable[[User], Client], database: Database, owner: User, project: Project
) -> None:
    client = as_user(owner)
    await upload(client, project, "q\tw\nrosé\tKew\n".encode(), "tasks.tsv")
    assert await infos(database) == [{"q": "rosé", "w": "Kew"}]
    refused = await upload(client, project, b"PK\x03\x04", "tasks.xlsx")
    assert "a spreadsheet" in refused.json["form"]["errors"]["file"][0]
    refused = await upload(client, project, b"q\na\n", "tasks.py")
    assert "right file" in refused.json["form"]["errors"]["file"][0]


async def test_bad_rows_are_left_out_and_named(
    as_user: Callable[[User], Client], database: Database, owner: User, project: Project
) -> None:
    client = as_user(owner)
    await upload(client, project, b"q,n_answers\nfine,2\nragged\nmany,5000\n")
    assert await infos(database) == [{"q": "fine"}]
    page = await client.get(f"/project/{project.short_name}/tasks/")
    assert "where the header has" not in page.text, "messages are shown once, with the answer to the import"


async def test_what_was_left_out_is_one_message(
    as_user: Callable[[User], Client], owner: User, project: Project
) -> None:
    client = as_user(owner)
    file = FileStorage(io.BytesIO(b"q,n_answers\n" + b"ragged\n" * 7), filename="tasks.csv", name="file")
    path = f"/project/{project.short_name}/tasks/"
    await client.post(path + "import?type=localCSV", {"form_name": "localCSV"}, files={"file": file})
    page = (await client.get(path)).text
    assert page.count("left out: line 2: 1 field where the header has 2; line 3") == 1 and "line 7" not in page


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"a,a.1,a\n1,2,3\n", "two headers with the same name: a.1"),
        (b"a,,c\n1,2,3\n", "column 2 has no name"),
        (b"a\n\xff\xfe\n", "UTF-8"),
        (b"PK\x03\x04\x00\x00", "spreadsheet"),
        (b'a\n"open\n', "no CSV"),
        (b"a,b\n1,2\n" + b"," * 1_000_001, "line 3: a row has more than 1,000,000 separators"),
    ],
)
async def test_unusable_files_say_why(
    as_user: Callable[[User], Client], database: Database, owner: User, project: Project, content: bytes, reason: str
) -> None:
    answer = await upload(as_user(owner), project, content)
    assert answer.status == 200 and reason in answer.json["form"]["errors"]["file"][0]
    assert await infos(database) == []


async def test_a_preview_shows_the_first_rows_and_imports_nothing(
    as_user: Callable[[User], Client], database: Database, owner: User, project: Project
) -> None:
    client = as_user(owner)
    shown = await upload(client, project, b"q,w\nfirst,1\n", btn="preview")
    kept = shown.json["form"]["kept"]
    assert kept and await infos(database) == []
    assert await files_of(database) == [(kept, owner.id, project.id, None)]
    path = f"/project/{project.short_name}/tasks/import?type=localCSV&response_format=json"
    await client.post(path, {"form_name": "localCSV", "kept": kept})
    assert await infos(database) == [{"q": "first", "w": 1}]
    assert await files_of(database) == []


async def test_strangers_import_nothing(
    as_user: Callable[[User], Client], client: Client, database: Database, project: Project
) -> None:
    async with database.unit() as uow:
        stranger = await make_user(uow.session)
    assert (await upload(as_user(stranger), project, b"q\na\n")).status == 403
    assert (await client.get(f"/project/{project.short_name}/tasks/import", json=True)).status == 302


async def test_an_unknown_source_is_not_found(as_user: Callable[[User], Client], owner: User, project: Project) -> None:
    path = f"/project/{project.short_name}/tasks/import?type=nosuch"
    assert (await as_user(owner).get(path, json=True)).status == 404


async def test_private_addresses_are_not_called(
    as_user: Callable[[User], Client], owner: User, project: Project
) -> None:
    path = f"/project/{project.short_name}/tasks/import?type=csv"
    answer = await as_user(owner).post(path, {"form_name": "csv", "csv_url": "http://127.0.0.1:1/x.csv"}, json=True)
    assert "public internet" in answer.json["form"]["errors"]["csv_url"][0]


async def test_a_large_file_is_imported_by_the_worker_once(
    as_user: Callable[[User], Client], database: Database, owner: User, project: Project, settings: Settings
) -> None:
    rows = b"".join(b"row %d\n" % number for number in range(700))
    answer = await upload(as_user(owner), project, b"q\n" + rows + b"row 1\n")
    import_id = answer.json["import"]
    assert await infos(database) == []
    [(_, *kept_for)] = await files_of(database)
    assert kept_for == [owner.id, project.id, import_id]
    work = Work.of(settings)

    async def source(row: TaskImport) -> object:
        return await from_storage(work.storage, row.options["container"], row.options["name"])

    for _again in range(2):
        await task_imports.run(database, import_id, source)  # type: ignore[arg-type]
    await work.close()
    async with database.unit(read_only=True) as uow:
        done = await uow.session.get_one(TaskImport, import_id)
        tasks = (await uow.session.execute(select(func.count(Task.id)))).scalar_one()
    assert (done.state, done.n_read, done.n_added, done.n_present, tasks) == ("done", 701, 700, 1, 700)
    page = f"/project/{project.short_name}/tasks/import/{import_id}"
    seen = await as_user(owner).get(page, json=True)
    assert seen.json["progress"]["n_added"] == 700
    told = await as_user(owner).get(f"{page}/events")
    assert '"n_added":700' in told.text, "the stream of an import that has ended says so, and ends"


@pytest.mark.parametrize("path", ["", "/events"])
async def test_an_import_is_shown_to_its_project_s_owners_alone(
    as_user: Callable[[User], Client], client: Client, database: Database, project: Project, path: str
) -> None:
    async with database.unit() as uow:
        stranger = await make_user(uow.session)
        row = TaskImport(project_id=project.id, source="localCSV", state="done")
        uow.session.add(row)
    page = f"/project/{project.short_name}/tasks/import/{row.id}{path}"
    assert (await as_user(stranger).get(page, json=True)).status == 403
    anonymous = await client.get(page)
    assert anonymous.status == 302
    assert anonymous.location is not None
    assert anonymous.location.startswith("/account/signin")
