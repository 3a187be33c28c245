"""Texts searched by words: whatever the case of their letters, with and without accents, also within words."""

from sqlalchemy import ColumnElement, func, literal


def contains(folded: ColumnElement[str], words: str) -> ColumnElement[bool]:
    """The text holds these words as they are, one after the other. It is given as `workbee_folded` makes it; where it
    has an index of its trigrams, three letters or digits of a word lead to the texts."""
    wanted = func.regexp_replace(func.workbee_folded(literal(words)), r"([\\%_])", r"\\\1", "g")
    return folded.like(literal("%") + wanted + literal("%"))
