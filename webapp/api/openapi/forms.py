"""Forms as JSON schemas: what the body of a page's POST may hold, from the WTForms classes that its view binds."""

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from wtforms import BooleanField, Field, FileField, FloatField, IntegerField, SelectField
from wtforms.validators import Length, NumberRange

from webapp.api.described import Schema
from webapp.forms.base import WorkbeeForm

KINDS: tuple[tuple[type[Field], Schema], ...] = (
    (BooleanField, {"type": "boolean"}),
    (IntegerField, {"type": "integer"}),
    (FloatField, {"type": "number"}),
    (FileField, {"type": "string", "contentMediaType": "application/octet-stream"}),
    (SelectField, {"type": ["string", "integer"]}),
)
"""As JSON writes them; a form, which knows only text, writes the same values out."""
LIMITS = {Length: ("minLength", "maxLength"), NumberRange: ("minimum", "maximum")}


def bodies(view: Any) -> list[Schema]:
    """The forms that this view may be sent, in the order of its code."""
    return [of_form(form) for form in dict.fromkeys(_bound(inspect.unwrap(view), set()))]


def of_form(form: type[WorkbeeForm]) -> Schema:
    """The form as an object. Other keys are passed over, as the button that was pressed."""
    fields = list(form())
    needed = [field.name for field in fields if field.flags.required]
    return {
        "type": "object",
        "title": form.__name__,
        "properties": {field.name: _of_field(field) for field in fields},
    } | ({"required": needed} if needed else {})


def _of_field(field: Field) -> Schema:
    schema = dict(next((schema for kind, schema in KINDS if isinstance(field, kind)), {"type": "string"}))
    for validator in field.validators:
        for name, limit in zip(LIMITS.get(type(validator), ()), ("min", "max"), strict=False):
            value = getattr(validator, limit)
            # A length of -1 is WTForms' word for none.
            if value is not None and value != -1:
                schema[name] = value
    return schema


def _bound(function: Any, seen: set[Any]) -> Iterator[type[WorkbeeForm]]:
    """The form classes that the function names, itself or by functions of its module that it calls."""
    seen.add(function)
    for name in function.__code__.co_names:
        found = function.__globals__.get(name)
        for one in found.values() if isinstance(found, Mapping) else [found]:
            if inspect.isclass(one) and issubclass(one, WorkbeeForm) and one is not WorkbeeForm:
                yield one
            elif inspect.isfunction(one) and one.__module__ == function.__module__ and one not in seen:
                yield from _bound(one, seen)
