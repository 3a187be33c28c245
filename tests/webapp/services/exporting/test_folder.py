"""Exports on disk: how many are made at a time, and how long and how many of them are kept."""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from webapp.config import Settings
from webapp.errors import TooManyRequests, Unavailable
from webapp.services.exporting import folder as module
from webapp.services.exporting.folder import FOLDER, MIB, ExportFile, ExportFolder, ExportRequest, is_being_made

ANN, BOB = (ExportRequest(7, "task", "csv", False, caller) for caller in ("user:1", "ip:203.0.113.9"))


@pytest.fixture
def settings(settings: Settings) -> Settings:
    limits = {"concurrent_exports": 3, "concurrent_exports_per_caller": 2, "export_space_mib": 1}
    return settings.model_copy(update=limits)


@pytest.fixture
def folder(settings: Settings) -> ExportFolder:
    made = ExportFolder(settings)
    made.take_place("nobody").close()
    return made


@pytest.fixture
def open_files() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def names(settings: Settings) -> set[str]:
    return {path.name for path in (settings.data_dir / FOLDER).iterdir() if path.suffix != ".lock"}


def kept(folder: ExportFolder, request: ExportRequest, n_bytes: int = 1) -> Path:
    made = folder.begin(request)
    made.write(b"x" * n_bytes)
    made.keep()
    return made.path


def test_each_caller_has_some_places_and_all_together_no_more(folder: ExportFolder, open_files: ExitStack) -> None:
    mine = [open_files.enter_context(folder.take_place("ann")) for _ in range(2)]
    with pytest.raises(TooManyRequests) as refused:
        folder.take_place("ann")
    assert refused.value.retry_after
    open_files.enter_context(folder.take_place("bob"))
    with pytest.raises(Unavailable) as full:
        folder.take_place("cem")
    assert full.value.retry_after
    mine[0].close()
    open_files.enter_context(folder.take_place("cem"))
    with pytest.raises(Unavailable):
        folder.take_place("ann")


def test_processes_share_the_places(settings: Settings, folder: ExportFolder, open_files: ExitStack) -> None:
    other = ExportFolder(settings)
    for each in (folder, other):
        open_files.enter_context(each.take_place("ann"))
    with pytest.raises(TooManyRequests):
        other.take_place("ann")


def test_an_export_is_found_by_its_tag_or_as_the_only_one_of_its_caller(folder: ExportFolder) -> None:
    made = folder.begin(ANN)
    assert is_being_made(made.path) and folder.find(ANN, None) == folder.find(BOB, made.tag) == made.path
    made.keep()
    assert not is_being_made(made.path) and folder.find(ANN, made.tag) == made.path
    assert folder.find(BOB, None) is None
    for other in (
        ExportRequest(8, "task", "csv", False, ANN.caller),
        ExportRequest(7, "task", "csv", True, ANN.caller),
    ):
        assert folder.find(other, made.tag) is None
    for odd in ("", "*", "../x", made.tag[:-1], "a" * 5000):
        assert folder.find(ANN, odd) is None
    second = kept(folder, ANN)
    assert folder.find(ANN, None) is None, "one of two: which one was meant nobody knows"
    module.mark_sent(second)
    module.mark_sent(second)
    assert folder.find(ANN, None) == made.path
    assert folder.find(ANN, second.stem.rpartition(".")[2]) is not None


def test_what_is_old_goes_and_of_too_much_the_oldest(settings: Settings, folder: ExportFolder) -> None:
    first, second, third = (kept(folder, ANN, MIB // 2) for _ in range(3))
    for path, age in ((first, 30), (second, 20), (third, 10)):
        os.utime(path, (time.time() - age,) * 2)
    folder.sweep()
    assert names(settings) == {second.name, third.name}
    os.utime(third, (time.time() - settings.export_keep_minutes * 60 - 1,) * 2)
    folder.sweep()
    assert names(settings) == {second.name}


def test_what_nobody_makes_any_more_goes(settings: Settings, folder: ExportFolder) -> None:
    living, dead = folder.begin(ANN), folder.begin(BOB)
    dead._file.close()  # as the system does when a process dies
    for made in (living, dead):
        os.utime(made.path, (time.time() - module.BEGINS_WITHIN_S - 1,) * 2)
    folder.sweep()
    assert names(settings) == {living.path.name}
    living.give_up()
    assert names(settings) == set()


def test_the_disk_is_not_filled(folder: ExportFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SPARE_BYTES", 2**62)
    made: ExportFile = folder.begin(ANN)
    with pytest.raises(OSError, match="no room"):
        made.write(b"x")
    made.give_up()
