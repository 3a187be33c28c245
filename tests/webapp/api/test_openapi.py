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
    assert schemas["Task"]["properties"]["state"]["enum"] == ["ongoing", "completed"]


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
