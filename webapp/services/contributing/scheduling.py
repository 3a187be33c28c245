"""The schedulers: how a project's tasks are handed out, as data (docs/contract/schedulers.md).

Each is an order, a filter and a few flags; `db.queries.assignment.drawing` makes the statements. To add one, add an
entry to `_SCHEDULERS`: docs/assignment.md.
"""

from dataclasses import dataclass

from webapp.errors import BadRequest


@dataclass(frozen=True, slots=True)
class Scheduler:
    """One way of handing out tasks: as the caller asks for them, each finished before later ones are begun, unless a
    field says otherwise."""

    key: str
    """As it stands in `project.info.sched`."""
    label: str
    """As owners read it."""
    offered: bool = True
    """Whether owners can choose it in the browser; the others are set through the API."""
    order: str | None = None
    """The column that orders tasks whatever the caller asks for; None where the caller chooses. `random` is no
    column."""
    descending: bool = False
    fewest_runs_first: bool = False
    """Whether every task gets one answer before any gets a second."""
    any_state: bool = False
    """Whether completed tasks are handed out too; without slots, since such a task has none left."""
    single: bool = False
    """Whether it gives one task at a time, whatever `limit` says."""
    offsets: int | None = None
    """How far ahead a caller may look; beyond it is a mistake (400). None: any distance."""
    usable_offsets: int | None = None
    """From which offset on there is nothing, as callers of the original expect; None: no such end."""
    shows_last_answer: bool = False
    """Whether the task carries the most recent answer as `info.last_answer`."""

    @property
    def leases(self) -> bool:
        """Whether drawing leases one of the task's slots."""
        return not self.any_state

    def check_offset(self, offset: int) -> bool:
        """Whether there can be a task at this offset. Raises BadRequest beyond what may be asked for."""
        if self.offsets is not None and offset > self.offsets:
            raise BadRequest(f"This project hands out tasks one by one: the offset is at most {self.offsets}.")
        return self.usable_offsets is None or offset <= self.usable_offsets


DEFAULT = Scheduler("default", "Default")
PRIORITY = "priority_0"
_SCHEDULERS = (
    DEFAULT,
    Scheduler("breadth_first", "Breadth First", fewest_runs_first=True),
    Scheduler("depth_first", "Depth First"),
    # Every task for everybody: further answers to a completed one give new versions of its result.
    Scheduler("depth_first_all", "Depth First All", any_state=True),
    # For work that improves on what is there. The original picks one of the `limit` tasks at the head, so that
    # volunteers spread; here slots do that.
    Scheduler(
        "incremental",
        "Incremental",
        offered=False,
        order=PRIORITY,
        descending=True,
        single=True,
        shows_last_answer=True,
    ),
    # In the original only this one kept slots; here every scheduler leases them.
    Scheduler("locked", "Locked", order=PRIORITY, descending=True, single=True, offsets=2, usable_offsets=1),
    Scheduler("random", "Random", offered=False, order="random"),
)
SCHEDULERS: dict[str, Scheduler] = {scheduler.key: scheduler for scheduler in _SCHEDULERS}
CHOICES: tuple[tuple[str, str], ...] = tuple((one.key, one.label) for one in _SCHEDULERS if one.offered)
"""What owners choose among: (key, label), the default first."""


def scheduler_of(key: str | None) -> Scheduler:
    """The scheduler of this key; the default where it is missing or unknown (docs/contract/schedulers.md 1)."""
    return SCHEDULERS.get(key or DEFAULT.key, DEFAULT)
