"""What a request may weigh before anything is done for it (docs/architecture.md 9, habit 13): bytes by route and by
who asks, and the length of its query.

A route declares a `Weight`; the page and endpoint decorators hold its requests to it.
"""

from enum import Enum, auto
from typing import assert_never

from webapp.config import Settings
from webapp.errors import BadRequest, QueryTooLong

KIB = 1024
MIB = 1024 * KIB
LONGEST_QUERY = 8 * KIB
"""Bytes of a query string; that also bounds how many parameters, words and values it has."""
MOST_WORDS = 20
"""Words of a search for projects."""
ANONYMOUS = 64 * KIB
"""Bytes of a body from whoever has shown no account, but for answers."""
AROUND_A_FILE = MIB
"""Bytes of the other fields of a form that brings a file."""


class Weight(Enum):
    """The largest body that a route takes."""

    FIELDS = auto()
    """A few short fields."""
    TEXT = auto()
    """A text of some pages."""
    DOCUMENT = auto()
    """A document of an owner's, as large as an answer may be."""
    PRESENTER = auto()
    """A project with its presenter and tutorial, which a form may write three times as long."""
    FILE = auto()
    """Short fields with one file."""
    ANSWER = auto()
    """An answer, from volunteers without an account too; as a form it may bring a file."""
    IMPORT = auto()
    """Many tasks: from whoever has a project, otherwise a document."""


def largest_body(weight: Weight, settings: Settings, *, is_anonymous: bool, is_multipart: bool) -> int:
    """The bytes that such a body may have."""
    largest = _largest(weight, settings, is_multipart)
    if is_anonymous and weight is not Weight.ANSWER:
        largest = min(largest, ANONYMOUS)
    return min(largest, settings.max_body_mib * MIB)


def _largest(weight: Weight, settings: Settings, is_multipart: bool) -> int:
    with_file = settings.max_file_mib * MIB + AROUND_A_FILE
    match weight:
        case Weight.FIELDS:
            return 256 * KIB
        case Weight.TEXT:
            return MIB
        case Weight.PRESENTER:
            return 32 * MIB
        case Weight.FILE:
            return with_file if is_multipart else MIB
        case Weight.ANSWER:
            answer = settings.max_answer_kib * KIB
            return answer + with_file if is_multipart else answer
        case Weight.DOCUMENT:
            return settings.max_answer_kib * KIB
        case Weight.IMPORT:
            return settings.max_body_mib * MIB
    assert_never(weight)


def check_words(text: str) -> None:
    """Return if a search is for a few words: each is looked for in every project. Raises BadRequest."""
    if len(text.split()) > MOST_WORDS:
        raise BadRequest(f"A search takes at most {MOST_WORDS} words.")


def check_query(query: bytes) -> None:
    """Return if a query string is not too long. Raises QueryTooLong."""
    if len(query) > LONGEST_QUERY:
        raise QueryTooLong
