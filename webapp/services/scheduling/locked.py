"""One task at a time, by priority. In the original only this one held slots; here every scheduler does."""

from webapp.services.scheduling.scheduler import Scheduler

SCHEDULER = Scheduler(
    key="locked", label="Locked", order="priority_0", descending=True, single=True, offsets=2, usable_offsets=1
)
