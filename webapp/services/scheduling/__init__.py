"""The schedulers, found by their files: each file of this folder that declares `SCHEDULER` is one."""

from importlib import import_module
from pkgutil import iter_modules

from webapp.services.scheduling.scheduler import Scheduler


def _found() -> dict[str, Scheduler]:
    modules = (import_module(f"{__name__}.{info.name}") for info in iter_modules(__path__))
    declared = (module.SCHEDULER for module in modules if hasattr(module, "SCHEDULER"))
    return {scheduler.key: scheduler for scheduler in declared}


SCHEDULERS: dict[str, Scheduler] = _found()
CHOICES: tuple[tuple[str, str], ...] = tuple(
    (s.key, s.label) for s in sorted(SCHEDULERS.values(), key=lambda s: (s.key != "default", s.label)) if s.offered
)
"""What owners choose among: (key, label), the default first."""


def scheduler_of(key: str | None) -> Scheduler:
    """The scheduler of this key; the default where it is missing or unknown (docs/contract/schedulers.md 1)."""
    return SCHEDULERS.get(key or "default", SCHEDULERS["default"])


__all__ = ["CHOICES", "SCHEDULERS", "Scheduler", "scheduler_of"]
