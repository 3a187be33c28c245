"""EpiCollect: a task for each entry of a form. With a form's name the one of EpiCollect+; without one the entries of an
EpiCollect5 project, which has its own address for them."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from webapp.errors import Invalid
from webapp.i18n import gettext as _
from webapp.services.importing.records.access import Access
from webapp.services.importing.records.documents import fetch_json

PLUS = "http://plus.epicollect.net"
FIVE = "https://five.epicollect.net"
PER_PAGE = 1000
MOST_PAGES = 1000


async def infos(access: Access, values: Mapping[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
    """The entries of `epicollect_project`, and of its `epicollect_form` if there is one. Raises as `fetch_json`."""
    project, form = str(values["epicollect_project"]).strip(), str(values.get("epicollect_form") or "").strip()
    if form:
        found = await fetch_json(access.outbound, f"{PLUS}/{quote(project, safe='')}/{quote(form, safe='')}.json")
        for entry in _entries(found):
            yield entry
        return
    for page in range(1, MOST_PAGES + 1):
        asked = urlencode({"per_page": PER_PAGE, "page": page, "format": "json"})
        found = await fetch_json(access.outbound, f"{FIVE}/api/export/entries/{quote(project, safe='')}?{asked}")
        data = found.get("data") if isinstance(found, dict) else None
        entries = _entries(data.get("entries") if isinstance(data, dict) else None)
        for entry in entries:
            yield entry
        links = found.get("links") if isinstance(found, dict) else None
        if not entries or not (isinstance(links, dict) and links.get("next")):
            return


def _entries(found: Any) -> list[dict[str, Any]]:
    """The entries, each an object. Raises Invalid where they are none."""
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise Invalid("file", _("This is no list of EpiCollect's entries."))
    return found
