"""Files that are made to do harm, sent wherever a file can be sent: what is taken is served as what it is, and never
runs; the rest is refused, and nothing of it stays."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from quart import Quart
from wtforms import FileField

from db.models import Project, User
from db.session import Database
from tests.factories import make_project, make_tasks, make_user
from tests.hostile.files import FILES, SCRIPT, HostileFile
from tests.support.client import Answer, Client
from tests.support.pictures import sent_as
from webapp.api.resource import Resource
from webapp.forms.account.settings import PictureForm
from webapp.forms.base import WorkbeeForm
from webapp.forms.project.editing import ThumbnailForm
from webapp.forms.project.importing import CsvFileForm, JsonFileForm


@dataclass(frozen=True)
class Site:
    """An administrator with a project, by cookie and by key."""

    owner: User
    project: Project
    browser: Client
    script: Client


@pytest.fixture
async def site(database: Database, as_user: Callable[[User], Client], with_key: Callable[[User], Client]) -> Site:
    async with database.unit() as uow:
        owner = await make_user(uow.session, admin=True)
        project = await make_project(uow.session, owner)
        await make_tasks(uow.session, project, len(FILES), n_answers=1)
    return Site(owner, project, as_user(owner), with_key(owner))


def resources_with_files(app: Quart) -> dict[str, Resource]:
    found = (getattr(view, "workbee_resource", None) for view in app.view_functions.values())
    return {one.name: one for one in found if one is not None and one.takes_files}


async def fields_of(site: Site, resource: Resource, number: int) -> dict[str, Any]:
    """As much of a row as its resource wants."""
    wanted = {"project_id": site.project.id, "title": "News", "body": "…", "slug": f"x{number}"}
    if resource.name == "taskrun":
        task = (await site.script.api("GET", f"/api/project/{site.project.id}/newtask")).json
        wanted |= {"task_id": task["id"], "info": {}}
    return {name: value for name, value in wanted.items() if name in resource.columns()}


def shown_safely(file: HostileFile, served: Answer) -> bool:
    kind = served.headers["Content-Type"].partition(";")[0]
    shown = served.headers["Content-Disposition"].startswith("inline")
    return (
        served.status == 200
        and kind == file.becomes
        and served.headers["X-Content-Type-Options"] == "nosniff"
        and served.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        and shown == kind.startswith(("image/", "audio/", "video/")) * (kind != "image/svg+xml")
        and not (kind.startswith("image/") and kind != "image/svg+xml" and SCRIPT in served.content)
    )


async def test_the_api_takes_what_files_are_and_nothing_else(app: Quart, site: Site) -> None:
    wrong = []
    for name, resource in resources_with_files(app).items():
        for number, file in enumerate(FILES):
            fields = await fields_of(site, resource, number)
            answer = await site.script.upload("POST", f"/api/{name}", fields, sent_as(file.name, file.content))
            if file.becomes is None:
                good = answer.status == 415
            else:
                path = str(answer.json.get("media_url")).removeprefix("http://localhost")
                good = answer.status == 200 and shown_safely(file, await site.browser.get(path))
            if not good:
                wrong.append((name, file.label, answer.status, answer.text[:100]))
    assert wrong == []


def forms_with_files() -> set[type[WorkbeeForm]]:
    def below(form: type[WorkbeeForm]) -> set[type[WorkbeeForm]]:
        return {form}.union(*map(below, form.__subclasses__()))

    return {form for form in below(WorkbeeForm) if any(is_file(form, name) for name in dir(form))}


def is_file(form: type[WorkbeeForm], name: str) -> bool:
    return getattr(getattr(form, name), "field_class", None) is FileField


async def test_forms_keep_nothing_but_pictures_drawn_anew_and_tables(app: Quart, site: Site) -> None:
    project = f"/project/{site.project.short_name}"
    places = {
        CsvFileForm: (f"{project}/tasks/import?type=localCSV", "file", {"form_name": "localCSV", "btn": "preview"}),
        JsonFileForm: (f"{project}/tasks/import?type=localJSON", "file", {"form_name": "localJSON", "btn": "preview"}),
        PictureForm: (f"/account/{site.owner.name}/update", "avatar", {"btn": "Upload"}),
        ThumbnailForm: (f"{project}/update", "avatar", {"btn": "Upload"}),
    }
    assert forms_with_files() == set(places), "where files can be sent, they are tried"
    wrong = []
    for path, field, fields in places.values():
        for file in FILES:
            answer = await site.browser.post(path, fields, files={field: sent_as(file.name, file.content)})
            if answer.status >= 400 and not (answer.status < 500 and file.becomes is None):
                wrong.append((path, file.label, answer.status))
    assert wrong == []
    folder = app.extensions["workbee"].settings.data_dir / "uploads"
    kept = [path for path in folder.rglob("*") if path.is_file()]
    pictures = [path for path in kept if path.suffix == ".avif"]
    assert pictures and {path.suffix for path in kept} <= {".avif", ".csv", ".json"}
    assert [path for path in pictures if SCRIPT in path.read_bytes()] == []
