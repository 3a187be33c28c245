"""The database's own functions as they are now, a file each: what runs at every draw and answer, in one round trip.

No migration reads them. To change one, edit its file here: `workbee db revision` drafts the migration that installs it,
with a copy of its text beside it (docs/migrations.md).
"""

from pathlib import Path

FOLDER = Path(__file__).parent
