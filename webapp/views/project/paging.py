"""Lists of what has happened to a project, page by page."""

PER_PAGE = 50
LONGEST_VALUE = 300


def shortened(value: str | None) -> str | None:
    return value if value is None or len(value) <= LONGEST_VALUE else value[:LONGEST_VALUE] + "…"
