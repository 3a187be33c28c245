"""Rules for the presenters that we ship: nothing looks chosen that is not, the keyboard stays where it is, and single
keys can be turned off."""

import re
from pathlib import Path

import pytest

WEBAPP = Path(__file__).parents[2] / "webapp"
SHIPPED = sorted(
    path
    for folder in (WEBAPP / "templates" / "presenters", WEBAPP / "demo" / "projects")
    for path in folder.rglob("*")
    if path.suffix in (".html", ".css")
)
AROUND = [WEBAPP / "static/css/site" / name for name in ("components/button.css", "pages/contribute.css")]
HOVERABLE = re.compile(r"@media \(hover: hover\) \{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
SINGLE_KEYS = re.compile(r"""addEventListener\(['"]key|\.on\(['"]key(?:down|press|up)""")


def named(path: Path) -> str:
    return str(path.relative_to(WEBAPP))


@pytest.mark.parametrize("path", [*SHIPPED, *AROUND], ids=named)
def test_hovering_is_shown_only_where_there_is_a_pointer_that_hovers(path: Path) -> None:
    """After a tap `:hover` stays, and the last answer would look chosen on the next task."""
    assert ":hover" not in HOVERABLE.sub("", path.read_text())


@pytest.mark.parametrize("path", SHIPPED, ids=named)
def test_buttons_that_wait_keep_the_keyboard(path: Path) -> None:
    """A disabled one loses it, and with it the place of whoever answers by keyboard."""
    text = path.read_text()
    assert not re.search(r"<(?:button|input|textarea)[^>]* disabled", text) and "prop('disabled'" not in text


@pytest.mark.parametrize("path", [path for path in SHIPPED if path.suffix == ".html"], ids=named)
def test_single_keys_are_declared_so_that_they_can_be_turned_off(path: Path) -> None:
    """WCAG 2.1.4: a listener of a presenter's own is for keys that are no characters."""
    for found in SINGLE_KEYS.finditer(path.read_text()):
        assert "'Enter'" in path.read_text()[found.start() :][:300]
