"""What kind of file something is: seen in its first bytes, whatever its name and its sender say."""

import re
from pathlib import PurePath

from webapp.errors import UnsupportedMedia
from webapp.integrations.storage import ACCEPTED

HEAD_BYTES = 4096
"""So much of a file tells its kind."""
NAMED = frozenset({*ACCEPTED, "apng", "jpe", "jpeg", "m4a", "m4v", "ogg", "ogv", "opus"})
"""Extensions that files may come with."""
TEXTS = {"txt": "text/plain", "csv": "text/csv", "json": "application/json", "svg": "image/svg+xml"}
"""Kinds that look alike: here the name decides, and none of them is ever shown in place."""

_SIGNATURES = tuple(
    (re.compile(signature, re.DOTALL), kind)
    for signature, kind in (
        (rb"\x89PNG\r\n\x1a\n", "image/png"),
        (rb"\xff\xd8\xff", "image/jpeg"),
        (rb"GIF8[79]a", "image/gif"),
        (rb"RIFF.{4}WEBP", "image/webp"),
        (rb".{4}ftypavi[fs]", "image/avif"),
        (rb"ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]", "audio/mpeg"),
        (rb"OggS", "audio/ogg"),
        (rb"RIFF.{4}WAVE", "audio/wav"),
        (rb".{4}ftyp(isom|iso[2-9]|mp4[12]|avc1|dash|f4v |M4[AV] |MSNV|3gp.)", "video/mp4"),
        (rb"\x1a\x45\xdf\xa3.{0,64}webm", "video/webm"),
        (rb"%PDF-", "application/pdf"),
        (rb"PK(\x03\x04|\x05\x06)", "application/zip"),
    )
)
_NEVER_IN_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


_PICTURE, _SOUND_OR_FILM = "picture", "sound or film"
_ONE_NAME = {"application/pdf": "pdf", "application/zip": "zip"} | {kind: name for name, kind in TEXTS.items()}
"""Kinds whose files have this name only."""
_FAMILY_OF_NAME = {
    **dict.fromkeys(("png", "apng", "jpg", "jpe", "jpeg", "gif", "webp", "avif"), _PICTURE),
    **dict.fromkeys(("mp3", "m4a", "oga", "ogg", "opus", "wav", "mp4", "m4v", "webm", "ogv"), _SOUND_OR_FILM),
    **{name: name for name in _ONE_NAME.values()},
}
"""What a file of this name may be; pictures are often named for another kind of picture."""
_MARKUP = re.compile(rb"\s*<[!?a-z]", re.IGNORECASE)
_SVG_ROOT = re.compile(
    rb"(\xef\xbb\xbf)?\s*(<\?xml[^>]*\?>\s*)?"
    rb"((?><!--.*?-->|<!DOCTYPE\s+svg[^>\[]*(\[.*?\]\s*)?>)\s*)*+<(\w+:)?svg[\s>/]",
    re.DOTALL,
)
_JSON_BEGIN = re.compile(rb"\s*([\[{\"\-0-9]|true|false|null)")


def _is_text_of(extension: str, head: bytes) -> bool:
    """Whether this is how texts of that name begin: a page under another name is not what its name says."""
    if _NEVER_IN_TEXT.search(head):
        return False
    if extension == "svg":
        return _SVG_ROOT.match(head) is not None
    if extension == "json":
        return _JSON_BEGIN.match(head) is not None
    return extension != "csv" or not _MARKUP.match(head)


def kind_of(head: bytes, name: str) -> str:
    """The content type of a file that begins like this and came under this name. Raises UnsupportedMedia for kinds, and
    for names, that are not accepted."""
    extension = PurePath(name).suffix.lower().removeprefix(".")
    if extension and extension not in NAMED:
        raise UnsupportedMedia(f"Files named .{extension} are not accepted.")
    kind = TEXTS[extension] if extension in TEXTS and _is_text_of(extension, head) else _by_signature(head)
    if kind is None or (extension and _family(kind) != _FAMILY_OF_NAME[extension]):
        raise UnsupportedMedia("What is in this file is not what its name says, or of a kind that is not accepted.")
    return kind


def _by_signature(head: bytes) -> str | None:
    return next((kind for signature, kind in _SIGNATURES if signature.match(head)), None)


def _family(kind: str) -> str:
    """Which names a file of this kind may have."""
    if kind in _ONE_NAME:
        return _ONE_NAME[kind]
    return _PICTURE if kind.startswith("image/") else _SOUND_OR_FILM
