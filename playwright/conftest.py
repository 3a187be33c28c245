"""Fixtures of the browser tests: which browser, and how it is started."""

import pytest

from tests.support.browser import launch_args


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    """Chromium as this machine has it."""
    return launch_args()
