"""Which hosts are the guests'."""

from dataclasses import dataclass

import pytest

from webapp.config import Settings, SettingsError, load_settings
from webapp.http.security.guests import GuestHosts

SITE, GUESTS = "https://bees.org", "https://{project}.bees-guests.example"


@dataclass
class Asked:
    """A request for some host."""

    host: str
    scheme: str = "http"


def hosts(**values: str) -> GuestHosts:
    return GuestHosts(Settings(**values))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost:5000", "http://p7.localhost:5000"),
        ("localhost", "http://p7.localhost"),
        ("LOCALHOST:80", "http://p7.localhost:80"),
        ("127.0.0.1:5000", None),
        ("bees.org", None),
        ("localhost.bees.org", None),
    ],
)
def test_at_localhost_projects_have_hosts_without_being_told(host: str, origin: str | None) -> None:
    assert hosts().origin(Asked(host), 7) == origin


def test_a_site_with_an_address_has_those_that_it_says() -> None:
    assert hosts(base_url=SITE).origin(Asked("localhost:5000"), 7) is None
    told = hosts(base_url=SITE, guest_url=GUESTS)
    assert told.origin(Asked("bees.org"), 7) == "https://p7.bees-guests.example"
    assert told.source(Asked("bees.org")) == "https://*.bees-guests.example"
    assert told.site_origin(Asked("p7.bees-guests.example")) == SITE


@pytest.mark.parametrize(
    ("host", "project_id"),
    [
        ("p7.bees-guests.example", 7),
        ("P7.BEES-GUESTS.EXAMPLE", 7),
        ("p7.bees-guests.example:8443", None),
        ("p.bees-guests.example", None),
        ("p7x.bees-guests.example", None),
        ("p٧.bees-guests.example", None),
        ("p7.evil.example", None),
        ("bees-guests.example", None),
        ("p7.localhost:5000", None),
        ("bees.org", None),
    ],
)
def test_a_host_is_a_projects_or_the_sites(host: str, project_id: int | None) -> None:
    assert hosts(base_url=SITE, guest_url=GUESTS).project_of(host) == project_id


@pytest.mark.parametrize(
    ("base_url", "guest_url", "reason"),
    [
        (None, GUESTS, "requires WORKBEE_BASE_URL"),
        (SITE, "https://guests.example", "must be an address whose host begins with {project}."),
        (SITE, "https://guests-{project}.example", "must be an address whose host begins with {project}."),
        (SITE, "https://{project}.guests.example/x", "must be an address whose host begins with {project}."),
        (SITE, "http://{project}.bees-guests.example", "must have the scheme"),
        (SITE, "https://{project}.bees.org", "must be below another registrable domain"),
        (SITE, "https://{project}.guests.bees.org:8443", "must be below another registrable domain"),
        ("https://www.bees.co.uk", "https://{project}.bees.co.uk", "must be below another registrable domain"),
        ("http://10.0.0.7:80", "http://{project}.10.0.0.7:81", "must be below another registrable domain"),
        ("https://a.github.io", "https://{project}.a.github.io", "must be below another registrable domain"),
    ],
)
def test_a_host_that_shares_the_sites_cookies_is_refused(
    base_url: str | None, guest_url: str, reason: str, tmp_path: object
) -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings(base_url=base_url, guest_url=guest_url, data_dir=tmp_path)
    assert reason in refused.value.reasons["WORKBEE_GUEST_URL"]


@pytest.mark.parametrize(
    ("base_url", "guest_url"),
    [
        (SITE, GUESTS),
        ("https://bees.co.uk", "https://{project}.guests.co.uk"),
        ("https://a.github.io", "https://{project}.b.github.io"),
        ("http://localhost:5000", "http://{project}.localhost:5000"),
    ],
)
def test_other_hosts_are_taken(base_url: str, guest_url: str, tmp_path: object) -> None:
    assert load_settings(base_url=base_url, guest_url=guest_url, data_dir=tmp_path).guest_url == guest_url
