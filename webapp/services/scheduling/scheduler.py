"""What a scheduler declares: an order, a filter and a few flags, as data. `db.queries.drawing` makes the statements."""

from dataclasses import dataclass

from webapp.errors import BadRequest


@dataclass(frozen=True, slots=True)
class Scheduler:
    """How a project's tasks are handed out (docs/contract/schedulers.md). Adding one is adding a file of this
    folder."""

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
