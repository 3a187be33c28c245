"""The paths of what has a name in its address. Names may be of any script and have any sign but those that
`services.projects.NO_ADDRESS` refuses, so that no path is put together elsewhere."""

from functools import lru_cache
from urllib.parse import quote, urlsplit

UNRESERVED = "!'()*"
"""Beside letters and digits, as JavaScript's `encodeURIComponent` has it: paths made by scripts are the same text."""

LONGEST_PICTURE_URL = 2000


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


def with_next(path: str, target: str) -> str:
    """The path of a page that leads on to `target` when it is done with."""
    return f"{path}?next={quote(target, safe='/')}"
