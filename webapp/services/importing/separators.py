"""What stands between the cells of a row: a comma; a semicolon or a tab where nothing else can be meant."""

import csv
from contextlib import suppress

from webapp.errors import Invalid
from webapp.i18n import gettext as _

COMMA = ","
SEPARATORS = (COMMA, ";", "\t")
SAMPLE_ROWS = 50


def separator_of(lines: list[str]) -> str:
    """The separator that gives the first rows as many cells as the header. Raises Invalid where that is not the comma,
    nor one of the others alone."""
    widths = {separator: _widths(lines, separator) for separator in SEPARATORS}
    parting = [separator for separator in SEPARATORS if widths[separator][:1] > [1]]
    fitting = [separator for separator in parting if len(set(widths[separator])) == 1]
    if COMMA in parting:
        return fitting[0] if len(fitting) == 1 else COMMA
    likely = fitting or [separator for separator in parting if widths[separator][0] in widths[separator][1:]]
    if len(likely) > 1:
        raise Invalid("file", _("What separates the columns of this file is not certain: save it with commas."))
    return likely[0] if likely else COMMA


def _widths(lines: list[str], separator: str) -> list[int]:
    """Of the first rows that are not blank, the header's first."""
    found: list[int] = []
    with suppress(csv.Error):  # what is no CSV further down is told by whoever reads it all
        for row in csv.reader(lines, delimiter=separator, strict=True):
            found += [len(row)] if any(row) else []
            if len(found) == SAMPLE_ROWS:
                break
    return found
