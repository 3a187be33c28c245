"""Where tasks are to come from: one form a source."""

from wtforms import FileField, HiddenField, URLField
from wtforms.validators import URL, DataRequired

from webapp.forms.base import WorkbeeForm
from webapp.i18n import lazy_gettext as _

REQUIRED = DataRequired(message=_("You must provide a URL"))
IS_URL = URL(require_tld=False, message=_("Oops! That's not a valid URL. You must provide a valid URL"))


class CsvUrlForm(WorkbeeForm):
    form_name = HiddenField(default="csv")
    csv_url = URLField(
        _("Address of the CSV file"), (REQUIRED, IS_URL), description=_("Its first row names the fields, in UTF-8.")
    )


class SpreadsheetForm(WorkbeeForm):
    form_name = HiddenField(default="gdocs")
    googledocs_url = URLField(
        _("Address of the spreadsheet"), (REQUIRED, IS_URL), description=_("It must be readable by everybody.")
    )


class CsvFileForm(WorkbeeForm):
    form_name = HiddenField(default="localCSV")
    file = FileField(
        _("CSV file"),
        description=_("Its first row names the fields, in UTF-8."),
        render_kw={"accept": ".csv,.tsv,.tab,.txt,text/csv"},
    )
    kept = HiddenField()
    """The name under which an upload was kept for its preview."""


FORMS: dict[str, type[WorkbeeForm]] = {"localCSV": CsvFileForm, "csv": CsvUrlForm, "gdocs": SpreadsheetForm}
"""The sources that are offered, by their name."""
ADDRESS_FIELDS = {"csv": "csv_url", "gdocs": "googledocs_url"}
