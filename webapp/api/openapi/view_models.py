"""View-models as JSON schemas: the fields that JSON clients see, by the types that the dataclass gives them."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from webapp.api.described import Schema
from webapp.api.openapi.columns import MOMENT
from webapp.viewmodels.page import Page

SIMPLE: dict[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    NoneType: {"type": "null"},
    datetime: MOMENT,
    date: {"type": "string", "format": "date"},
}
SHOWN_WHERE_SET = frozenset({"code", "title"})


def of_type(annotation: Any) -> Schema:
    """Values of this annotation as JSON. What has a JSON form of its own is some object."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if annotation in SIMPLE:
        return SIMPLE[annotation]
    if origin in (Union, UnionType):
        return {"anyOf": [of_type(one) for one in inner]}
    if origin in (list, tuple, Sequence, frozenset, set):
        items = [one for one in inner if one is not Ellipsis]
        return {"type": "array"} | ({"items": of_type(items[0])} if len(items) == 1 else {})
    if origin in (dict, Mapping) or annotation is dict:
        return {"type": "object"}
    if is_dataclass(annotation):
        return {"type": "object"} if hasattr(annotation, "to_json") else _of_fields(annotation)
    return {}


def _of_fields(model: Any) -> Schema:
    hints = get_type_hints(model)
    properties = {one.name: of_type(hints[one.name]) for one in fields(model)}
    return {"type": "object", "properties": properties, "required": list(properties)}


def of_page(model: type[Page]) -> Schema:
    """The page as JSON clients get it; the last message waiting may come with any."""
    hints = get_type_hints(model)
    seen = [one.name for one in fields(model) if one.metadata.get("json", True)]
    # A page with a form of its own says itself what it leaves out.
    always = [name for name in seen if name not in SHOWN_WHERE_SET] if model.to_json is Page.to_json else []
    properties = {name: of_type(hints[name]) for name in seen}
    properties |= {"template": {"const": model.template}, "flash": {"type": "string"}}
    return {
        "type": "object",
        "title": model.__name__,
        "properties": properties,
        "required": [*always, "template"],
    }
