"""The OpenAPI document: it has every route, says nothing twice, and people can read it."""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from quart import Quart

from tests.support.client import Client
from webapp.api.openapi.document import path_of


@pytest.fixture
async def document(client: Client) -> Any:
    return (await client.get("/api/openapi.json")).json


def operations(document: Any) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield method.upper(), path, operation


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"]
        part = list(part.values())
    if isinstance(part, list):
        for one in part:
            yield from references(one)


async def test_it_has_every_route_and_no_other(app: Quart, document: Any) -> None:
    served = {
        (method, path_of(rule.rule))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert {(method, path) for method, path, _ in operations(document)} == served


async def test_its_parts_fit_together(document: Any) -> None:
    ids = [one["operationId"] for _, _, one in operations(document)]
    assert len(ids) == len(set(ids))
    for reference in set(references(document)):
        _, _, kind, name = reference.split("/")
        assert name in document["components"][kind], reference
    for path, item in document["paths"].items():
        assert all("{" + place["name"] + "}" in path for place in item["parameters"])
        assert path.count("{") == len(item["parameters"])


async def test_its_schemas_are_schemas(document: Any) -> None:
    for name, schema in document["components"]["schemas"].items():
        assert jsonschema_rs.meta.is_valid(schema), name


async def test_every_operation_says_what_it_is_and_who_may(document: Any) -> None:
    for method, path, one in operations(document):
        assert one["summary"], (method, path)
        assert one["security"], (method, path)
        assert any(status.startswith("2") for status in one["responses"]), (method, path)


async def test_it_names_no_file_of_the_repository(document: Any) -> None:
    texts = (one[key] for _, _, one in operations(document) for key in ("summary", "description") if key in one)
    assert [text for text in texts if ".md" in text] == []


async def test_rules_decide_which_operations_need_an_account(document: Any) -> None:
    paths = document["paths"]
    assert {} in paths["/api/task"]["get"]["security"]
    assert {} in paths["/api/taskrun"]["post"]["security"]
    for path, method in (("/api/task", "post"), ("/api/category/{identity}", "delete"), ("/api/favorites", "get")):
        assert {} not in paths[path][method]["security"]


async def test_columns_that_are_nobody_s_business_are_in_no_schema(document: Any) -> None:
    schemas = document["components"]["schemas"]
    for name, keys in {"User": ("passwd_hash", "api_key", "session_epoch"), "TaskRun": ("contributor",)}.items():
        assert not set(keys) & schemas[name]["properties"].keys()
    for shape in schemas["UserShown"]["anyOf"][:2]:
        assert "email_addr" not in shape["properties"]
    assert "secret_key" not in schemas["ProjectShown"]["anyOf"][0]["properties"]


async def test_columns_say_what_the_database_holds_them_to(document: Any) -> None:
    schemas = document["components"]["schemas"]
    task, project = schemas["Task"]["properties"], schemas["Project"]["properties"]
    assert task["state"] == {"type": "string", "maxLength": 100, "enum": ["ongoing", "completed"]}
    assert task["n_answers"] == {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}
    assert project["name"] == {"type": "string", "minLength": 1, "maxLength": 255}
    assert project["long_description"] == {"type": ["string", "null"], "maxLength": 64_000}


def form_at(document: Any, path: str) -> dict[str, Any]:
    body: dict[str, Any] = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
    return body


async def test_pages_say_which_fields_their_forms_have(document: Any) -> None:
    assert form_at(document, "/project/{short_name}/tasks/redundancy") == {
        "type": "object",
        "title": "RedundancyForm",
        "properties": {"n_answers": {"type": "integer", "minimum": 1, "maximum": 1000}},
        "required": ["n_answers"],
    }
    new = form_at(document, "/project/new")
    assert new["properties"]["name"] == {"type": "string", "maxLength": 255}
    assert new["required"] == ["name", "short_name", "long_description"]
    titles = [one["title"] for one in form_at(document, "/account/{name}/update")["anyOf"]]
    assert sorted(titles) == ["ExternalForm", "PasswordForm", "PictureForm", "ProfileForm"]
    kinds = [one["title"] for one in form_at(document, "/project/{short_name}/tasks/import")["anyOf"]]
    assert kinds[:6] == ["CsvUrlForm", "SpreadsheetForm", "EpicollectForm", "S3Form", "CsvFileForm", "IiifForm"]
    assert kinds[6:] == ["JsonUrlForm", "JsonFileForm", "DropboxForm", "FlickrForm", "YoutubeForm", "TwitterForm"]


async def test_a_task_of_another_project_has_a_page_of_its_own(document: Any) -> None:
    answer = document["paths"]["/project/{short_name}/task/{task_id}"]["get"]["responses"]["200"]
    shapes = answer["content"]["application/json"]["schema"]["anyOf"]
    templates = [one["properties"]["template"]["const"] for one in shapes if "properties" in one]
    assert templates == ["/projects/presenter.html", "/projects/task/wrong.html"]


async def test_people_read_it_group_by_group(client: Client, document: Any) -> None:
    every = (await client.get("/api/docs")).text
    assert all(f"<code>{path}</code>" in every for path in document["paths"])
    groups = (await client.get("/api/docs", json=True)).json["groups"]
    assert {one["name"] for one in groups} == {tag["name"] for tag in document["tags"]}
    for one in groups:
        text = (await client.get(f"/api/docs/{one['slug']}")).text
        assert all(f'id="{operation["anchor"]}"' in text for operation in one["operations"])


async def test_there_is_no_other_group(client: Client) -> None:
    assert (await client.get("/api/docs/nosuch")).status == 404
