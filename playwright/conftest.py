"""Fixtures of the browser tests: which browser, how it is started, and a site where an owner makes projects."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.support.browser import launch_args
from tests.support.server import running_server
from tests.support.site import Site

AT_ONCE = 5
"""Of the cases of one test the first and every fifth after it run in `make test`, which is to take a quarter of an
hour on a slow machine; `make test-slow` runs the others."""
WHOLE = ("playwright/gallery/", "playwright/hostile/")
"""Where all cases run in `make test`."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    seen: Counter[str] = Counter()
    for item in items:
        test = item.nodeid.partition("[")[0]
        if item.get_closest_marker("slow") is None and not test.startswith(WHOLE):
            if seen[test] % AT_ONCE:
                item.add_marker(pytest.mark.slow)
            seen[test] += 1


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    """Chromium as this machine has it."""
    return launch_args()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A running Workbee whose first account makes projects through the API."""
    with running_server(tmp_path_factory.mktemp("site")) as server, closing(Site(server.url)) as made:
        yield made
