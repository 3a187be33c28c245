"""One task at a time, by priority. In the original only this one kept slots; here every scheduler leases them."""

from webapp.services.scheduling.scheduler import Scheduler

SCHEDULER = Scheduler(
    key="locked", label="Locked", order="priority_0", descending=True, single=True, offsets=2, usable_offsets=1
)
