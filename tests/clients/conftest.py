"""Servers for the clients that people use, and accounts on them."""

from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest

from tests.support.server import running_server
from tests.support.site import Site


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A whole server; its first account is an administrator."""
    with running_server(tmp_path_factory.mktemp("clients")) as server, closing(Site(server.url)) as made:
        yield made


def account(site: Site, name: str) -> str:
    """The API key of a new account that is no administrator's."""
    with httpx.Client(base_url=site.url, headers={"Content-Type": "application/json"}, timeout=30) as http:
        Site.register(http, name)
        return str(http.get(f"/account/{name}/").json()["user"]["api_key"])


@pytest.fixture(scope="session")
def owner_key(site: Site) -> str:
    return account(site, "researcher")


@pytest.fixture(scope="session")
def volunteer_keys(site: Site) -> tuple[str, str]:
    return account(site, "ann"), account(site, "ben")
