"""Restarting: at once the first time, more slowly each time it does not help."""

import subprocess
import sys

import pytest

from webapp.runtime.child import Pause, RuntimeFailure, Step
from webapp.runtime.serving import restarter
from webapp.runtime.serving.restarter import FIRST_DELAY, HEALTHY_AFTER, LONGEST_DELAY, Restarter


class Mortal:
    """A child that dies as soon as it is started."""

    name = "Mortal"
    stop_steps: tuple[Step, ...] = ()

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.starts = 0
        self.failure: RuntimeFailure | None = None

    def begin(self, pause: Pause) -> None:
        self.starts += 1
        if self.failure:
            raise self.failure
        self.process = subprocess.Popen([sys.executable, "-S", "-c", "raise SystemExit(7)"])
        self.process.wait()


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(restarter, "time", found)
    return found


def delays(watched: Restarter, clock: Clock, count: int) -> list[float]:
    """The seconds it waits before each of the next starts."""
    found = []
    for _ in range(count):
        due = watched.poll(clock.pause)
        assert due is not None
        found.append(due)
        clock.now += due
        watched.poll(clock.pause)
    return found


def test_each_failed_start_doubles_the_delay_up_to_the_longest(clock: Clock) -> None:
    child = Mortal()
    child.begin(clock.pause)
    found = delays(Restarter(child), clock, 11)
    assert found[:4] == pytest.approx([FIRST_DELAY, 2 * FIRST_DELAY, 4 * FIRST_DELAY, 8 * FIRST_DELAY])
    assert found[-1] == pytest.approx(LONGEST_DELAY)
    assert child.starts == 12


def test_a_child_that_ran_long_enough_starts_again_at_once(clock: Clock) -> None:
    child = Mortal()
    child.begin(clock.pause)
    watched = Restarter(child)
    delays(watched, clock, 5)
    clock.now += HEALTHY_AFTER + 1
    assert watched.poll(clock.pause) == pytest.approx(FIRST_DELAY)


def test_a_start_that_fails_is_told_and_tried_again(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    child = Mortal()
    child.begin(clock.pause)
    watched = Restarter(child)
    child.failure = RuntimeFailure("the disk is full")
    delays(watched, clock, 1)
    child.failure = None
    assert "the disk is full" in caplog.text
    assert "Mortal ended (status 7)" in caplog.text
    delays(watched, clock, 1)
    assert child.starts == 3


def test_a_living_child_is_left_alone(clock: Clock) -> None:
    child = Mortal()
    child.process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        assert Restarter(child).poll(clock.pause) is None
        assert child.starts == 0
    finally:
        child.process.kill()
        child.process.wait()
