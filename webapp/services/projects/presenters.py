"""The presenters that owners may start from."""

import json
from functools import lru_cache
from pathlib import Path

from webapp.errors import NotFound

NAMES = ("basic", "image", "sound", "video", "map", "pdf")
FOLDER = Path(__file__).parents[2] / "templates" / "presenters"
PLACE = "{{ project.short_name }}"
"""What stands for the project in a template."""
LOOK = "{{ look }}"
"""What stands for the styles that all six begin with: each owner's copy carries its own."""


def lacks_script(presenter: object) -> bool:
    """Whether volunteers would see text and nothing more: without a script no task is asked for, nor an answer sent."""
    return isinstance(presenter, str) and bool(presenter.strip()) and "<script" not in presenter.lower()


@lru_cache(maxsize=len(NAMES))
def _text(name: str) -> str:
    look = (FOLDER / "look.css").read_text(encoding="utf-8").rstrip()
    return (FOLDER / f"{name}.html").read_text(encoding="utf-8").replace(LOOK, look)


def snippet(name: str, short_name: str) -> str:
    """The template of this name, made for the project. Raises NotFound."""
    wanted = name.removeprefix("projects/presenters/").removesuffix(".html")
    if wanted not in NAMES:
        raise NotFound
    # It stands in scripts there: a short name may hold quotes.
    quoted = json.dumps(short_name, ensure_ascii=False)[1:-1].replace("'", "\\'").replace("</", "<\\/")
    return _text(wanted).replace(PLACE, quoted)
