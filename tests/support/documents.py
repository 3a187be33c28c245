"""HTML as a parser reads it that forgives nothing."""

from typing import Any

import html5lib


def assert_valid(name: str, text: str) -> Any:
    """The tree of a valid document; `name` says in a failure which it was."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    try:
        return parser.parse(text)
    except html5lib.html5parser.ParseError as error:
        line, column = parser.errors[-1][0] if parser.errors else (0, 0)
        near = text.splitlines()[max(0, line - 2) : line + 1]
        raise AssertionError(f"{name}: {error} at {line}:{column}: {near}") from error
