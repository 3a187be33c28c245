"""Every task gets one answer before any gets a second."""

from webapp.services.scheduling.scheduler import Scheduler

SCHEDULER = Scheduler(key="breadth_first", label="Breadth First", fewest_runs_first=True)
