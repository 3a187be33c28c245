"""Bodies that nobody sends by accident, each as `(content type, bytes)` under a name that says what is wrong."""

import gzip
import zlib
from collections.abc import Mapping

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
LINES = "application/x-ndjson"
BOUNDARY = "multipart/form-data; boundary=x"
MANY = 300_000
"""More values than a document may have."""


def part(name: str, value: bytes, *, more: bytes = b"") -> bytes:
    head = b'--x\r\nContent-Disposition: form-data; name="' + name.encode() + b'"' + more
    return head + b"\r\n\r\n" + value + b"\r\n"


def multipart(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--x--\r\n"


def nested(opening: bytes, closing: bytes, depth: int, core: bytes = b"1") -> bytes:
    return opening * depth + core + closing * depth


def answer(info: bytes) -> bytes:
    """An answer that is otherwise in order."""
    return b'{"project_id": 1, "task_id": 1, "info": ' + info + b"}"


TEXT_WITH_MARKS = b'"' + b",:[{" * (MANY // 2) + b'"'
"""A text that has the signs of many values, and is one."""

BODIES: Mapping[str, tuple[str, bytes]] = {
    "empty": (JSON, b""),
    "blank": (JSON, b" \r\n\t "),
    "no json": (JSON, b"{"),
    "two documents": (JSON, b"{}{}"),
    "null": (JSON, b"null"),
    "a number": (JSON, b"7"),
    "a text": (JSON, b'"project_id"'),
    "a byte order mark": (JSON, b"\xef\xbb\xbf{}"),
    "utf-16": (JSON, '{"project_id": 1}'.encode("utf-16")),
    "no utf-8": (JSON, b'{"name": "\xff\xfe"}'),
    "half an emoji": (JSON, answer(b'"\\ud83d"')),
    "a NUL": (JSON, answer(b'"\\u0000"')),
    "a NUL in a key": (JSON, answer(b'{"\\u0000": 1}')),
    "no number": (JSON, answer(b"NaN")),
    "endless": (JSON, answer(b"Infinity")),
    "1e400": (JSON, answer(b"1e400")),
    "a thousand digits": (JSON, b'{"project_id": ' + b"9" * 1000 + b', "task_id": 1}'),
    "twice the same key": (JSON, b'{"project_id": 1, "project_id": {"a": 1}, "task_id": [1]}'),
    "objects as ids": (JSON, b'{"project_id": {}, "task_id": [], "info": 1}'),
    "prototype keys": (JSON, answer(b'{"__proto__": {"admin": true}, "constructor": 1}')),
    "many lists": (JSON, b"[" + b"[]," * MANY + b"[]]"),
    "many objects": (JSON, answer(b"[" + b"{}," * MANY + b"{}]")),
    "many numbers": (JSON, answer(b"[" + b"1," * MANY + b"1]")),
    "many texts": (JSON, answer(b"[" + b'"",' * MANY + b'""]')),
    "many keys": (JSON, answer(b"{" + b",".join(b'"k%d":1' % n for n in range(MANY // 2)) + b"}")),
    "many quotes": (JSON, b'"' * (3 * MANY)),
    "many escaped quotes": (JSON, answer(b'"' + b'\\"' * MANY + b'"')),
    "many backslashes": (JSON, answer(b'"' + b"\\\\" * MANY + b'"')),
    "many signs in a text": (JSON, answer(TEXT_WITH_MARKS)),
    "deep lists": (JSON, answer(nested(b"[", b"]", 500))),
    "deep objects": (JSON, answer(nested(b'{"a":', b"}", 500))),
    "deeper than the parser": (JSON, nested(b"[", b"]", 100_000)),
    "only opened": (JSON, b"[" * MANY),
    "many rows": (LINES, b'{"project_id": 1, "info": {}}\n' * 20_000),
    "rows that are none": (LINES, b"1\n[]\nnull\n{\n\xff\n"),
    "a deep row": (LINES, b'{"project_id": 1, "info": ' + nested(b"[", b"]", 500) + b"}\n"),
    "a blank million": (LINES, b"\n" * 1_000_000),
    "many fields": (FORM, b"&".join(b"a%d=1" % n for n in range(5000))),
    "many empty fields": (FORM, b"&a" * 30_000),
    "a long field": (FORM, b"name=" + b"a" * 1_000_000),
    "a long name of a field": (FORM, b"a" * 60_000 + b"=1"),
    "percent signs": (FORM, b"name=" + b"%" * 60_000),
    "no utf-8 in a form": (FORM, b"name=%ff%fe&short_name=\xff"),
    "a NUL in a form": (FORM, b"email=a%00b&password=%00&name=%00&short_name=%00"),
    "many parts": (BOUNDARY, multipart(*(part(f"a{n}", b"1") for n in range(2000)))),
    "parts that begin only": (BOUNDARY, b"--x\r\n" * 20_000),
    "no boundary": ("multipart/form-data", multipart(part("a", b"1"))),
    "a boundary of nothing": ("multipart/form-data; boundary=", multipart(part("a", b"1"))),
    "a boundary beyond ascii": ("multipart/form-data; boundary=\xff", b"--\xff\r\n"),
    "another boundary": ("multipart/form-data; boundary=y", multipart(part("a", b"1"))),
    "a part without an end": (BOUNDARY, part("info", b"{}")[:-10]),
    "an endless head of a part": (BOUNDARY, b"--x\r\nContent-Disposition: " + b"a" * 60_000),
    "many lines in a head of a part": (BOUNDARY, b"--x\r\n" + b"X: y\r\n" * 10_000),
    "a field as a file": (BOUNDARY, multipart(part("file", b"no file"), part("info", b"{}"))),
    "info that is no json": (BOUNDARY, multipart(part("info", b"{"), part("file", b"x", more=b'; filename="a.png"'))),
    "deep info beside a file": (
        BOUNDARY,
        multipart(part("info", nested(b"[", b"]", 500)), part("file", b"x", more=b'; filename="a.png"')),
    ),
    "much info beside a file": (
        BOUNDARY,
        multipart(part("info", b"[" + b"[]," * MANY + b"[]]"), part("file", b"x", more=b'; filename="a.png"')),
    ),
    "a path as a name": (BOUNDARY, multipart(part("file", b"x", more=b'; filename="../../secret.key"'))),
    "a NUL in a name": (BOUNDARY, multipart(part("file", b"x", more=b'; filename="a\x00.png"'))),
    "packed": (JSON, gzip.compress(b"[" + b"[]," * MANY + b"[]]")),
    "packed otherwise": (JSON, zlib.compress(b"0" * 10_000_000)),
    "xml": ("application/xml", b'<!DOCTYPE a [<!ENTITY b "bb">]><a>&b;</a>'),
    "no type": ("", b"{}"),
    "an odd type": ("application/json; charset=utf-7; \xff", b"{}"),
    "a type of types": ("application/" + "x" * 5000, b"{}"),
}
