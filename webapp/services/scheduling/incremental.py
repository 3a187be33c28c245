"""A random task together with its most recent answer, for work that improves on what is there."""

from webapp.services.scheduling.scheduler import Scheduler

SCHEDULER = Scheduler(
    key="incremental", label="Incremental", offered=False, order="random", single=True, shows_last_answer=True
)
