"""JSON files of every shape, cut anywhere (docs/contract/jobs.md 5)."""

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.errors import Invalid
from webapp.services.importing import json_records, preview
from webapp.services.importing.json_records import JsonRecords
from webapp.services.importing.rows import Empty, NewTask, Refused, Row, read_tasks


def read(content: bytes | str) -> list[Row]:
    data = content.encode() if isinstance(content, str) else content
    return list(read_tasks(JsonRecords(io.BytesIO(data))))


def infos(content: bytes | str) -> list[Any]:
    return [json.loads(row.info) if isinstance(row, NewTask) else type(row) for row in read(content)]


OBJECTS = st.lists(
    st.dictionaries(
        st.text(min_size=1).filter(lambda name: name not in json_records.OF_A_TASK),
        st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5),
        min_size=1,
    ),
    min_size=1,
)


@given(rows=OBJECTS, piece=st.integers(1, 50), indent=st.none() | st.integers(0, 2))
def test_what_is_written_is_read_wherever_it_is_cut(rows: list[Any], piece: int, indent: int | None) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(json_records, "PIECE", piece)
        expected = [one if "\x00" not in str(one) and "\\u0000" not in json.dumps(one) else Refused for one in rows]
        assert infos(json.dumps(rows, indent=indent)) == expected
        assert infos("\n".join(json.dumps(one) for one in rows)) == expected


def test_columns_of_the_task_are_its_own() -> None:
    [row] = read('[{"n": 1, "n_answers": 3, "priority_0": 0.5, "state": "ongoing", "quorum": null}]')
    assert isinstance(row, NewTask)
    assert (row.info, row.n_answers, row.priority_0, row.quorum) == ('{"n":1}', 3, 0.5, None)


def test_an_exported_task_comes_back_as_it_was() -> None:
    exported = {
        "id": 7,
        "created": "2026-01-01",
        "project_id": 1,
        "state": "ongoing",
        "n_answers": 2,
        "info": {"q": "?"},
    }
    [row] = read(json.dumps([exported]))
    assert isinstance(row, NewTask) and (row.info, row.n_answers) == ('{"q":"?"}', 2)


def test_numbers_keep_their_digits() -> None:
    [row] = read('{"n": 123456789012345678901234567890, "x": 0.1000000000000000055511151231257827}')
    assert isinstance(row, NewTask)
    assert row.info == '{"n":123456789012345678901234567890,"x":0.1000000000000000055511151231257827}'


def test_what_is_no_task_is_told_by_its_number() -> None:
    rows = read('{"a": 1}\n{"a": \n7\n{}\n{"a": "\\u0000"}\n{"n_answers": 0, "a": 1}\n{"a": 2}')
    assert [type(one) for one in rows] == [NewTask, Refused, Refused, Empty, Refused, Refused, NewTask]
    assert [one.reason for one in rows if isinstance(one, Refused)][:2] == ["it is no JSON", "it is no object"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"q\na\n", "begins neither"),
        (b'[{"a": 1}, {"a"}]', "record 2"),
        (b'[{"a": 1} {"a": 2}]', "record 2"),
        (b'[{"a": 1},', "record 2"),
        (b'[{"a": 1}', "no end"),
        (b'[{"a": 1}] x', "after the list"),
        (b'[{"a": "\xff"}]', "UTF-8"),
        (b'[{"a": ' + b"[" * 100_000, "record 1"),
    ],
)
def test_what_is_none_is_told(content: bytes, told: str) -> None:
    with pytest.raises(Invalid, match=told):
        read(content)


def test_utf16_and_marks_are_read() -> None:
    text = '[{"a": "é"}]'
    assert infos(text.encode("utf-16")) == infos(b"\xef\xbb\xbf" + text.encode()) == [{"a": "é"}]


def test_a_long_object_is_refused_without_being_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_records, "LONGEST", 1000)
    monkeypatch.setattr(json_records, "PIECE", 100)
    assert infos('{"a": "' + "x" * 5000 + '"}\n{"a": 1}') == [Refused, {"a": 1}]


def test_an_empty_list_has_no_rows() -> None:
    assert read("[]") == []


def test_a_preview_of_a_beginning_shows_what_is_whole() -> None:
    shown = preview(io.BytesIO(b'[{"q": "?", "n_answers": 2}, {"q": "!", "x": [1]}, {"q": '), "json", is_whole=False)
    assert (shown.columns, shown.own) == (["n_answers", "q", "x"], ["n_answers"])
    assert shown.rows == [["2", "?", ""], ["", "!", "[1]"]]
