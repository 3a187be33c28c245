"""What kind of file something is: its bytes are believed, and neither its name nor its sender."""

import pytest

from tests.support.pictures import drawn
from webapp.errors import UnsupportedMedia
from webapp.integrations.kinds import kind_of


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        (drawn(), "a.png", "image/png"),
        (drawn(kind="JPEG"), "a.png", "image/jpeg"),
        (drawn(kind="GIF"), "blob", "image/gif"),
        (drawn(kind="WEBP"), "a.JPG", "image/webp"),
        (drawn(kind="AVIF"), "a.avif", "image/avif"),
        (b"ID3\x04 and so on", "a.mp3", "audio/mpeg"),
        (b"\xff\xfb\x90\x00", "a.mp3", "audio/mpeg"),
        (b"OggS\0\x02", "a.ogg", "audio/ogg"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "a.wav", "audio/wav"),
        (b"\0\0\0\x20ftypisom\0\0\x02\0", "a.mp4", "video/mp4"),
        (b"\0\0\0\x1cftypM4A \0\0\0\0", "a.m4a", "video/mp4"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm", "blob", "video/webm"),
        (b"%PDF-1.7\n", "a.pdf", "application/pdf"),
        (b"PK\x03\x04\x14\0", "a.zip", "application/zip"),
        (b"hello\tworld\r\n", "notes.txt", "text/plain"),
        ("a,b\nÉvian,名\n".encode(), "a.csv", "text/csv"),
        (b'{"a": 1}', "a.json", "application/json"),
        (b"<?xml version='1.0'?><svg xmlns='x'/>", "a.svg", "image/svg+xml"),
        (b"<script>alert(1)</script>", "a.txt", "text/plain"),
        (b"", "empty.txt", "text/plain"),
    ],
)
def test_kinds(head: bytes, name: str, kind: str) -> None:
    assert kind_of(head, name) == kind


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"<!doctype html><script>alert(1)</script>", "page.png"),
        (b"<!doctype html>", "page.html"),
        (b"<!doctype html>", "page"),
        (b"alert(1)", "code.js"),
        (b"alert(1)", "code.mp3"),
        (b"<html><svg", "page.jpg"),
        (b"<html>no picture</html>", "drawing.svg"),
        (b"MZ\x90\0", "program.exe"),
        (drawn(), "program.exe"),
        (drawn(kind="AVIF"), "a.txt"),
        (drawn(), "page.html"),
        (b"MZ\x90\0", "notes.txt"),
        (b"text\0text", "notes.txt"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska", "film.webm"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "photo.jpg"),
        (b"PNG, honestly", "photo.png"),
        (b"", "photo.png"),
        (b"", ""),
    ],
)
def test_what_is_not_accepted(head: bytes, name: str) -> None:
    with pytest.raises(UnsupportedMedia):
        kind_of(head, name)
