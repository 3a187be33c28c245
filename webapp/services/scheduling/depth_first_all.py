"""Every task for everybody: completed tasks are handed out too, and their further answers give new versions of the
result."""

from webapp.services.scheduling.scheduler import Scheduler

SCHEDULER = Scheduler(key="depth_first_all", label="Depth First All", any_state=True)
