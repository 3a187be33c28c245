"""What presenters read of a file, by what its name says it is (docs/contract/jobs.md 5)."""

from pathlib import PurePosixPath

PICTURES = ("png", "jpg", "jpeg", "gif")
FILMS = ("mp4", "m4v", "ogg", "ogv", "webm", "avi")
SOUNDS = ("mp4", "m4a", "ogg", "oga", "webm", "wav", "mp3")


def media_of(name: str, picture_url: str, media_url: str) -> dict[str, str]:
    """The further fields of a file of this name: where it is shown as a picture, and where films, sounds and PDF are
    read."""
    kind = PurePosixPath(name).suffix.lower().lstrip(".")
    found: dict[str, str] = {}
    if kind in PICTURES:
        found |= {"url_m": picture_url, "url_b": picture_url, "title": name}
    if kind in FILMS:
        found |= {"video_url": media_url}
    if kind in SOUNDS:
        found |= {"audio_url": media_url}
    if kind == "pdf":
        found |= {"pdf_url": media_url}
    return found
