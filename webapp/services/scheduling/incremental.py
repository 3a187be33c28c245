"""One task at a time, by priority, together with its most recent answer: for work that improves on what is there.

The original picks one of the `limit` tasks at the head, so that volunteers spread; here slots do that.
"""

from webapp.services.scheduling.scheduler import Scheduler

SCHEDULER = Scheduler(
    key="incremental",
    label="Incremental",
    offered=False,
    order="priority_0",
    descending=True,
    single=True,
    shows_last_answer=True,
)
