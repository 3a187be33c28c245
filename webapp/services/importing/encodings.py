"""What the bytes of a file say: CSV is text in UTF-8, and other encodings are read where they cannot be mistaken.

What is no text at all is refused in words that name what it is.
"""

import codecs
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import IO

from webapp.errors import Invalid
from webapp.i18n import gettext as _
from webapp.i18n import lazy_gettext as _later

HEAD = 65536
CHUNK = 1024 * 1024
IN_MEMORY = 4 * 1024 * 1024
UTF_8 = "utf-8"
WESTERN = "cp1252"
CENTRAL = "cp1250"
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order marks; that of UTF-32 begins with that of UTF-16."""
NO_CSV = (
    (re.compile(rb"PK\x03\x04|\xd0\xcf\x11\xe0"), _later("a spreadsheet or an archive: save its table as “CSV UTF-8”")),
    (re.compile(rb"\x1f\x8b"), _later("compressed (gzip): unpack it first")),
    (re.compile(rb"%PDF-"), _later("a PDF")),
    (re.compile(rb"\x89PNG|\xff\xd8\xff|GIF8"), _later("a picture")),
    (
        re.compile(rb"\s*<(!doctype\s+html|html|head|body)\b", re.IGNORECASE),
        _later("a web page: its address may lead to a sign-in page"),
    ),
    (re.compile(rb"\s*<(\?xml|svg)\b", re.IGNORECASE), _later("XML")),
    (re.compile(rb"\{\\rtf"), _later("a text with formatting (RTF)")),
    (re.compile(rb"\s*(\[\s*)?\{\s*[\"}]"), _later("JSON: choose a JSON file as the source")),
)
"""What files turn out to be that are no CSV."""
NEVER_IN_TEXT = re.compile(rb"[\x01-\x08\x0e-\x1a\x7f]")
HIGH = bytes(range(0x80, 0x100))
ASCII = bytes(range(0x80))
THREE_IN_A_ROW = re.compile(rb"[\xc0-\xff]{3}")
"""Words of other alphabets, never of Western languages, whose letters beyond ASCII stand between others."""
SIGNS = frozenset(
    western
    for western, central in zip(HIGH.decode(WESTERN, "replace"), HIGH.decode(CENTRAL, "replace"), strict=True)
    if western == central != "\ufffd" and not western.isalpha()
)
"""Quotation marks, dashes and the like, which are the same in Western and Central European encodings."""
ALPHABETS = (
    "àâçéèêëîïôœùûü",
    "äöüßé",
    "áéíñóúü¿¡ªº",
    "áâãàçéêíóôõúüªº",
    "àèéìòù",
    "àèéíïòóúüç·",
    "áéëïíóöúüè",
    "åäöæøéüà",
    "£é",
)
"""Letters beyond ASCII of French, German, Spanish, Portuguese, Italian, Catalan, Dutch, Nordic languages and English.
Those of Icelandic are Turkish letters in another encoding."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the bytes of a file are read."""

    name: str
    guessed: bool = False
    """The file itself does not say so."""


def check_kind(file: IO[bytes]) -> None:
    """Raise Invalid for files that are something else, in words that help to mend it."""
    head = _head(file)
    for signature, what in NO_CSV:
        if signature.match(head):
            raise Invalid("file", _("This is not a CSV file, but %(what)s.", what=str(what)))


def encoding_of(file: IO[bytes]) -> Encoding:
    """How the file is to be read. Raises Invalid where nobody can tell, and for what is no text."""
    check_kind(file)
    head = _head(file)
    for mark, name in MARKS:
        if head.startswith(mark):
            return Encoding(name)
    if wide := _wide(head):
        return Encoding(wide)
    if NEVER_IN_TEXT.search(head) or head.count(b"\0") > len(head) // 100 + 1:
        raise Invalid("file", _("This is not a CSV file: it holds binary data."))
    if b"\r" in head and b"\n" not in head:
        raise Invalid("file", _("The lines of this file end as old Macs did it: save it as “CSV UTF-8”."))
    line = _first_line_not_in_utf8(file)
    if line is None:
        return Encoding(UTF_8)
    if not head.startswith(codecs.BOM_UTF8) and _is_western(file):
        return Encoding(WESTERN, guessed=True)
    text = _("The file is not in UTF-8 (line %(line)s), nor is it certain in what: save it as “CSV UTF-8”.", line=line)
    raise Invalid("file", text)


def in_utf8(file: IO[bytes], encoding: Encoding) -> IO[bytes]:
    """The same text in UTF-8, without a mark: the file itself where it is so. Raises Invalid for what is no text of
    that encoding."""
    if encoding.name == UTF_8:
        file.seek(len(codecs.BOM_UTF8) if _head(file).startswith(codecs.BOM_UTF8) else 0)
        return file
    decoder = codecs.getincrementaldecoder(encoding.name)()
    converted: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - lives with its table
    try:
        for chunk in _chunks(file):
            converted.write(decoder.decode(chunk).encode())
    except UnicodeError as error:
        converted.close()
        text = _("The file is not in %(name)s, though it begins so.", name=encoding.name.upper())
        raise Invalid("file", text) from error
    converted.seek(0)
    return converted


def _head(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read(HEAD)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while chunk := file.read(CHUNK):
        yield chunk


def _wide(head: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of mostly ASCII is 0, and no byte between them is."""
    lows, highs = head[0::2], head[1::2]
    if highs.count(0) > len(highs) // 2 and not lows.count(0):
        return "utf-16-le"
    if lows.count(0) > len(lows) // 2 and not highs.count(0):
        return "utf-16-be"
    return None


def _first_line_not_in_utf8(file: IO[bytes]) -> int | None:
    """From 1; None if all are."""
    decoder = codecs.getincrementaldecoder(UTF_8)()
    line = 1
    for chunk in chain(_chunks(file), (b"",)):
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            return line + chunk.count(b"\n", 0, max(0, error.start - pending))
        line += chunk.count(b"\n")
    return None


def _is_western(file: IO[bytes]) -> bool:
    """Whether whatever is beyond ASCII are signs, and letters of one Western language."""
    seen: set[int] = set()
    for chunk in _chunks(file):
        if THREE_IN_A_ROW.search(chunk):
            return False
        seen.update(chunk.translate(None, ASCII))
    try:
        letters = set(bytes(sorted(seen)).decode(WESTERN).lower()) - SIGNS
    except UnicodeDecodeError:
        return False
    return any(letters <= set(alphabet) for alphabet in ALPHABETS)
