"""CSV: the columns are those of all rows, in the order in which they are first seen, and each cell is in its own
(docs/contract/jobs.md 7)."""

import csv
import io
import zipfile
from collections.abc import Collection
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from db import json
from webapp.services.exporting import csv_format
from webapp.services.exporting.archive import BlockHandler, StreamedZip
from webapp.services.exporting.flattening import DEEPEST

FIXED = {"created": "2026-01-01T00:00:00", "project_id": 1, "state": "ongoing", "quorum": 0, "calibration": 0}
KEYS = st.sampled_from(["a", "b", "a_b", "0", "task_id", "info", "d"])
LEAVES: st.SearchStrategy[Any] = st.sampled_from([None, True, 0, 1.5, "", "text", 'a,"b"\r', [], {}])
INFOS = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3))


def deep(levels: int, leaf: Any) -> Any:
    return {"d": deep(levels - 1, leaf)} if levels else leaf


DEEP = st.builds(deep, st.integers(DEEPEST - 2, DEEPEST + 2), INFOS)
ROWS = st.lists(st.tuples(INFOS | DEEP, st.lists(st.integers(1, 9), max_size=2)), max_size=12)


async def exported(rows: list[dict[str, Any]]) -> list[list[list[str]]]:
    """The two files, each as the cells of its lines."""

    async def read(handle: BlockHandler, *, only: Collection[str] | None = None) -> None:
        shown = [{name: value for name, value in row.items() if only is None or name in only} for row in rows]
        for n in range(0, len(rows), 3):
            handle(b"".join(json.dumps(row) + b"\n" for row in shown[n : n + 3]))

    content = bytearray()
    archive = StreamedZip(content.extend)
    await csv_format.write(archive, "x", "task", read, raw=True)
    archive.end()
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        return [list(csv.reader(io.StringIO(opened.read(name).decode(), newline=""))) for name in opened.namelist()]


def spread(value: Any, path: tuple[Any, ...], *, whole: bool = False) -> dict[tuple[Any, ...], str]:
    """Where each value stands, and its text: as the documents say it, and no other way."""
    if isinstance(value, dict | list) and len(path) <= DEEPEST and not whole:
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        return {where: text for key, one in inner for where, text in spread(one, (*path, key)).items()}
    if value is None or isinstance(value, str):
        return {path: value or ""}
    return {path: str(value) if isinstance(value, bool) else json.dumps(value).decode()}


def of_rows(rows: list[dict[str, Any]]) -> list[dict[tuple[Any, ...], str]]:
    lines = []
    for row in rows:
        shown = {name: value for name, value in row.items() if name != "fav_user_ids" or value}
        lines.append(
            {
                where: text
                for name, value in shown.items()
                for where, text in spread(value, (name,), whole=name == "fav_user_ids").items()
            }
        )
    return lines


def of_infos(rows: list[dict[str, Any]]) -> list[dict[tuple[Any, ...], str]]:
    lines = []
    for row in rows:
        info = row["info"]
        for one in info if isinstance(info, list) else [info]:
            if isinstance(one, dict):
                cells = {where: text for key, value in one.items() for where, text in spread(value, (key,)).items()}
                lines.append(cells | {("the id",): str(row["id"])})
    return lines


@given(ROWS)
@example([("text", []), ({}, []), ({"a": 1}, [])])
@example([(deep(DEEPEST, {}), []), (deep(DEEPEST, 1), [])])
@example([([{"a": 1}], []), ({"a": 1}, [4]), ([], [5, 6])])
async def test_columns_are_those_of_all_rows_as_they_are_first_seen(given: list[tuple[Any, list[int]]]) -> None:
    rows = [
        {"id": n} | FIXED | {"priority_0": 0.5, "info": info, "n_answers": 1, "fav_user_ids": ids or None}
        for n, (info, ids) in enumerate(given)
    ]
    for found, lines in zip(await exported(rows), (of_rows(rows), of_infos(rows)), strict=True):
        columns = list(dict.fromkeys(where for line in lines for where in line))
        assert found[1:] == [[line.get(where, "") for where in columns] for line in lines]
        assert len(found[0] if found else []) == len(columns)
