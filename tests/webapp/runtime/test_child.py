"""Children: they die with their parent, start with clean signals, and are stopped for sure."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.support.processes import is_alive, until
from webapp.runtime.child import Program, RuntimeFailure, exit_text, run, spawn, stop, stop_together

PARENT = """
import signal, time
from pathlib import Path
from webapp.runtime.child import Program, spawn
program = Program(["/bin/sleep", "60"], "sleep", {}, Path("/"), death_signal=signal.SIGTERM)
print(spawn(program).pid, flush=True)
time.sleep(60)
"""
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('on', flush=True); time.sleep(60)"


def python(code: str, **options: object) -> Program:
    return Program([sys.executable, "-c", code], "a test's program", dict(os.environ), Path("/"), **options)  # type: ignore[arg-type]


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux alone tells a child of its parent's death")
def test_a_child_dies_with_a_parent_that_was_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        assert until(lambda: child.name() == "sleep")
        parent.kill()
    assert until(lambda: not is_alive(child))


def test_a_child_of_a_parent_that_ignores_interrupts_does_not(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        log = tmp_path / "log"
        run(python("import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)", log=log))
    finally:
        signal.signal(signal.SIGINT, before)
    assert log.read_text() == "True\n"


def test_a_child_has_a_session_of_its_own() -> None:
    process = spawn(python("import time; time.sleep(60)"))
    try:
        assert os.getsid(process.pid) == process.pid
    finally:
        stop(process, (signal.SIGTERM, 5.0))
    assert process.returncode == -signal.SIGTERM


def test_a_stubborn_child_is_killed_when_patience_ends() -> None:
    process = spawn(python(STUBBORN, stdout=subprocess.PIPE))
    assert process.stdout is not None
    with process.stdout:
        process.stdout.readline()
        stop(process, (signal.SIGTERM, 0.2))
    assert exit_text(process.returncode) == "killed by SIGKILL"


def test_a_push_skips_the_patience() -> None:
    process = spawn(python(STUBBORN, stdout=subprocess.PIPE))
    assert process.stdout is not None
    pushes = iter([0, 0, 0, 1])
    with process.stdout:
        process.stdout.readline()
        begun = time.monotonic()
        stop_together([(process, [(signal.SIGTERM, 30.0)])], lambda: next(pushes, 1))
        assert time.monotonic() - begun < 5


def test_a_failed_program_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    with pytest.raises(RuntimeFailure, match=r"(?s)a test's program failed \(status 3\).*no room left"):
        run(python("import sys; print('no room left'); sys.exit(3)", log=tmp_path / "log"))


def test_a_program_is_stopped_when_its_caller_gives_up() -> None:
    class GivenUp(Exception):
        pass

    def pause(seconds: float) -> None:
        raise GivenUp

    with pytest.raises(GivenUp):
        run(python("import time; time.sleep(60)"), pause=pause)
    assert not [one for one in psutil.Process().children() if "time.sleep(60)" in one.cmdline()]
