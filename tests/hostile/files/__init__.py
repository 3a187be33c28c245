"""Files that are made to do harm, or are not what they say; each with what may become of it."""

import gzip
import io
import struct
import zipfile
import zlib
from dataclasses import dataclass

from PIL import Image

from tests.support.pictures import drawn, png_chunk, png_of_size

SCRIPT = b"<script>alert(document.domain)</script>"
PAGE = b"<!doctype html><html><body>" + SCRIPT
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'>" + SCRIPT + b"</svg>"
ANIMATION = b"\x21\xf9\x04\x04\x00\x00\x00\x00\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"


@dataclass(frozen=True)
class HostileFile:
    """A file as it is sent. `becomes` is what it may be served as; None where it is refused."""

    name: str
    content: bytes
    becomes: str | None = None

    @property
    def label(self) -> str:
        return f"{self.name} {self.content[:12]!r}"


def zipped(files: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def grey16() -> bytes:
    data = io.BytesIO()
    Image.new("I;16", (8, 8), 30_000).save(data, "PNG")
    return data.getvalue()


OFFICE = zipped({"[Content_Types].xml": b"<Types/>", "word/vbaProject.bin": b"\0" * 100})
BOMB = zipped({f"{number}.txt": b"\0" * 1_000_000 for number in range(20)})
MP4 = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"
WAV = b"RIFF\x24\0\0\0WAVEfmt "

FILES = (
    # pages and scripts under other names
    HostileFile("page.html", PAGE),
    HostileFile("page.htm", PAGE),
    HostileFile("page.xhtml", PAGE),
    HostileFile("page.png", PAGE),
    HostileFile("page.jpg", PAGE),
    HostileFile("page.gif", PAGE),
    HostileFile("page.svg", PAGE + SVG),
    HostileFile("page.csv", PAGE),
    HostileFile("page.json", PAGE),
    HostileFile("page.pdf", PAGE),
    HostileFile("page.mp4", PAGE),
    HostileFile("page.mp3", PAGE),
    HostileFile("blob", PAGE),
    HostileFile("page.txt", PAGE, "text/plain"),
    HostileFile("run.js", b"alert(1)"),
    HostileFile("look.css", b"body { background: url(https://evil.example) }"),
    HostileFile("run.php", b"<?php system($_GET['c']); ?>"),
    HostileFile("run.exe", b"MZ\x90\0\x03"),
    HostileFile("run.sh", b"#!/bin/sh\nrm -rf /\n"),
    HostileFile("page.shtml", b"<!--#exec cmd='id' -->"),
    HostileFile("page.mht", b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n" + PAGE),
    # names that end twice, lead elsewhere, or end a header
    HostileFile("cat.png.html", drawn()),
    HostileFile("cat.html.png", drawn(), "image/png"),
    HostileFile("../../../etc/passwd.png", drawn(), "image/png"),
    HostileFile('cat".png', drawn(), "image/png"),
    HostileFile("cat\u202egnp.exe", drawn()),
    HostileFile(".htaccess", b"AddType text/html .png"),
    HostileFile("c" * 3000 + ".png", drawn(), "image/png"),
    # drawings with scripts, and what is called one
    HostileFile("drawing.svg", SVG, "image/svg+xml"),
    HostileFile("drawing.svg", b"<?xml version='1.0'?><!-- x --><!DOCTYPE svg>" + SVG, "image/svg+xml"),
    HostileFile("drawing.svg", b"<!---->" * 500 + PAGE),
    HostileFile("drawing.svgz", gzip.compress(SVG)),
    HostileFile("drawing.png", SVG),
    HostileFile("blob", SVG),
    HostileFile("page.xml", b"<?xml-stylesheet href='javascript:alert(1)'?><x/>"),
    HostileFile("laughs.xml", b"<!DOCTYPE lolz [<!ENTITY lol 'lol'>]><lolz>&lol;</lolz>"),
    # two things at once
    HostileFile("cat.gif", drawn(kind="GIF") + SCRIPT, "image/gif"),
    HostileFile("cat.jpg", drawn(kind="JPEG", comment=SCRIPT) + PAGE, "image/jpeg"),
    HostileFile("cat.png", drawn() + zipped({"x.html": PAGE}), "image/png"),
    HostileFile("cat.gif", b"GIF89a=1;/*" + SCRIPT),
    HostileFile("paper.pdf", b"%PDF-1.7\n" + PAGE, "application/pdf"),
    HostileFile("paper.png", b"%PDF-1.7\n"),
    HostileFile("film.mp4", MP4 + PAGE, "video/mp4"),
    HostileFile("sound.wav", WAV + PAGE, "audio/wav"),
    HostileFile("film.png", MP4),
    HostileFile("sound.mp3", b"ID3\x03" + PAGE, "audio/mpeg"),
    # archives and office files
    HostileFile("all.zip", BOMB, "application/zip"),
    HostileFile("all.zip", zipped({"../../etc/cron.d/x": b"* * * * * root id"}), "application/zip"),
    HostileFile("letter.docm", OFFICE),
    HostileFile("letter.xlsx", OFFICE),
    HostileFile("letter.png", OFFICE),
    HostileFile("letter.txt", OFFICE),
    HostileFile("table.csv", OFFICE),
    HostileFile("letter.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    HostileFile("table.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    HostileFile("all.tar.gz", gzip.compress(b"x" * 1000)),
    # pictures that unfold, are torn, or are of a rare kind
    HostileFile("huge.png", png_of_size(100_000, 100_000)),
    HostileFile("huge.png", png_of_size(8, 6, png_chunk(b"zTXt", b"a\0\0" + zlib.compress(b"\0" * 50_000_000)))),
    HostileFile("huge.gif", b"GIF89a" + struct.pack("<HHBBB", 65_535, 65_535, 0x80, 0, 0) + b"\0" * 6 + ANIMATION),
    HostileFile("many.gif", b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + b"\0" * 6 + ANIMATION * 2000 + b";"),
    HostileFile("torn.jpg", drawn(kind="JPEG", size=(800, 600))[:700]),
    HostileFile("torn.webp", drawn(kind="WEBP", size=(800, 600))[:60]),
    HostileFile("grey.png", grey16(), "image/png"),
    HostileFile("print.jpg", drawn("white", "JPEG", mode="CMYK"), "image/jpeg"),
    HostileFile("old.bmp", drawn(kind="BMP")),
    HostileFile("old.tiff", drawn(kind="TIFF")),
    HostileFile("icon.ico", drawn(kind="ICO")),
    HostileFile("script.eps", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n(id) run"),
    # nothing, and what is no text
    HostileFile("empty.png", b""),
    HostileFile("empty.txt", b"", "text/plain"),
    HostileFile("bytes.txt", bytes(range(256))),
    HostileFile("bytes.json", b"\0\1\2"),
    HostileFile("wide.txt", PAGE.decode().encode("utf-16")),
)
