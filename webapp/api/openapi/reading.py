"""The document as people read it: its operations as plain data for the pages of the reference."""

import re
from collections.abc import Iterator
from typing import Any

from webapp.api.described import Schema
from webapp.i18n import gettext as _
from webapp.viewmodels.api_reference import (
    ApiAnswer,
    ApiGroupPage,
    ApiReferencePage,
    Field,
    Operation,
    OperationGroup,
)

CODE = re.compile(r"`+([^`]+)`+")
LONGEST_ENUM = 8
"""Longer lists of choices name what is told elsewhere already, such as every column."""


def overview(document: Schema) -> ApiReferencePage:
    """Every group, its operations by method, path and summary."""
    return ApiReferencePage(title=_("API reference"), groups=_groups(document))


def group(document: Schema, slug: str) -> ApiGroupPage | None:
    """The group of this slug, or None."""
    every = _groups(document)
    found = next((one for one in every if one.slug == slug), None)
    if found is None:
        return None
    names = [(one.name, one.slug) for one in every]
    return ApiGroupPage(title=_("API reference: %(name)s", name=found.name), group=found, groups=names)


def _groups(document: Schema) -> list[OperationGroup]:
    reader = _Reader(document["components"])
    found: dict[str, list[Operation]] = {tag["name"]: [] for tag in document["tags"]}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                one = reader.operation(method, path, item["parameters"], operation)
                found[operation["tags"][0]].append(one)
    return [OperationGroup(name, name.replace(": ", "-"), tuple(operations)) for name, operations in found.items()]


def _readable(text: str) -> str:
    """The text with its code in quotation marks."""
    return CODE.sub(r"“\1”", text)


class _Reader:
    """Reads parts of a document, with the components that they refer to."""

    def __init__(self, components: Schema) -> None:
        self._components = components

    def _resolved(self, part: Schema) -> Schema:
        """The part, or what it refers to."""
        if "$ref" not in part:
            return part
        kind, name = part["$ref"].removeprefix("#/components/").split("/")
        found: Schema = self._components[kind][name]
        return found

    def operation(self, method: str, path: str, places: list[Schema], given: Schema) -> Operation:
        content: Schema = given.get("requestBody", {}).get("content", {})
        body: Schema = next(iter(content.values()))["schema"] if content else {}
        return Operation(
            anchor=given["operationId"],
            method=method.upper(),
            path=path,
            summary=_readable(given["summary"]),
            description=_readable(given.get("description", "")),
            sign_in={} not in given["security"],
            arguments=tuple(self._argument(one) for one in [*places, *given.get("parameters", [])]),
            body=tuple(self._fields(body)),
            body_kinds=tuple(content),
            answers=tuple(self._answer(status, one) for status, one in given["responses"].items()),
        )

    def _argument(self, given: Schema) -> Field:
        return Field(
            name=given["name"],
            kind=self._kind(given["schema"]),
            text=_readable(given.get("description", "")),
            required=given.get("required", False),
            place=given["in"],
        )

    def _answer(self, status: str, given: Schema) -> ApiAnswer:
        answer = self._resolved(given)
        content = answer.get("content", {})
        schema = content.get("application/json", {}).get("schema", {}) if status.startswith("2") else {}
        return ApiAnswer(status, answer["description"], tuple(content), tuple(self._fields(schema)))

    def _fields(self, schema: Schema) -> Iterator[Field]:
        """The keys of an object, of the items of an array, or of the fullest of several shapes."""
        schema = self._resolved(schema)
        if schema.get("type") == "array":
            yield from self._fields(schema.get("items", {}))
        elif "anyOf" in schema:
            shapes = [list(self._fields(one)) for one in schema["anyOf"]]
            yield from max(shapes, key=len)
        for name, one in schema.get("properties", {}).items():
            required = name in schema.get("required", ())
            yield Field(name, self._kind(one), self._resolved(one).get("description", ""), required)

    def _kind(self, schema: Schema) -> str:
        """What values there are, in words."""
        if "$ref" in schema:
            return str(schema["$ref"].rpartition("/")[2])
        if "const" in schema:
            return f"“{schema['const']}”"
        choices = schema.get("enum", ())
        if choices:
            words = ", ".join(f"“{one}”" for one in choices)
            return words if len(choices) <= LONGEST_ENUM else _("one of the columns")
        if "anyOf" in schema:
            return _(" or ").join(dict.fromkeys(self._kind(one) for one in schema["anyOf"]))
        return self._plain_kind(schema)

    def _plain_kind(self, schema: Schema) -> str:
        kind = schema.get("type", "any")
        kinds: list[Any] = kind if isinstance(kind, list) else [kind]
        text = _(" or ").join(str(one) for one in kinds)
        if kind == "array" and schema.get("items"):
            return _("array of %(kind)s", kind=self._kind(schema["items"]))
        longest = schema.get("maxLength")
        return _("%(kind)s, at most %(longest)s long", kind=text, longest=longest) if longest else text
