"""The usual one: tasks in the order asked for, each finished before later ones are begun."""

from webapp.services.scheduling.scheduler import Scheduler

SCHEDULER = Scheduler(key="default", label="Default")
