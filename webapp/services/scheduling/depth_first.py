"""Each task is finished before later ones are begun."""

from webapp.services.scheduling.scheduler import Scheduler

SCHEDULER = Scheduler(key="depth_first", label="Depth First")
