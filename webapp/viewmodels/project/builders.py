"""Plain data of projects' pages, from what services found."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from webapp.i18n import gettext as _
from webapp.services.projects.publishing import Step
from webapp.urls import project_url


@dataclass(frozen=True, slots=True)
class PresenterChoice:
    """A presenter to start from."""

    name: str
    label: str
    text: str


def presenter_choices() -> list[PresenterChoice]:
    """All of them, in words."""
    return [
        PresenterChoice("basic", _("Question"), _("A question and two buttons: the bones of every presenter.")),
        PresenterChoice("image", _("Picture"), _("A picture and a question about it.")),
        PresenterChoice("sound", _("Sound"), _("A recording to listen to.")),
        PresenterChoice("video", _("Video"), _("A clip to watch.")),
        PresenterChoice("map", _("Map"), _("A place to find on a map.")),
        PresenterChoice("pdf", _("PDF"), _("A page to transcribe.")),
    ]


def days_left(done: Sequence[int], n_tasks: int) -> int | None:
    """In how many days all tasks are complete at the pace of the last week; None if nothing moves, or nothing is left.

    `done` is how many were complete at the end of each day, up to today.
    """
    if not done:
        return None
    before = done[-8] if len(done) > 7 else 0
    pace, left = (done[-1] - before) / min(7, len(done)), n_tasks - done[-1]
    return ceil(left / pace) if pace > 0 and left > 0 else None


def without_script() -> str:
    """What owners are told of a presenter that is text alone."""
    return _("The presenter has no script: volunteers see it as text, are given no task, and cannot answer.")


def checklist_rows(short_name: str, category: str, steps: Sequence[Step]) -> list[dict[str, object]]:
    """The steps to publication in words, each with where it is done; the first open one is next. `category` is the
    name of the project's."""
    texts = {
        "tasks": (
            _("Tasks"),
            _("What volunteers are to look at: upload a CSV file, or send them by the API."),
            "tasks/import",
            _("Import tasks"),
        ),
        "presenter": (
            _("Presenter"),
            _("The page on which they answer: start from a template and see it at work."),
            "tasks/taskpresentereditor",
            _("Write the presenter"),
        ),
        "picture": (_("Picture"), _("A project with a picture is found sooner."), "update", _("Add a picture")),
        "category": (
            _("Category"),
            _("Where people look for it: “%(category)s” now.", category=category),
            "update",
            _("Choose a category"),
        ),
        "tutorial": (
            _("Tutorial"),
            _("Shown to each volunteer before the first task. Optional."),
            "tasks/taskpresentereditor?part=tutorial",
            _("Write the tutorial"),
        ),
    }
    upcoming = next((step.key for step in steps if not step.done), None)
    rows: list[dict[str, object]] = []
    for step in steps:
        title, text, place, action = texts[step.key]
        text = without_script() if step.is_doubtful else text
        state = "done" if step.done else "next" if step.key == upcoming else "later"
        url = project_url(short_name, place)
        rows.append({"state": state, "title": title, "text": text, "url": url, "needed": step.needed, "action": action})
    return rows
