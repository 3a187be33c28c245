"""Which part of a long list a page of it is, so that the last page costs what the first one does."""

from dataclasses import dataclass

DEEPEST = 100_000
"""How many rows may be passed over for a page that is asked for by its number: some hundred blocks of an index."""


class TooDeep(Exception):
    """The page is farther than `DEEPEST` from either end, and the row that it begins after is not known."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of a list in its order: counted from its beginning or, `backwards`, from its end."""

    limit: int
    offset: int = 0
    backwards: bool = False
    beyond: int | None = None
    """The id of a row of the list: the part is counted from there."""


def nearer_part(limit: int, offset: int, total: int) -> Part:
    """So many rows behind so many, from the nearer end of a list of `total` rows."""
    n_after = total - offset - limit
    if max(0, n_after) < offset:
        return Part(max(0, limit + min(0, n_after)), max(0, n_after), backwards=True)
    return Part(limit, offset)


def numbered_part(number: int, per_page: int, total: int) -> Part:
    """The page of this number, the first being 1, from the nearer end of a list of so many rows. Raises TooDeep."""
    part = nearer_part(per_page, (number - 1) * per_page, total)
    if part.offset > DEEPEST:
        raise TooDeep
    return part
