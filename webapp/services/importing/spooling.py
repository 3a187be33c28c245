"""Files that are in memory while they are small."""

import tempfile
from typing import IO

IN_MEMORY = 4 * 1024 * 1024


def spool() -> IO[bytes]:
    """A file in memory while it is small; the caller closes it."""
    return tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)
