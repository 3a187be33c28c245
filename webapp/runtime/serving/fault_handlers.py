"""What a process leaves in its log when the interpreter crashes, and when somebody asks a stuck one where it is."""

import faulthandler
import signal


def install_fault_handlers() -> None:
    """From now on a crash, or SIGUSR1, writes the stack of every thread to the standard error."""
    faulthandler.enable()
    faulthandler.register(signal.SIGUSR1)
