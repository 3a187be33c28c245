"""Fixtures of the browser tests: which browser, how it is started, and a site where an owner makes projects."""

from collections.abc import Iterator

import pytest

from tests.support.browser import launch_args
from tests.support.server import running_server
from tests.support.site import Site


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    """Chromium as this machine has it."""
    return launch_args()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A running Workbee whose first account makes projects through the API."""
    with running_server(tmp_path_factory.mktemp("site")) as server:
        yield Site(server.url)
