"""Plain data of projects' pages, from what services found."""

from collections.abc import Sequence

from webapp.i18n import gettext as _
from webapp.services.publishing import Step


def checklist_rows(short_name: str, steps: Sequence[Step]) -> list[dict[str, object]]:
    """The steps to publication in words, each with where it is done; the first open one is next."""
    texts = {
        "tasks": (
            _("Tasks"),
            _("What volunteers are to look at: upload a CSV file, or send them by the API."),
            "tasks/import",
        ),
        "presenter": (
            _("Presenter"),
            _("The page on which they answer: start from a template and see it at work."),
            "tasks/taskpresentereditor",
        ),
        "picture": (_("Picture"), _("A project with a picture is found sooner."), "update"),
        "tutorial": (_("Tutorial"), _("Shown to each volunteer before the first task. Optional."), "settings"),
    }
    upcoming = next((step.key for step in steps if not step.done), None)
    rows: list[dict[str, object]] = []
    for step in steps:
        title, text, place = texts[step.key]
        state = "done" if step.done else "next" if step.key == upcoming else "later"
        url = f"/project/{short_name}/{place}"
        rows.append({"state": state, "title": title, "text": text, "url": url, "needed": step.needed})
    return rows
