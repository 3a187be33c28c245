"""Text that cannot be stored as it came: an answer with half an emoji is still an answer."""

import re

_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(?P<unstorable>\\u(?:[dD][89a-fA-F][0-9a-fA-F]{2}|0000))"
    rb"|\\."
)
"""Any escape in JSON; whole pairs of surrogates first, so that what is left of them are halves."""


def well_formed(raw: bytes) -> bytes:
    """The JSON with U+FFFD in place of what no text of the database can hold: halves of surrogate pairs, NULs, and
    bytes that are no UTF-8. JSON that is none stays so."""
    if b"\\u" in raw:
        raw = _ESCAPE.sub(lambda found: rb"\ufffd" if found["unstorable"] else found[0], raw)
    return raw if raw.isascii() else raw.decode(errors="replace").encode()
