"""Import."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from webapp.i18n import gettext as _
from webapp.viewmodels.form import FormModel
from webapp.viewmodels.page import NOT_JSON
from webapp.viewmodels.project.base import ProjectPage


def source_name(kind: str) -> str:
    """What people call this kind of source; "" for none."""
    names = {
        "localCSV": _("a CSV file"),
        "csv": _("the address of a CSV file"),
        "gdocs": _("a spreadsheet"),
        "json": _("the address of a JSON file"),
        "localJSON": _("a JSON file"),
        "epicollect": _("EpiCollect"),
        "s3": _("a bucket"),
        "iiif": _("a IIIF manifest"),
        "dropbox": _("Dropbox"),
        "flickr": _("a Flickr album"),
        "youtube": _("a YouTube playlist"),
        "twitter": _("X"),
    }
    return names.get(kind, "")


@dataclass(kw_only=True)
class ImportPage(ProjectPage):
    """The sources to choose from, or the form of one."""

    template: ClassVar[str] = "/projects/task_import_options.html"
    bar_in_json: ClassVar[bool] = False
    form: FormModel | None = None
    loading_text: str = ""
    target: str = "project.import_task"
    available_importers: list[str] | None = None
    task_tmpls: list[str] | None = None
    kind: str = field(default="", metadata=NOT_JSON)
    preview: dict[str, Any] | None = field(default=None, metadata=NOT_JSON)
    """`columns` and the first `rows` of the file."""
    dropbox_app_key: str = field(default="", metadata=NOT_JSON)
    """For Dropbox's chooser; "" where there is none."""
    lacking: dict[str, str] = field(default_factory=dict, metadata=NOT_JSON)
    """Sources for which this site has no key, and the setting for it."""
    administers: bool = field(default=False, metadata=NOT_JSON)
    """Whether the caller can see to that."""
    starting_points: list[str] = field(default_factory=list, metadata=NOT_JSON)
    """Names of tables to start from."""
    recent: list[dict[str, Any]] = field(default_factory=list, metadata=NOT_JSON)
    """Imports of this project, the latest first."""

    def place(self) -> str:
        source = source_name(self.kind)
        return _("Import tasks from %(source)s", source=source) if source else ""

    def to_json(self) -> dict[str, Any]:
        body = super().to_json()
        if self.kind:
            body |= {"template": f"/projects/importers/{self.kind}.html"}
            del body["available_importers"], body["task_tmpls"]
        return body


@dataclass(kw_only=True)
class ChooserImportPage(ImportPage):
    """The form for files in Dropbox, with its chooser."""

    stands_alone: ClassVar[bool] = True
    has_chooser: ClassVar[bool] = True


@dataclass(kw_only=True)
class ImportProgressPage(ProjectPage):
    """How far one import is."""

    template: ClassVar[str] = "projects/task_import_progress.html"
    fragments: ClassVar[dict[str, str]] = {"import-state": "state"}
    progress: dict[str, Any] = field(default_factory=dict)

    def place(self) -> str:
        return _("Import %(number)s", number=self.progress["id"])


@dataclass(kw_only=True)
class AutoimportPage(ProjectPage):
    """What is imported every day, or the sources to choose from, or the form of one."""

    template: ClassVar[str] = "projects/task_autoimporter.html"
    autoimporter: dict[str, Any] | None = None
    kinds: list[str] = field(default_factory=list)
    kind: str = ""
    form: FormModel | None = None
    csrf: str = ""

    def place(self) -> str:
        source = source_name(self.kind)
        return _("Automatic import from %(source)s", source=source) if source else _("Automatic import")
