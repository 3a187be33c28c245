"""The base of every form: shape only. Truth (is it taken? may they?) is checked by services."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, FieldList, FileField, Form, IntegerField, StringField
from wtforms.i18n import DummyTranslations
from wtforms.meta import DefaultMeta
from wtforms.validators import Length

from db import json
from db.base import most_of
from webapp import i18n
from webapp.errors import Invalid

PLACE_IN_LIST = re.compile(r"-[0-9]{1,5}")
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

    def wrap_formdata(self, form: Any, formdata: Any) -> Any:
        """What each field is given of what was sent: text, or files where the field takes files.

        JSON clients send any type, and multipart forms a file under any name. No field or validator has to expect
        that: it ends here.
        """
        if formdata is None:
            return None
        bound: MultiDict[str, Any] = MultiDict()
        for field in form:
            if isinstance(field, FieldList):
                # `files-0`, `files-1`, … of a form, or a list of JSON.
                names = [name for name in formdata if PLACE_IN_LIST.fullmatch(name.removeprefix(field.name))]
                texts = [*(formdata[name] for name in names), *formdata.getlist(field.name)]
                for place, text in enumerate(text for text in texts if isinstance(text, str)):
                    bound[f"{field.name}-{place}"] = text
            elif field.name in formdata:
                bound.setlist(field.name, list(_values_for(field, formdata.getlist(field.name))))
        return bound


JsonScalar = bool | int | float | None


def _values_for(field: Field, sent: Iterable[Any]) -> Iterable[Any]:
    """The values that this field can read, as an HTML form would send them."""
    for value in sent:
        is_file = not isinstance(value, str | JsonScalar)
        if is_file != isinstance(field, FileField):
            continue
        if isinstance(value, JsonScalar):
            # In JSON 0 is as false as `false`, but the text "0" of a form is true (docs/contract/pages.md 1.5).
            is_empty = value is None or (isinstance(field, BooleanField) and not value)
            yield "" if is_empty else json.dumps(value).decode()
        else:
            yield value


class WorkbeeForm(Form):
    """A form bound to the body of a POST (form-encoded, multipart or a flat JSON object,
    docs/contract/pages.md 1.5)."""

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

    def sound(self, name: str) -> str | None:
        """The text of a field after `validate`, or None where its shape is wrong: no other rule needs to be asked."""
        field = self[name]
        return None if field.errors else field.data

    def refuse(self, wrong: Invalid) -> None:
        """Show a broken rule at the field that it is about."""
        field = self[wrong.field]
        field.errors = [*field.errors, wrong.message]


def fits(column: Any) -> Length:
    """The validator of a text that has room in this column."""
    most = most_of(column.property.columns[0])
    assert most is not None, f"{column} holds no text"
    return Length(max=most)


LARGEST_NUMBER = 2**63 - 1
"""What a column of the database and JSON of every client can hold."""


class WholeNumberField(IntegerField):
    """A whole number that JSON can tell again; a larger one is no number."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        if self.data is not None and abs(self.data) > LARGEST_NUMBER:
            self.data = None
            raise ValueError(self.gettext("Not a valid integer value."))


class SecretField(StringField):
    """Somebody's secret at another service: typed unseen as a password is, never sent back; here it opens nothing."""


class FlagField(BooleanField):
    """A checkbox, false for what the original takes as false (docs/contract/pages.md 1.5): `"False"` and `"0"` are
    true."""

    false_values = (False, "false", "", "off", "n", "no")
