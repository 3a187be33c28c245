"""Forms as JSON schemas: what the body of a page's POST may hold, from the WTForms classes that its route declares."""

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
