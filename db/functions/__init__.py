"""The database's own functions, a file each: what runs at every draw and answer, in one round trip.

A migration that changes one edits its file and installs it again, by `script`.
"""

from pathlib import Path

FOLDER = Path(__file__).parent


def script(*names: str) -> str:
    """The statements that make, or replace, these functions."""
    return "\n".join((FOLDER / f"{name}.sql").read_text() for name in names)
