"""The SQL functions that revisions install: each revision carries the whole text of those that it changes.

`versions/<revision>/functions/draw.sql` is `workbee_draw` as it is from that revision on, in every signature that it
has then. An empty file says that the function is gone. A copy is never edited once it has been released, and nothing
here reads `db/functions/`, which is the present state. Revisions follow one another as the names of their folders do.
"""

from pathlib import Path

from alembic import op
from sqlalchemy import text

from db.migrations.script import run_script

FOLDER = "functions"

_DROP = """
DO $$ DECLARE found regprocedure; BEGIN
  FOR found IN SELECT oid FROM pg_proc
    WHERE proname = 'workbee_{name}' AND pronamespace = current_schema()::regnamespace{condition}
  LOOP EXECUTE 'DROP FUNCTION ' || found; END LOOP;
END $$
"""


def texts(folder: Path) -> dict[str, str]:
    """The text of each function in the folder, by its name without the prefix `workbee_`."""
    return {file.stem: file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.sql"))}


def newest(versions: Path, *, before: str | None = None) -> dict[str, str]:
    """The newest copy of each function that there is after all revisions, or before the one in the folder `before`."""
    copies: dict[str, str] = {}
    for folder in sorted(versions.iterdir()):
        if before is None or folder.name < before:
            copies |= texts(folder / FOLDER)
    return {name: copy for name, copy in copies.items() if copy}


def install(file: str) -> None:
    """Make the functions what the copies beside this revision (its `__file__`) say. A signature that is in the database
    alone stays, for the code of before calls it: the revision that ends it drops it by name."""
    for name, copy in texts(Path(file).parent / FOLDER).items():
        if copy:
            run_script(op.get_bind(), copy)
        else:
            _drop(name)


def restore(file: str) -> None:
    """Make the functions that this revision (its `__file__`) has installed what they were before it."""
    folder = Path(file).parent
    before = newest(folder.parent, before=folder.name)
    for name in texts(folder / FOLDER):
        copy = before.get(name)
        # That of a trigger has one signature, and cannot go while the trigger is there.
        _drop(name, " AND prorettype <> 'trigger'::regtype" if copy else "")
        if copy:
            run_script(op.get_bind(), copy)


def _drop(name: str, condition: str = "") -> None:
    op.get_bind().execute(text(_DROP.format(name=name, condition=condition).replace(":", "\\:")))
