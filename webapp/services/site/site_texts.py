"""The site's terms and notices: ours to start from, an administrator's own where there is a file in the data folder.

`texts/privacy.md` (or `terms.md`, `cookies.md`) in the data folder takes the place of ours; `privacy.fr.md` speaks to
readers of French. In all of them `{brand}` and `{contact}` stand for the site's name and for whom to write to.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path

from webapp.config import Settings
from webapp.i18n import current_locale
from webapp.i18n import gettext as _
from webapp.services.site import markdown

OWN_TEXTS = Path(__file__).parents[2] / "templates" / "help" / "texts"
TEXTS = ("privacy", "terms", "cookies")


async def site_text(name: str, settings: Settings) -> str:
    """The text of this name (one of TEXTS) as HTML."""
    source = await asyncio.to_thread(_read, name, settings.data_dir / "texts", current_locale())
    contact = settings.contact_email or _("the people who run this site")
    return markdown.to_html(source.replace("{brand}", settings.brand).replace("{contact}", contact))


def _read(name: str, folder: Path, locale: str) -> str:
    """The first of the places where the text may be that has it."""
    found = next(path for path in _places(name, folder, locale) if path.is_file())
    return found.read_text(encoding="utf-8")


def _places(name: str, folder: Path, locale: str) -> Iterator[Path]:
    yield folder / f"{name}.{locale}.md"
    yield folder / f"{name}.md"
    yield OWN_TEXTS / f"{name}.{locale}.md"
    yield OWN_TEXTS / f"{name}.md"
