"""CSV as people's programs write it, and files that are none (docs/contract/jobs.md 5)."""

import io
import tracemalloc
from collections.abc import Iterator
from typing import IO, Any, cast

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from db import json
from webapp.errors import Invalid
from webapp.services.importing import reading
from webapp.services.importing.reading import Table
from webapp.services.importing.rows import Empty, NewTask, Refused, Row, read_tasks, typed
from webapp.services.importing.sources import csv_address


def read(content: bytes) -> list[Row]:
    return list(read_tasks(Table(io.BytesIO(content))))


def infos(content: bytes) -> list[Any]:
    return [orjson.loads(row.info) for row in read(content) if isinstance(row, NewTask)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("0", 0), ("-7", -7), ("2.5", 2.5), ("2.50", "2.50"), ("-122.41941550000001", -122.41941550000001)),
        *(("1.1", 1.1), ("1.10", "1.10"), ("1.0", "1.0"), ("-0.0", "-0.0"), ("0.00001", "0.00001"), ("5.", "5.")),
        *(("9007199254740991", 9007199254740991), ("9007199254740993", "9007199254740993")),
        *(("0.1234567890123456789", "0.1234567890123456789"), ("007", "007"), ("-0", "-0"), ("+1", "+1")),
        *(("1e5", "1e5"), ("nan", "nan"), ("٣", "٣"), ("", ""), (" 1", " 1"), ("True", "True")),
    ],
)
def test_numbers_are_numbers_where_nothing_is_lost(text: str, value: object) -> None:
    assert typed(text) == value and type(typed(text)) is type(value)


def test_quotes_line_breaks_and_separators_of_lines_stay_in_their_cells() -> None:
    content = 'a,b\r\n"x, ""y""","1\n2"\r\n\r\nu\u2028v\x0cw\x85,z\r\n'.encode()
    assert infos(content) == [{"a": 'x, "y"', "b": "1\n2"}, {"a": "u\u2028v\x0cw\x85", "b": "z"}]


def test_lines_are_those_of_the_file() -> None:
    rows = read(b'a,b\n"1\n2\n3",x\nragged\n\nlast,row\n')
    assert [row.line for row in rows] == [2, 5, 7]
    assert isinstance(rows[1], Refused) and "1 field where the header has 2" in rows[1].reason


def test_a_byte_order_mark_is_no_part_of_the_first_name() -> None:
    assert infos(b"\xef\xbb\xbfa\n1\n") == [{"a": 1}]


def test_columns_of_the_task_are_not_in_its_info() -> None:
    (row,) = read(b"a,state,quorum,calibration,priority_0,n_answers\nx,ongoing,2,1,0.5,3\n")
    assert row == NewTask(2, '{"a":"x"}', n_answers=3, priority_0=0.5, quorum=2, calibration=1)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("n_answers\n0", "between 1 and"),
        ("n_answers\n1001", "between 1 and"),
        ("n_answers\n1.5", "not a number"),
        ("n_answers\n" + "9" * 5000, "not a number"),
        ("priority_0\n1.01", "between 0 and 1"),
        ("priority_0\nnan", "not a number"),
        ("n_answers\n1_0", "not a number"),
        ("quorum\n2147483648", "out of range"),
        ("a\nx\x00y", "NUL"),
        ("a,b\n" + ",".join(["x" * 600_000] * 2), "longer than 1 MiB"),
    ],
)
def test_rows_that_can_be_no_task_say_why(cell: str, reason: str) -> None:
    # A binary beginning would refuse the file; this is one cell far inside it.
    filler = "" if "\x00" not in cell else "fine\n" * 20_000
    header, value = cell.split("\n")
    rows = read(f"{header}\n{filler}{value}\n".encode())
    refused = rows[-1]
    assert isinstance(refused, Refused) and reason in refused.reason and len(refused.reason) < 200


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\n", "empty"),
        (b"\na,b\n1,2\n", "first line is blank"),
        (b",,\na,b,c\n", "first line is blank"),
        (b"http://example.org/1.jpg\nhttp://example.org/2.jpg\n", "no header"),
        (b"a\x00,b\n1,2\n", "(NUL), in column 1"),
        (b"n_answers,n_answers\n1,2\n", "two headers with the same name: n_answers"),
        (b"a, ,c\n", "column 2 has no name"),
        (b"a\nfine\n\xd0\xfe\n", "not in UTF-8 (line 3)"),
        (b"a\n" * 700_000 + "wąż,żółw\n".encode("cp1250"), "not in UTF-8 (line 700001)"),
        ("слово\nпчела\n".encode("cp1251"), "not in UTF-8 (line 1)"),
        ("言葉\n蜂\n".encode("shift-jis"), "not in UTF-8 (line 1)"),
        (b"\xef\xbb\xbfa\ncaf\xe9\n", "not in UTF-8 (line 2)"),
        ("a,b\n1,2\n".encode("utf-16")[:9] + b"\xd8\xd8\xd8\xd8", "not in UTF-16"),
        (b"a;b\tc\n1;2\t3\n", "What separates the columns"),
        (b"a,b\r1,2\r", "old Macs"),
        (b"PK\x03\x04\x00\x00", "a spreadsheet or an archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a spreadsheet"),
        (b"\x89PNG\r\n\x1a\n\0\0", "a picture"),
        (b"\x7fELF\x02\x01\x01\0\0", "binary"),
        (b"<!DOCTYPE html><html><title>Sign in</title>Hello, you", "a web page"),
        (b'[{"a": 1}]', "JSON"),
        (b'a\n"open\n', "no CSV at line 2"),
        (b'a\nok\n"x"y\n', "no CSV at line 3"),
        (b"a\n" + b"x" * 1_000_001, "field larger than field limit"),
        (",".join(f"c{number}" for number in range(2001)).encode(), "2,001 columns; 2,000 is the most"),
        (b"a" * 1001 + b",b\n", "longer than 1000 characters"),
    ],
)
def test_files_that_are_none_say_why(content: bytes, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(content)
    assert reason in refused.value.message


def test_a_file_has_so_many_rows_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_ROWS", 2)
    assert len(read(b"a\n1\n2\n")) == 2
    with pytest.raises(Invalid, match="more than 2 rows"):
        read(b"a\n1\n2\n3\n")


class OneLongLine(io.RawIOBase):
    """A quarter of a GiB of letters, which nobody holds."""

    place = 0

    def read(self, size: int | None = -1, /) -> bytes:
        n = min(size or 0, 2**28 - self.place)
        self.place += n
        return b"x" * n

    readline = read

    def seek(self, place: int, whence: int = 0, /) -> int:
        self.place = place
        return place

    def tell(self) -> int:
        return self.place


def test_a_file_without_line_breaks_does_not_fill_the_memory() -> None:
    tracemalloc.start()
    with pytest.raises(Invalid, match="16 MiB"):
        Table(cast("IO[bytes]", OneLongLine()))
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 4 * reading.LONGEST_ROW


class Counting(io.BytesIO):
    """Knows how much of it was read."""

    n_lines = 0

    def readline(self, size: int | None = -1, /) -> bytes:
        self.n_lines += 1
        return super().readline(size)


def test_rows_are_read_as_they_are_asked_for() -> None:
    file = Counting(b"a\n" + b"row\n" * 10_000)
    rows: Iterator[object] = read_tasks(Table(file))
    next(rows)
    assert file.n_lines == 2


@pytest.mark.parametrize(
    "content",
    [
        "name;size\nrosé;1,5\n".encode(),
        "name\tsize\nrosé\t1,5\n".encode(),
        "sep=;\r\nname;size\r\nrosé;1,5\r\n".encode(),
        'name,size\nrosé,"1,5"\n'.encode("utf-16"),
        'name,size\nrosé,"1,5"\n'.encode("utf-16-le"),
        'name,size\nrosé,"1,5"\n'.encode("utf-16-be"),
        'name,size\nrosé,"1,5"\n'.encode("utf-32"),
        'name,size\nrosé,"1,5"'.encode("latin-1"),
    ],
)
def test_what_can_be_meant_in_one_way_only_is_read_so(content: bytes) -> None:
    assert infos(content) == [{"name": "rosé", "size": "1,5"}]


def test_a_guess_is_told() -> None:
    assert Table(io.BytesIO("a\nß\n".encode())).notes == []
    (note,) = Table(io.BytesIO("a\nß\n".encode("cp1252"))).notes
    assert "Western European" in note


def test_commas_stay_what_they_are_where_other_separators_stand_in_cells() -> None:
    assert infos(b"q;r\nwho\nwhere\n") == [{"q;r": "who"}, {"q;r": "where"}]
    assert infos(b"q,r;s\n1,a;b\n2,c\n") == [{"q": 1, "r;s": "a;b"}, {"q": 2, "r;s": "c"}]


def test_rows_of_nothing_are_no_tasks() -> None:
    rows = read(b"a,b\n,\n1,2\n , \t\n,,,,\n")
    assert [type(row) for row in rows] == [Empty, NewTask, Empty, Empty]


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0")) | st.from_regex(
    r"[+-]?[0-9]{0,20}\.?[0-9]{0,20}(e[+-]?[0-9]{1,3})?", fullmatch=True
)


@given(CELLS)
def test_every_cell_is_written_again_as_it_was(cell: str) -> None:
    written = json.dumps(typed(cell)).decode()
    assert typed(cell) == cell or (written == cell and float(cell) == typed(cell))


@pytest.mark.parametrize(
    ("shared", "exported"),
    [
        (
            "https://d.example/spreadsheets/d/e/2PACX-K/pubhtml?gid=7&single=true",
            "https://d.example/spreadsheets/d/e/2PACX-K/pub?gid=7&single=true&output=csv",
        ),
        (
            "https://d.example/spreadsheets/d/e/2PACX-K/pub?output=html",
            "https://d.example/spreadsheets/d/e/2PACX-K/pub?output=csv",
        ),
        ("https://d.example/spreadsheets/d/K/pubhtml", "https://d.example/spreadsheets/d/K/pub?output=csv"),
        (
            "https://d.example/spreadsheets/d/K/edit?gid=7#gid=7",
            "https://d.example/spreadsheets/d/K/export?format=csv&gid=7",
        ),
        ("https://d.example/spreadsheets/u/1/d/K/htmlview", "https://d.example/spreadsheets/u/1/d/K/export?format=csv"),
        (
            "https://d.example/spreadsheets/d/K/export?format=xlsx",
            "https://d.example/spreadsheets/d/K/export?format=csv",
        ),
        ("https://d.example/spreadsheets/d/K", "https://d.example/spreadsheets/d/K/export?format=csv"),
        (
            "https://d.example/spreadsheets/d/K/gviz/tq?tqx=out:csv&sheet=One",
            "https://d.example/spreadsheets/d/K/gviz/tq?tqx=out:csv&sheet=One",
        ),
        ("https://d.example/spreadsheets/d/K/edit#gid=7", "https://d.example/spreadsheets/d/K/export?format=csv&gid=7"),
        ("https://d.example/spreadsheets/d/K/edit?usp=sharing", "https://d.example/spreadsheets/d/K/export?format=csv"),
        ("https://d.example/credits/d/K/view", "https://d.example/credits/d/K/export?format=csv"),
        ("https://d.example/spreadsheet/ccc?key=K", "https://d.example/spreadsheet/ccc?key=K&output=csv"),
        (
            "https://d.example/a/bees.example/spreadsheet/ccc?key=K&usp=sharing#gid=7",
            "https://d.example/a/bees.example/spreadsheet/ccc?key=K&usp=sharing&gid=7&output=csv",
        ),
        (
            "https://d.example/spreadsheet/pub?key=K&output=html",
            "https://d.example/spreadsheet/pub?key=K&output=csv",
        ),
        (
            "https://d.example/a/bees.example/spreadsheets/d/K/edit?usp=drive_link#gid=7",
            "https://d.example/a/bees.example/spreadsheets/d/K/export?format=csv&gid=7",
        ),
        (
            "https://d.example/a/bees.example/spreadsheets/d/e/2PACX-K/pubhtml/sheet?headers=false&gid=7",
            "https://d.example/a/bees.example/spreadsheets/d/e/2PACX-K/pub?gid=7&single=true&output=csv",
        ),
        (
            "https://d.example/spreadsheets/d/K/edit?resourcekey=0-R&usp=sharing#gid=0",
            "https://d.example/spreadsheets/d/K/export?format=csv&gid=0&resourcekey=0-R",
        ),
        ("https://d.example/spreadsheets/d/K/copy", "https://d.example/spreadsheets/d/K/export?format=csv"),
        ("https://d.example/spreadsheets/d/K/view?usp=sharing", "https://d.example/spreadsheets/d/K/export?format=csv"),
        ("https://d.example/spreadsheets/d/K/template/preview", "https://d.example/spreadsheets/d/K/export?format=csv"),
        (
            "https://d.example/spreadsheets/d/K/gviz/tq?sheet=A",
            "https://d.example/spreadsheets/d/K/gviz/tq?tqx=out:csv&sheet=A",
        ),
        (
            "https://drive.google.com/file/d/K-1/view?usp=sharing",
            "https://docs.google.com/spreadsheets/d/K-1/export?format=csv",
        ),
        ("https://drive.google.com/open?id=K-1", "https://docs.google.com/spreadsheets/d/K-1/export?format=csv"),
    ],
)
def test_the_address_of_a_spreadsheet_leads_to_its_export(shared: str, exported: str) -> None:
    assert csv_address("gdocs", shared) == exported
