"""Names of files in plain letters, for programs that know no others."""

import re
import unicodedata

from text_unidecode import unidecode  # type: ignore[import-untyped]

_UNSAFE = re.compile(r"[^A-Za-z0-9._()\[\] -]+")


def in_ascii(name: str) -> str:
    """The name in ASCII, its letters transliterated (`żółw` gives `zolw`, `пчела` `pchela`), without what separates
    folders or ends a header; `file` where nothing is left."""
    composed = unicodedata.normalize("NFC", name)
    return _UNSAFE.sub("_", unidecode(composed)).strip(" .") or "file"
