"""Tables to start from, one for each kind of presenter that wants more than a question: their rows are read like those
of any other address (docs/contract/jobs.md 5)."""

from collections.abc import Mapping
from pathlib import Path

from webapp.service_config import TABLES

NAMES = TABLES
PATH = "/static/tasks/"
FOLDER = Path(__file__).parents[2] / "static" / "tasks"


def address_of(name: str, site_origin: str, configured: Mapping[str, str]) -> str | None:
    """Where the table of this name is: the site's own setting, or the one that comes along. None for no such name."""
    if name not in NAMES:
        return None
    return configured.get(name) or f"{site_origin}{PATH}{name}.csv"


def find(address: str, site_origin: str) -> Path | None:
    """The file behind an address of a table that comes along; None for any other address."""
    begin = site_origin + PATH
    name = address.removeprefix(begin).removesuffix(".csv")
    return FOLDER / f"{name}.csv" if address.startswith(begin) and name in NAMES else None
