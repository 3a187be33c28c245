"""Files in Dropbox, by the links that their owner shares: a task for each, with what its kind of presenter needs.
Nobody is asked: the links say it all."""

from collections.abc import AsyncGenerator, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from db import json
from webapp.errors import Invalid
from webapp.i18n import gettext as _
from webapp.services.importing.records.access import Access
from webapp.services.importing.records.media import media_of

HOSTS = ("www.dropbox.com", "dropbox.com", "dl.dropboxusercontent.com", "dl.dropbox.com")
FILES = "dl.dropboxusercontent.com"
"""Where a file can be read from pages of other sites."""


async def infos(_access: Access, values: Mapping[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
    """The `files` that the chooser has given, each JSON with `name` and `link`, and the `links` that were pasted, one a
    line. Raises Invalid for what is neither."""
    found = [*_chosen(values.get("files") or []), *_pasted(str(values.get("links") or ""))]
    if not found:
        raise Invalid("links", _("You must provide a link."))
    for name, link in found:
        yield info_of(name, link)


def _chosen(files: list[str]) -> Iterator[tuple[str, str]]:
    for text in files:
        try:
            file = json.loads(text)
            yield str(file["name"]), _checked(str(file["link"]))
        except (ValueError, KeyError, TypeError) as error:
            raise Invalid("files", _("Each file must have a name and a link.")) from error


def _pasted(text: str) -> Iterator[tuple[str, str]]:
    for line in text.split():
        link = _checked(line)
        yield PurePosixPath(unquote(urlsplit(link).path)).name, link


def _checked(link: str) -> str:
    parts = urlsplit(link)
    if parts.scheme != "https" or parts.hostname not in HOSTS:
        raise Invalid("links", _("This is no link that Dropbox shares: %(link)s", link=link[:100]))
    return link


def info_of(name: str, link: str) -> dict[str, Any]:
    """The task of one file."""
    shown = _with(link, host=None, raw="1")
    return {"filename": name, "link_raw": shown, "link": link} | media_of(
        name, shown, _with(link, host=FILES, raw=None)
    )


def _with(link: str, *, host: str | None, raw: str | None) -> str:
    """The link without `dl`, which leads to a page around the file."""
    parts = urlsplit(link)
    query = {key: value for key, value in parse_qsl(parts.query, keep_blank_values=True) if key not in ("dl", "raw")}
    query |= {"raw": raw} if raw else {}
    return parts._replace(netloc=host or parts.netloc, query=urlencode(query)).geturl()
