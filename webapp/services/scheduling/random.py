"""Any open task."""

from webapp.services.scheduling.scheduler import Scheduler

SCHEDULER = Scheduler(key="random", label="Random", offered=False, order="random")
