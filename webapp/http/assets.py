"""Where a static file is reached: with the hash of its content in the address, so that browsers keep it for good."""

import json
from hashlib import sha256
from pathlib import Path

STATIC_DIR = Path(__file__).parents[1] / "static"
MANIFEST = STATIC_DIR / "vendor" / "manifest.json"
"""Written by the front-end build: name -> built file, both below `static`."""


class Assets:
    """Addresses of static files."""

    def __init__(self, static_dir: Path = STATIC_DIR, manifest: Path = MANIFEST) -> None:
        self._dir = static_dir
        self._built: dict[str, str] = json.loads(manifest.read_text()) if manifest.exists() else {}
        self._urls: dict[str, str] = {}

    def url(self, name: str) -> str:
        """The address of `name` (a path below `static`, or a name that the build gave)."""
        if name not in self._urls:
            built = self._built.get(name)
            self._urls[name] = f"/static/{built}" if built else f"/static/{name}?v={self._version(name)}"
        return self._urls[name]

    def _version(self, name: str) -> str:
        path = self._dir / name
        return sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else "missing"
