"""The base of every form: shape only. Truth (is it taken? may they?) is checked by services."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from wtforms import BooleanField, Form
from wtforms.i18n import DummyTranslations
from wtforms.meta import DefaultMeta
from wtforms.validators import Length

from db.base import most_of
from webapp import i18n
from webapp.errors import Invalid

LONGEST_LINE = 2000
"""Characters of any field that says nothing else: nobody looks for, hashes or keeps more."""


def has_length(bound: Any) -> bool:
    """Whether one of the field's validators bounds its text."""
    return any(isinstance(one, Length) and one.max > 0 for one in bound.validators)


class ContextTranslations(DummyTranslations):
    """WTForms' own messages in the language of the current request."""

    def gettext(self, string: str) -> str:
        return i18n.gettext(string)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        # WTForms fills in its placeholders itself.
        return i18n.plural_form(singular, plural, n)


class FormMeta(DefaultMeta):
    # The seam checks the token of every unsafe request in one hook, so single forms carry none.
    csrf = False

    def get_translations(self, form: Any) -> ContextTranslations:
        return ContextTranslations()


class WorkbeeForm(Form):
    """A form bound to the body of a POST (form-encoded, multipart or a flat JSON object, 01-pages section 1.5)."""

    Meta = FormMeta
    secret_fields: ClassVar[frozenset[str]] = frozenset()
    """Fields whose value is never sent back, as passwords."""

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Whether every field has an acceptable shape; text with a NUL has not, for no row can hold it."""
        fits = super().validate(extra_validators)
        for bound in self:
            if not isinstance(bound.data, str):
                continue
            if "\x00" in bound.data:
                bound.errors = [*bound.errors, i18n.gettext("This has a character that cannot be kept.")]
                fits = False
            if not has_length(bound) and len(bound.data) > LONGEST_LINE:
                bound.errors = [*bound.errors, i18n.gettext("This is too long.")]
                fits = False
        return fits

    def refuse(self, wrong: Invalid) -> None:
        """Show a broken rule at the field that it is about."""
        field = self._fields[wrong.field]
        field.errors = [*field.errors, wrong.message]


def fits(column: Any) -> Length:
    """The validator of a text that has room in this column."""
    most = most_of(column.property.columns[0])
    assert most is not None, f"{column} holds no text"
    return Length(max=most)


class FlagField(BooleanField):
    """A checkbox, false for what the original takes as false (01-pages section 1.5): `"False"` and `"0"` are true."""

    false_values = (False, "false", "", "off", "n", "no")
