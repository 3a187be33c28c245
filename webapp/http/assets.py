"""Which address a static file has now: the front-end build puts a hash of the content into it, so that browsers keep
it. And where its compressed siblings are."""

import json
from pathlib import Path

STATIC_DIR = Path(__file__).parents[1] / "static"
VENDOR_DIR = STATIC_DIR / "vendor"
MANIFEST_NAME = "manifest.json"
OURS_DIR_NAME = "ours"
"""The folder of compressed siblings of what is served from where it is, rather than from a build."""
SUFFIXES = {"br": ".br", "zstd": ".zst", "gzip": ".gz"}
"""The names that a text's compressed siblings end with, by coding: the smallest first."""


class AssetsMissing(RuntimeError):
    """The front end was never built here."""


class AssetUnknown(KeyError):
    """A template asks for a file that the build does not know."""


def sibling(name: str, coding: str) -> str:
    """Where the sibling in this coding would be of a static file, both below `static`."""
    place = name if name.startswith(f"{VENDOR_DIR.name}/") else f"{VENDOR_DIR.name}/{OURS_DIR_NAME}/{name}"
    return place + SUFFIXES[coding]


class AssetManifest:
    """Source path to served path, as the last build left it."""

    def __init__(self, files: dict[str, str], *, prefix: str = "/static/") -> None:
        self._files = files
        self._prefix = prefix

    @classmethod
    def load(cls, vendor: Path = VENDOR_DIR) -> "AssetManifest":
        path = vendor / MANIFEST_NAME
        if not path.is_file():
            raise AssetsMissing("the front end is not built: run `python -m webapp.runtime.assets`")
        return cls(json.loads(path.read_text())["files"])

    def served(self) -> list[str]:
        """The files that are served, by their paths below `static`."""
        return list(self._files.values())

    def url(self, path: str) -> str:
        """The address of a source file (`css/site.css`) that may be cached for ever, since its content is in its
        name."""
        try:
            return self._prefix + self._files[path]
        except KeyError:
            raise AssetUnknown(path) from None
