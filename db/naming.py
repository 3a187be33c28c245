"""What names are compared by: as people see them, not as computers write them.

`fold` makes one text of all spellings that mean the same; `skeleton` makes one of all that look the same (Unicode TR
39, section 4), by the consortium's own table of confusable characters.
"""

import json
from functools import cache
from hashlib import sha256
from importlib.resources import files
from unicodedata import normalize

TABLE = files("confusable_homoglyphs") / "confusables.json"
MARK = "\u200e"
"""Stands around right-to-left characters in the table, and is no part of them."""


def fold(text: str) -> str:
    """The text without what does not tell addresses and names apart: width, case, space around it."""
    return normalize("NFKC", normalize("NFKC", text).strip().casefold())


def skeleton(name: str) -> str:
    """Equal for names that look alike, whatever their letters are; for comparing only, never shown."""
    prototypes = _prototypes()
    apart = normalize("NFD", normalize("NFKC", name))
    seen = "".join(prototypes.get(character, character) for character in apart)
    # Letters of two cases are told apart by nobody who is told a name; what is left of one keeps its marks in order.
    return normalize("NFD", seen.casefold())


def look(name: str) -> str:
    """A short stand-in for the name's skeleton, whatever its length: equal for names that look alike."""
    return sha256(skeleton(name).encode("utf-8", "surrogatepass")).hexdigest()


@cache
def _prototypes() -> dict[str, str]:
    """What stands for each confusable character: one and the same text for all that look alike.

    The table pairs texts that look alike, most of them single characters. Of all that are tied together by pairs, the
    prototype is the longest (`rn` for `m`, for it is what is left of a text that has it), or else the lower letter.
    """
    parents: dict[str, str] = {}

    def root(member: str) -> str:
        while (parent := parents.setdefault(member, member)) != member:
            parents[member] = parents[parent]
            member = parents[member]
        return member

    for character, alike in json.loads(TABLE.read_text(encoding="utf-8")).items():
        for one in alike:
            parents[root(character.replace(MARK, ""))] = root(one["c"].replace(MARK, ""))
    sets: dict[str, list[str]] = {}
    for member in tuple(parents):
        sets.setdefault(root(member), []).append(member)
    prototypes = {name: max(members, key=_preference) for name, members in sets.items()}
    return {member: prototypes[root(member)] for member in parents if len(member) == 1}


def _preference(member: str) -> tuple[int, bool, bool, int]:
    ascii_only = member.isascii()
    return len(member), ascii_only, member.isalpha(), ord(member[0]) if ascii_only else -ord(member[0])
