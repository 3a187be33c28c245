"""`workbee worker`: the process that does background jobs."""

import argparse
import asyncio
import logging

from webapp.config import Settings
from webapp.integrations.storage import Storage
from webapp.jobs import worker
from webapp.jobs.observe import JobObserver
from webapp.logs import configure
from webapp.runtime.embedded.privileges import become, worker_account
from webapp.runtime.embedded.services import services
from webapp.runtime.serving.fault_handlers import install_fault_handlers
from webapp.runtime.serving.metrics import JOB_WORKER, JobMetrics, show_metrics


def work(settings: Settings, options: argparse.Namespace) -> None:
    """Do jobs until this process is told to stop."""
    install_fault_handlers()
    configure(settings.log_level, settings.log_format, log_requests=settings.log_requests)
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    Storage.of(settings).check()
    with services(settings) as served:
        account = worker_account(served.data_dir, None)
        if account is not None:
            become(account)
        observer = JobObserver()
        show_metrics(settings, JOB_WORKER, JobMetrics(observer.times))
        asyncio.run(worker.run(served, observer))
