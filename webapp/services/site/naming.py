"""What may be a name in an address, and what is taken out of texts that stand in a line with others'."""

from unicodedata import category, name, normalize

from webapp.i18n import gettext as _

DIRECTIONS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
"""Overrides, embeddings and isolates of writing direction, which turn around what stands after them, too."""
UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
"""Letters and marks that show nothing, though they are no control characters."""
SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
EAST_ASIAN = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "KATAKANA-HIRAGANA"})
"""Scripts that are written beside each other and beside Latin letters."""


class UnfitName(ValueError):
    """The name cannot stand in an address, or says something else than it shows; the text tells why."""


def plain_text(text: str) -> str:
    """The text without what changes the direction of writing around it."""
    return text.translate(DIRECTIONS)


def checked_name(text: str) -> str:
    """The name as it is kept, in Unicode's one form for all ways of writing it (NFKC). Raises UnfitName."""
    kept = normalize("NFKC", text)
    if any(_is_unseen(character) for character in kept):
        raise UnfitName(_("This has characters that cannot be seen."))
    if kept and category(kept[0]).startswith("M"):
        raise UnfitName(_("This begins with a mark that belongs to a letter before it."))
    if any(len(scripts := _scripts(word)) > 1 and not scripts <= EAST_ASIAN | {"LATIN"} for word in _words(kept)):
        raise UnfitName(_("This mixes letters of several scripts, some of which look alike."))
    return kept


def _is_unseen(character: str) -> bool:
    kind = category(character)
    if kind[0] == "C" or kind in ("Zl", "Zp") or (kind == "Zs" and character != " "):
        return True
    return character in UNSEEN or any(ord(character) in selectors for selectors in SELECTORS)


def _words(text: str) -> list[str]:
    """The parts between punctuation and spaces; each may be of another script ("пчёлы-2026-ru")."""
    return "".join(" " if category(character)[0] in "PZ" else character for character in text).split()


def _scripts(text: str) -> set[str]:
    """The scripts of the letters: the first word of each one's name in Unicode."""
    letters = (character for character in text if category(character) in ("Lu", "Ll", "Lt", "Lo"))
    return {name(letter, "UNKNOWN").partition(" ")[0] for letter in letters}
