"""`workbee up` and `workbee serve`: services, migrations, demo, web workers and job worker, started, restarted and
stopped by one process."""

import argparse
import logging
import socket
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from webapp.config import Settings, doubts
from webapp.logs import configure
from webapp.runtime.child import Account, RuntimeFailure, exit_text, run, stop_together
from webapp.runtime.embedded.lock import AlreadyRunning, FolderLock
from webapp.runtime.embedded.privileges import make_private, worker_account
from webapp.runtime.embedded.services import Services
from webapp.runtime.serving.fault_handlers import install_fault_handlers
from webapp.runtime.serving.listeners import listen, site_address
from webapp.runtime.serving.restarter import Restarter, SupervisedProcess
from webapp.runtime.serving.signals import Signals, StopRequested
from webapp.runtime.serving.workers import JobWorker, WebWorker, command

CHECK_INTERVAL = 0.5

log = logging.getLogger("workbee")


@dataclass(frozen=True)
class Plan:
    """What one run of the supervisor does beside serving the web."""

    migrate: bool = False
    demo: bool = False
    jobs: bool = False
    share_services: bool = False
    """Whether the services of a Workbee that runs already will do."""
    with_parent: bool = False
    """Whether to end when the parent does, as below make."""


@dataclass
class Site:
    """One run: what has been started so far, to be stopped in the end."""

    settings: Settings
    plan: Plan
    signals: Signals
    services: Services | None = None
    workers: list[SupervisedProcess] = field(default_factory=list)
    account: Account | None = None
    """Whom the workers run as, where it is not the user who runs this."""

    def start(self, listeners: Sequence[socket.socket], *, own_services: bool) -> str:
        """Start everything, in order; returns what to tell the person at the terminal about the demo."""
        self.services = Services(self.settings)
        if own_services:
            self.services.start(self.signals.pause)
        else:
            self.services.wait_for_others()
        settings = self.services.settings
        self.account = worker_account(settings.data_dir, self.services.account)
        announcement = self._prepare_database(settings)
        webs = [
            WebWorker(number + 1, settings, listeners[number % len(listeners)], self.account)
            for number in range(settings.workers)
        ]
        self.workers.extend(webs)
        if self.plan.jobs:
            self.workers.append(JobWorker(settings, self.account))
        for worker in self.workers:
            worker.begin(self.signals.pause)
        self._wait_for(webs)
        return announcement

    def supervise(self) -> None:
        """Restart whatever dies, until a signal ends it by StopRequested."""
        servers: list[SupervisedProcess] = list(self.services.servers) if self.services else []
        restarters = [Restarter(child) for child in (*servers, *self.workers) if child.process is not None]
        while True:
            dues = [due for restarter in restarters if (due := restarter.poll(self.signals.pause)) is not None]
            self.signals.pause(min([CHECK_INTERVAL, *dues]))

    def stop(self) -> None:
        """Stop the workers, then what they stand on. Another signal meanwhile hurries each step on."""
        self.signals.stopping = True
        servers: list[SupervisedProcess] = list(self.services.servers) if self.services else []
        for children in (self.workers, servers):
            running = [(child.process, child.stop_steps) for child in children if child.process is not None]
            stop_together(running, lambda: self.signals.requests)

    def _prepare_database(self, settings: Settings) -> str:
        """Bring the schema up to date; making the demo does that too, so that one process is started, not two."""
        if not self.plan.demo:
            if self.plan.migrate:
                run(command(settings, "db", "upgrade", account=self.account), pause=self.signals.pause)
            return ""
        with tempfile.TemporaryFile() as output:
            run(replace(command(settings, "demo", account=self.account), stdout=output), pause=self.signals.pause)
            output.seek(0)
            return output.read().decode().rstrip()

    def _wait_for(self, webs: list[WebWorker]) -> None:
        """Wait until the workers accept requests. One that ends by itself cannot start, and neither can the site; one
        that is killed is left to its restarter, as it would be later, if any other is there."""
        n_ready = 0
        waiting = webs
        while waiting:
            still_waiting = []
            for web in waiting:
                code = web.process.poll() if web.process else None
                if web.ready():
                    n_ready += 1
                elif code is None:
                    still_waiting.append(web)
                elif code >= 0:
                    raise RuntimeFailure(f"{web.name} did not start ({exit_text(code)}); its output is above.")
            waiting = still_waiting
            self.signals.pause(0.02)
        if n_ready == 0:
            raise RuntimeFailure("No web worker started: each was killed; their output is above.")


def up(settings: Settings, options: argparse.Namespace) -> None:
    """Everything in one terminal."""
    supervise(settings, Plan(migrate=True, demo=options.demo, jobs=True, with_parent=options.with_parent))


def serve(settings: Settings, options: argparse.Namespace) -> None:
    """Web workers alone."""
    supervise(settings, Plan(share_services=True))


def supervise(settings: Settings, plan: Plan) -> None:
    """Run the site until a signal ends it; RuntimeFailure if it cannot start."""
    install_fault_handlers()
    configure(settings.log_level, settings.log_format, log_requests=settings.log_requests)
    for doubt in doubts(settings):
        log.warning(doubt)
    make_private(settings.data_dir)
    lock = FolderLock(settings.data_dir)
    with Signals(with_parent=plan.with_parent) as signals:
        own_services = _acquire(lock, settings, plan)
        try:
            _run(Site(settings, plan, signals), lock, own_services=own_services)
        finally:
            lock.release()


def _run(site: Site, lock: FolderLock, *, own_services: bool) -> None:
    listeners = listen(site.settings)
    try:
        address = site_address(site.settings, listeners[0])
        lock.describe(address)
        announcement = site.start(listeners, own_services=own_services)
        _tell(address, announcement, site.settings.data_dir)
        site.supervise()
    except StopRequested:
        print("Stopping", flush=True)
    finally:
        # A browser that comes now is refused rather than kept waiting.
        for listener in listeners:
            listener.close()
        site.stop()


def _acquire(lock: FolderLock, settings: Settings, plan: Plan) -> bool:
    """Take the data folder's lock. Returns whether this run starts the services that it needs."""
    if plan.share_services and settings.database_url and settings.redis_url:
        return True
    try:
        lock.acquire()
    except AlreadyRunning:
        if not plan.share_services:
            raise
        return False
    return True


def _tell(address: str, announcement: str, data_dir: Path) -> None:
    lines = ["", f"  Workbee is at {address}", *(f"  {line}" for line in announcement.splitlines())]
    print("\n".join([*lines, f"  Its data is in {data_dir}. Ctrl-C stops it.", ""]), flush=True)
