"""Values of the query string, read as the API's clients expect: what is no number is a 415 of its kind."""

from typing import Any

from db import json
from webapp.errors import MalformedJson, UnsupportedMedia
from webapp.http.json import parse_json

LARGEST = 2**63 - 1


def is_number(text: str) -> bool:
    """Whether the text is a whole number, in the digits that computers use: other scripts have digits too."""
    return text.isascii() and text.isdigit()


def whole_number(text: str) -> int:
    """A number from 0 on. Raises UnsupportedMedia: ValueError for no number, DataError for a negative one."""
    try:
        number = int(text)
    except ValueError as error:
        raise UnsupportedMedia(f"invalid literal for int() with base 10: '{text}'") from error
    if not 0 <= number <= LARGEST:
        raise UnsupportedMedia(f"{number} is out of range", kind="DataError")
    return number


TRUE_WORDS = frozenset({"true", "yes", "on", "y", "1"})
FALSE_WORDS = frozenset({"false", "no", "off", "n", "0"})


def boolean(text: str) -> bool:
    """True or false, by the words that clients use for them. Raises UnsupportedMedia."""
    word = text.lower()
    if word not in TRUE_WORDS | FALSE_WORDS:
        raise UnsupportedMedia(f"'{text}' is neither true nor false")
    return word in TRUE_WORDS


def json_object(raw: bytes, *, declared: bool = False) -> dict[str, Any]:
    """The JSON object in a body, whatever its Content-Type says. Raises UnsupportedMedia; MalformedJson for what was
    `declared` as JSON and is none."""
    try:
        document = parse_json(raw)
    except json.JSONDecodeError as error:
        message = f"The body is not valid JSON: {error}"
        raise (MalformedJson(message) if declared and raw else UnsupportedMedia(message)) from error
    if not isinstance(document, dict):
        raise UnsupportedMedia("The body must be a JSON object", kind="TypeError")
    return document
