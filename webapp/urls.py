"""The paths of what has a name in its address. Names may be of any script and have any sign but those that
`services.projects.NO_ADDRESS` refuses, so that no path is put together elsewhere."""

import re
from functools import lru_cache
from urllib.parse import quote, urlsplit

UNRESERVED = "!'()*"
"""Beside letters and digits, as JavaScript's `encodeURIComponent` has it: paths made by scripts are the same text."""

LONGEST_PICTURE_URL = 2000
SMALLER_WIDTHS = {768: 384, 192: 72}
"""Pixels: projects' and people's pictures are kept in two widths, of which names and addresses end with the larger."""
_IN_TWO_WIDTHS = re.compile(rf"(?<=-[0-9a-f]{{24}}-)({'|'.join(map(str, SMALLER_WIDTHS))})\.avif\Z")


@lru_cache(maxsize=4096)
def _quoted(name: str) -> str:
    return quote(name, safe=UNRESERVED)


def _below(place: str, name: str, rest: str) -> str:
    return f"{place}{_quoted(name)}/{rest}"


def project_url(short_name: str, rest: str = "") -> str:
    """The path of a project's page; `rest`, if any, is what follows: `tasks/import?type=csv`."""
    return _below("/project/", short_name, rest)


def category_url(short_name: str, rest: str = "") -> str:
    """The path of the list of a category's projects."""
    return _below("/project/category/", short_name, rest)


def account_url(name: str, rest: str = "") -> str:
    """The path of an account's profile, or of a page below it."""
    return _below("/account/", name, rest)


def metadata_url(name: str) -> str:
    """Where somebody says more of themselves than their profile has."""
    return f"/account/save_metadata/{_quoted(name)}"


def picture_url(address: object) -> str | None:
    """The address of a picture that somebody has written into `info` or as `media_url`; None if it is none on the web,
    whatever else was written there."""
    if not isinstance(address, str) or len(address) > LONGEST_PICTURE_URL:
        return None
    try:
        scheme = urlsplit(address.strip()).scheme
    except ValueError:
        return None
    return address if scheme in ("", "http", "https") else None


def smaller_picture(address: str) -> str | None:
    """The name or address of the smaller one of a picture that is kept in two widths; None for any other."""
    found = _IN_TWO_WIDTHS.search(address)
    return None if found is None else f"{address[: found.start()]}{SMALLER_WIDTHS[int(found[1])]}.avif"


def with_next(path: str, target: str) -> str:
    """The path of a page that leads on to `target` when it is done with."""
    return f"{path}?next={quote(target, safe='/')}"


def report_url(subject: str, identity: int) -> str:
    """Where something is reported to the administrators: `subject` is `project`, `blogpost` or `user`."""
    return f"/report/{subject}/{identity}"
