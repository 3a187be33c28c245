"""Packages: the lock of requirements/ is what pyproject.toml asks for, complete, hashed, of no registry; and what is
used by private names has a ceiling."""

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

FOLDER = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((FOLDER / "pyproject.toml").read_text())
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
PYTHONS = ("3.11", "3.13")
WITH_PRIVATE_PARTS = {
    "httpx",
    "procrastinate",
    "quart",
    "quart-auth",
    "quart-rate-limiter",
    "uvicorn",
    "werkzeug",
    "wtforms",
}
BOOTSTRAP = {"pip", "uv", "workbee"}
"""What is in an environment without being in the lock: who installs, and what is installed for."""


def asked(name: str) -> list[Requirement]:
    """What pyproject.toml asks for in this lock."""
    project, groups = PROJECT["project"], PROJECT["dependency-groups"]
    wanted: dict[str, list[str]] = {
        "run": project["dependencies"] + groups["build"] + groups["fonts"],
        "dev": project["dependencies"] + groups["build"] + groups["fonts"] + project["optional-dependencies"]["dev"],
        "node": groups["node"],
    }
    return [Requirement(text) for text in wanted[name]]


def entries(name: str) -> Iterator[tuple[Requirement, str]]:
    """The pins of a lock, each with its hashes."""
    text = (FOLDER / "requirements" / f"{name}.txt").read_text().replace("\\\n", " ")
    for line in text.splitlines():
        pin, _, hashes = line.partition(" --hash")
        if pin.strip() and not pin.startswith("#"):
            yield Requirement(pin), "--hash" + hashes


def environment(python: str, system: str) -> dict[str, str]:
    app_services = {"linux": ("Linux", "posix"), "darwin": ("Darwin", "posix"), "win32": ("Windows", "nt")}[system]
    return {
        "python_version": python,
        "python_full_version": f"{python}.5",
        "sys_platform": system,
        "platform_system": app_services[0],
        "os_name": app_services[1],
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }


def applies(marker: Marker | None, where: dict[str, str]) -> bool:
    return marker is None or marker.evaluate(where)


def pins(name: str, where: dict[str, str]) -> dict[str, Version]:
    found: dict[str, Version] = {}
    for pin, _ in entries(name):
        if applies(pin.marker, where):
            [specifier] = pin.specifier
            assert specifier.operator == "==" and canonicalize_name(pin.name) not in found, str(pin)
            found[canonicalize_name(pin.name)] = Version(specifier.version)
    return found


@pytest.mark.parametrize("system", ["linux", "darwin"])
@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("name", ["run", "dev", "node"])
def test_a_lock_pins_what_is_asked_for(name: str, python: str, system: str) -> None:
    where = environment(python, system)
    pinned = pins(name, where)
    wrong = [
        str(wanted)
        for wanted in asked(name)
        if applies(wanted.marker, where)
        and not wanted.specifier.contains(pinned.get(canonicalize_name(wanted.name), "0"), prereleases=True)
    ]
    assert not wrong, f"run `make lock`: {wrong}"


@pytest.mark.parametrize("python", PYTHONS)
def test_what_runs_is_what_is_tested(python: str) -> None:
    where = environment(python, "linux")
    run, dev = pins("run", where), pins("dev", where)
    assert run.items() <= dev.items()


@pytest.mark.parametrize("name", ["run", "dev", "node"])
def test_a_lock_has_hashes_and_names_no_registry(name: str) -> None:
    for pin, hashes in entries(name):
        assert HASH.fullmatch(hashes.split()[0]), str(pin)
        assert all(HASH.fullmatch(one) for one in hashes.split())
    text = (FOLDER / "requirements" / f"{name}.txt").read_text()
    assert "://" not in text and "index" not in text and "find-links" not in text


def test_this_environment_is_the_lock_and_the_lock_is_complete() -> None:
    pinned = pins("dev", {}) | pins("node", {})
    here = {canonicalize_name(one.name): one for one in distributions()}
    ours = {name: one for name, one in here.items() if name in pinned}
    assert {name: one.version for name, one in ours.items() if Version(one.version) != pinned[name]} == {}
    needed = [
        Requirement(text)
        for one in ours.values()
        for text in one.requires or ()
        if applies(Requirement(text).marker, {"extra": ""})
    ]
    assert {one.name for one in needed if canonicalize_name(one.name) not in pinned} - BOOTSTRAP == set()


def test_what_is_used_by_private_names_has_a_ceiling() -> None:
    ceilings = {
        canonicalize_name(wanted.name)
        for wanted in asked("run")
        if any(one.operator in ("<", "<=", "~=", "==") for one in wanted.specifier)
    }
    assert ceilings >= WITH_PRIVATE_PARTS


def test_workbee_is_built_by_what_is_locked() -> None:
    assert PROJECT["build-system"]["requires"] == PROJECT["dependency-groups"]["build"]


def test_pythons_of_the_lock_are_those_of_the_project() -> None:
    supported = SpecifierSet(PROJECT["project"]["requires-python"])
    assert all(supported.contains(python) for python in PYTHONS) and not supported.contains("3.10")
