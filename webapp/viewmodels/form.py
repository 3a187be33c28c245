"""A form as plain data: what a template draws and what JSON clients read (docs/contract/pages.md 1.2)."""

from dataclasses import dataclass, field
from typing import Any

from wtforms import EmailField, FileField, FloatField, PasswordField, SelectField, TextAreaField, URLField
from wtforms.fields.core import Field
from wtforms.widgets import HiddenInput

from webapp.forms.base import FlagField, SecretField, WholeNumberField, WorkbeeForm

INPUT_TYPES: dict[type[Field], str] = {
    EmailField: "email",
    URLField: "url",
    WholeNumberField: "number",
    FloatField: "number",
    PasswordField: "password",
    SecretField: "password",
    TextAreaField: "textarea",
    SelectField: "select",
    FlagField: "checkbox",
    FileField: "file",
}
"""Those of other fields are `text`, or `hidden` if their widget says so."""


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    selected: bool


@dataclass(frozen=True, slots=True)
class FieldModel:
    """One field: `type` is an HTML input type, or `textarea` or `select`."""

    name: str
    label: str
    type: str
    value: Any = None
    errors: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    required: bool = False
    description: str = ""
    maxlength: int | None = None
    attributes: dict[str, Any] = field(default_factory=dict)
    """Further HTML attributes, such as `autocomplete` or `rows`, from the field's `render_kw`."""

    @classmethod
    def of(cls, bound: Field, *, secret: bool) -> "FieldModel":
        """The plain data of a bound WTForms field; a secret's value is left out."""
        hidden = secret or isinstance(bound, PasswordField | SecretField | FileField)
        return cls(
            name=bound.name,
            label=str(bound.label.text),
            type="hidden" if isinstance(bound.widget, HiddenInput) else INPUT_TYPES.get(type(bound), "text"),
            value=None if hidden else bound.data,
            errors=tuple(str(error) for error in bound.errors),
            choices=tuple(_choices(bound)) if isinstance(bound, SelectField) else (),
            required=bool(bound.flags.required),
            description=str(bound.description or ""),
            maxlength=bound.flags.maxlength,
            attributes=dict(bound.render_kw or {}),
        )


def _choices(bound: SelectField) -> list[Choice]:
    chosen = str(bound.data) if bound.data is not None else None
    offered = bound.iter_choices()
    return [Choice(str(choice[0]), str(choice[1]), str(choice[0]) == chosen) for choice in offered]


@dataclass(frozen=True, slots=True)
class FormModel:
    """A whole form. JSON: every field's value at the top, then `errors` and `csrf`."""

    fields: dict[str, FieldModel]
    csrf: str
    errors: dict[str, list[str]] = field(default_factory=dict)
    form_errors: tuple[str, ...] = ()
    """Errors of no single field, shown above the form."""

    @classmethod
    def of(cls, form: WorkbeeForm, csrf: str) -> "FormModel":
        """The plain data of a form after (or before) its validation."""
        fields = {f.name: FieldModel.of(f, secret=f.name in form.secret_fields) for f in form}
        errors = {name: list(model.errors) for name, model in fields.items() if model.errors}
        return cls(fields=fields, csrf=csrf, errors=errors, form_errors=tuple(str(e) for e in form.form_errors))

    def to_json(self) -> dict[str, Any]:
        return {name: model.value for name, model in self.fields.items()} | {"errors": self.errors, "csrf": self.csrf}


@dataclass(frozen=True, slots=True)
class CsrfOnly:
    """A form without fields: a button that needs a token."""

    csrf: str
