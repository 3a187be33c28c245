"""The presenters that owners may start from."""

from functools import lru_cache
from pathlib import Path

NAMES = ("basic", "image", "sound", "video", "map", "pdf")
FOLDER = Path(__file__).parents[1] / "templates" / "presenters"
PLACE = "{{ project.short_name }}"
"""What stands for the project in a template."""
LOOK = "{{ look }}"
"""What stands for the styles that all six begin with: each owner's copy carries its own."""


@lru_cache(maxsize=len(NAMES))
def _text(name: str) -> str:
    look = (FOLDER / "look.css").read_text(encoding="utf-8").rstrip()
    return (FOLDER / f"{name}.html").read_text(encoding="utf-8").replace(LOOK, look)


def snippet(name: str, short_name: str) -> str | None:
    """The template of this name, made for the project; None if there is none."""
    wanted = name.removeprefix("projects/presenters/").removesuffix(".html")
    return _text(wanted).replace(PLACE, short_name) if wanted in NAMES else None
