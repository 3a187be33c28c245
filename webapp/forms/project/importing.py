"""Where tasks are to come from: one form a source."""

from wtforms import FieldList, FileField, HiddenField, StringField, TextAreaField, URLField
from wtforms.validators import URL, DataRequired, Length, NumberRange, Optional

from webapp.forms.base import SecretField, WholeNumberField, WorkbeeForm
from webapp.i18n import lazy_gettext as _

REQUIRED = DataRequired(message=_("You must provide a URL"))
MOST_NAMED = 1000
"""Files of a bucket that are named one by one."""
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


JSON_HINT = _("A list of objects, or an object a line: each is a task.")


class JsonUrlForm(WorkbeeForm):
    form_name = HiddenField(default="json")
    json_url = URLField(_("Address of the JSON file"), (REQUIRED, IS_URL), description=JSON_HINT)


class JsonFileForm(WorkbeeForm):
    form_name = HiddenField(default="localJSON")
    file = FileField(
        _("JSON file"),
        description=JSON_HINT,
        render_kw={"accept": ".json,.ndjson,.jsonl,.txt,application/json,application/x-ndjson"},
    )
    kept = HiddenField()
    """The name under which an upload was kept for its preview."""


class EpicollectForm(WorkbeeForm):
    form_name = HiddenField(default="epicollect")
    epicollect_project = StringField(
        _("EpiCollect project"), (DataRequired(message=_("You must provide an EpiCollect project")), Length(max=255))
    )
    epicollect_form = StringField(
        _("Form"),
        (Length(max=255),),
        description=_("Of EpiCollect+. Leave it empty for a public project of EpiCollect5."),
    )


class S3Form(WorkbeeForm):
    form_name = HiddenField(default="s3")
    files = FieldList(StringField(validators=(Length(max=1024),)), max_entries=MOST_NAMED)
    bucket = StringField(
        _("Bucket"),
        (DataRequired(message=_("You must provide a bucket")), Length(max=63)),
        description=_("At Amazon S3, or in the store below; its files must be readable by everybody."),
    )
    prefix = StringField(
        _("Only what begins with"), (Length(max=1024),), description=_("A folder, for example photos/2026/.")
    )
    endpoint = URLField(
        _("Address of the store"),
        (Optional(), IS_URL),
        description=_("Of another store that speaks S3, for example https://s3.example.org. Empty for Amazon."),
    )
    region = StringField(_("Region"), (Length(max=60),), description=_("Where the bucket is, for example eu-west-1."))
    key_id = StringField(
        _("Id of your key"),
        (Length(max=200),),
        description=_("For a bucket that does not show its list to everybody: a key that may list it, and no more."),
        render_kw={"autocomplete": "off"},
    )
    secret_key = SecretField(
        _("Secret of your key"),
        (Length(max=2000),),
        description=_("Kept encrypted, and shown to nobody again."),
        render_kw={"autocomplete": "off"},
    )
    sealed = HiddenField(validators=(Length(max=8000),))
    """The secret as this server has sealed it for its preview."""


class IiifForm(WorkbeeForm):
    form_name = HiddenField(default="iiif")
    manifest_uri = URLField(
        _("Address of the manifest"),
        (REQUIRED, IS_URL),
        description=_("Of a book, map or newspaper: a task for each image."),
    )
    version = StringField(_("Version of the Presentation API"), (Length(max=10),), default="2.1")


class DropboxForm(WorkbeeForm):
    form_name = HiddenField(default="dropbox")
    links = TextAreaField(
        _("Shared links"),
        (Length(max=64_000),),
        description=_("One a line, as Dropbox gives them by Share and Copy link."),
        render_kw={"rows": 6},
    )
    files = FieldList(StringField(validators=(Length(max=4000),)), max_entries=MOST_NAMED)


class FlickrForm(WorkbeeForm):
    form_name = HiddenField(default="flickr")
    album_id = StringField(
        _("Album"),
        (DataRequired(message=_("You must provide an album")), Length(max=500)),
        description=_("Its address at Flickr, or its number. Its public photos are taken."),
    )


class YoutubeForm(WorkbeeForm):
    form_name = HiddenField(default="youtube")
    playlist_url = URLField(
        _("Address of the playlist"),
        (REQUIRED, IS_URL),
        description=_("For example https://www.youtube.com/playlist?list=PL…"),
    )


class TwitterForm(WorkbeeForm):
    form_name = HiddenField(default="twitter")
    source = StringField(
        _("Account or search"),
        (DataRequired(message=_("You must provide an account or words to search for")), Length(max=400)),
        description=_("@name for the posts of an account, anything else for the posts of the last days that have it."),
    )
    max_tweets = WholeNumberField(
        _("How many at most"), (Optional(), NumberRange(1, 3200)), description=_("200 if you leave it empty.")
    )
    user_credentials = SecretField(
        _("Bearer token"),
        (Length(max=2000),),
        description=_("Of an app of yours at developer.x.com. Kept encrypted, and shown to nobody again."),
        render_kw={"autocomplete": "off"},
    )
    sealed = HiddenField(validators=(Length(max=8000),))
    """The token as this server has sealed it for its preview."""


FORMS: dict[str, type[WorkbeeForm]] = {
    "csv": CsvUrlForm,
    "gdocs": SpreadsheetForm,
    "epicollect": EpicollectForm,
    "s3": S3Form,
    "localCSV": CsvFileForm,
    "iiif": IiifForm,
    "json": JsonUrlForm,
    "localJSON": JsonFileForm,
    "dropbox": DropboxForm,
    "flickr": FlickrForm,
    "youtube": YoutubeForm,
    "twitter": TwitterForm,
}
"""The sources that are offered, by their name; those that clients know come first, in their sequence."""
TABLE_FIELDS = {"csv": "csv_url", "gdocs": "googledocs_url"}
"""Of sources that are tables at an address."""
ADDRESS_FIELDS = {"csv": "csv_url", "gdocs": "googledocs_url", "json": "json_url"}
RECORD_FIELDS = {
    "epicollect": ("epicollect_project", "epicollect_form"),
    "s3": ("bucket", "prefix", "files", "endpoint", "region", "key_id", "secret_key"),
    "iiif": ("manifest_uri",),
    "dropbox": ("links", "files"),
    "flickr": ("album_id",),
    "youtube": ("playlist_url",),
    "twitter": ("source", "max_tweets", "user_credentials"),
}
"""What decides which tasks a source of records has; what is wrong with them is told at the first."""
