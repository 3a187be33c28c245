"""`workbee worker`: the process that does background jobs."""

import argparse
import asyncio

from webapp.config import Settings
from webapp.integrations.storage import Storage
from webapp.jobs import worker
from webapp.runtime.services import services


def work(settings: Settings, options: argparse.Namespace) -> None:
    """Do jobs until this process is told to stop."""
    Storage.of(settings).check()
    with services(settings) as served:
        asyncio.run(worker.run(served))
