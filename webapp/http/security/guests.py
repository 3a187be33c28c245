"""Hosts of their own for presenters (docs/architecture.md 7): which host is which project's.

A presenter on such a host has an origin that holds nothing of its volunteer's and no other project's presenter. The
hosts are `WORKBEE_GUEST_URL` with a label for the project; where a browser is at `localhost` and nothing is set, they
are `p<id>.localhost`, which browsers take for this machine.
"""

from functools import lru_cache
from typing import Protocol
from urllib.parse import urlsplit

from webapp.config import PROJECT_PLACE, Settings

LABEL = "p"
"""What the label of a project begins with, before its id."""
LOCAL = "localhost"


class Asked(Protocol):
    """What of a request tells which site it is for."""

    @property
    def scheme(self) -> str: ...
    @property
    def host(self) -> str: ...


class GuestHosts:
    """The guests' hosts of one site."""

    def __init__(self, settings: Settings) -> None:
        self._site = settings.base_url
        parts = urlsplit(settings.guest_url or "")
        self._scheme = parts.scheme
        self._domain = parts.netloc.removeprefix(f"{PROJECT_PLACE}.")

    def project_of(self, host: str) -> int | None:
        """The id of the project whose presenter this host is for; None for the site's own hosts."""
        label, _, domain = host.lower().partition(".")
        number = label.removeprefix(LABEL)
        if not (label.startswith(LABEL) and number.isascii() and number.isdigit() and len(number) < 19):
            return None
        return int(number) if self._is_guest_domain(domain) else None

    def _is_guest_domain(self, domain: str) -> bool:
        if self._domain:
            return domain == self._domain
        return self._site is None and domain.partition(":")[0] == LOCAL

    def origin(self, asked: Asked, project_id: int) -> str | None:
        """The origin of this project's presenter for the browser that asks; None where it has to be opaque."""
        source = self._pattern(asked)
        return source.replace(PROJECT_PLACE, f"{LABEL}{project_id}") if source else None

    def source(self, asked: Asked) -> str:
        """Every guests' origin as a source of a Content-Security-Policy; "" where there is none."""
        return self._pattern(asked).replace(PROJECT_PLACE, "*")

    def _pattern(self, asked: Asked) -> str:
        if self._domain:
            return f"{self._scheme}://{PROJECT_PLACE}.{self._domain}"
        if self._site is not None:
            return ""
        return _local_pattern(asked.scheme, asked.host)

    def site_origin(self, asked: Asked) -> str:
        """The origin of the site itself, asked for at any of its hosts or at a guest's."""
        if self._site is not None:
            return self._site
        host = asked.host
        return f"{asked.scheme}://{host.partition('.')[2] if self.project_of(host) is not None else host}"


@lru_cache(maxsize=256)
def _local_pattern(scheme: str, host: str) -> str:
    name, _, port = host.lower().partition(":")
    return f"{scheme}://{PROJECT_PLACE}.{LOCAL}" + (f":{port}" if port else "") if name == LOCAL else ""
