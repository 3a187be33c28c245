"""Finds the Chromium for the browser tests, or installs one (`python -m tests.support.browser`).

The system's Chromium comes first, then the one that Playwright downloads, then the distribution's package; of the
system's and the distribution's, the headless shell: the same engine without a browser's own windows, which take several
times as long to open as our pages.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

SYSTEM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PACKAGES = ("chromium-headless-shell", "chromium")
SYSTEM_PLACES = ("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/snap/bin/chromium")
QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run")
"""A browser under test calls nobody but the server under test."""


def system_chromium() -> str | None:
    """The system's Chromium or Chrome."""
    found = (shutil.which(name) for name in (*SYSTEM_NAMES, *SYSTEM_PLACES))
    return next((path for path in found if path), None)


def downloaded_chromium() -> str | None:
    """The Chromium that Playwright has downloaded for itself."""
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def launch_args() -> dict[str, object]:
    """What Playwright needs to know to start the browser."""
    # Chromium's sandbox refuses to work for root.
    sandbox = ["--no-sandbox"] if os.getuid() == 0 else []
    options: dict[str, object] = {"args": [*QUIET, *sandbox]}
    if path := system_chromium():
        options["executable_path"] = path
    return options


def ensure() -> None:
    """Install a browser unless there is one."""
    if system_chromium() or downloaded_chromium():
        return
    root = os.getuid() == 0
    download = [sys.executable, "-m", "playwright", "install", *(["--with-deps"] if root else []), "chromium"]
    patience = {"PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT": "15000"}
    if subprocess.run(download, env=os.environ | patience).returncode == 0:
        return
    if root and shutil.which("apt-get"):
        quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "--quiet"], env=quiet)
        for package in PACKAGES:
            install = ["apt-get", "install", "--quiet", "--yes", "--no-install-recommends", package]
            if subprocess.run(install, env=quiet).returncode == 0:
                break
    if not system_chromium():
        sys.exit("The browser tests need Chromium: install the distribution's package, such as chromium.")


if __name__ == "__main__":
    ensure()
