"""The database and Redis of these settings: outside ones as they are, the others embedded."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from webapp.config import Settings
from webapp.runtime.child import Account, Pause, RuntimeFailure, stop_together
from webapp.runtime.embedded.data_directory import open_data_directory
from webapp.runtime.embedded.lock import AlreadyRunning, FolderLock
from webapp.runtime.embedded.postgres import CONNECTIONS, Postgres
from webapp.runtime.embedded.privileges import make_private
from webapp.runtime.embedded.valkey import Valkey

READY_PATIENCE = 30.0
SPARE_CONNECTIONS = 30
"""What the embedded PostgreSQL allows beyond the site's own workers: commands, a psql, the three that it reserves."""

Embedded = Postgres | Valkey


class Services:
    """What a site stands on. Whoever starts the embedded ones holds the data folder's lock."""

    def __init__(self, settings: Settings) -> None:
        self.servers: list[Embedded] = []
        self.settings = settings
        """The settings with the addresses of all services."""
        self.account: Account | None = None
        """The user who runs the embedded ones, where it is not the one who runs this."""
        if settings.database_url and settings.redis_url:
            return
        directory = open_data_directory(settings.data_dir)
        self.account = directory.account
        if settings.database_url is None:
            connections = max(CONNECTIONS, settings.database_connections + SPARE_CONNECTIONS)
            postgres = Postgres(directory, {"max_connections": str(connections)})
            self.servers.append(postgres)
            self.settings = self.settings.model_copy(update={"database_url": postgres.url})
        if settings.redis_url is None:
            valkey = Valkey(directory)
            self.servers.append(valkey)
            self.settings = self.settings.model_copy(update={"redis_url": valkey.url})

    def start(self, pause: Pause = time.sleep) -> None:
        """Start the embedded services, all at the same time."""
        for server in self.servers:
            server.begin(pause)
        for server in self.servers:
            server.wait_until_ready(pause)

    def stop(self) -> None:
        """Stop the embedded services, all at the same time."""
        running = [(server.process, server.stop_steps) for server in self.servers if server.process is not None]
        stop_together(running)

    def wait_for_others(self) -> None:
        """Wait until the services that another process has just started are there."""
        deadline = time.monotonic() + READY_PATIENCE
        while not all(server.ready() for server in self.servers):
            if time.monotonic() > deadline:
                raise RuntimeFailure(f"The services in {self.settings.data_dir} do not answer.")
            time.sleep(0.05)


@contextmanager
def services(settings: Settings) -> Iterator[Settings]:
    """The settings with the addresses of running services, for one command.

    Embedded services that a running Workbee has started are used as they are; otherwise they run as long as this does.
    """
    make_private(settings.data_dir)
    lock = FolderLock(settings.data_dir)
    if settings.database_url and settings.redis_url:
        yield settings
        return
    try:
        lock.acquire()
    except AlreadyRunning:
        running = Services(settings)
        running.wait_for_others()
        yield running.settings
        return
    try:
        own = Services(settings)
        try:
            own.start()
            yield own.settings
        finally:
            own.stop()
    finally:
        lock.release()
