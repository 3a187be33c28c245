"""One web worker: the application, served from a listening socket that its parent has opened."""

import argparse
import asyncio
import gc
import logging
import os
import socket
import sys

import uvicorn

from db import pooler
from db.errors import DatabaseUnavailable
from webapp.app import create_app
from webapp.config import STATEMENT_SECONDS, Settings, SettingsError, load_settings
from webapp.config_parsing import PREFIX
from webapp.http.app_services import current_services
from webapp.integrations.storage import Storage
from webapp.integrations.streams import Streams
from webapp.logs import configure
from webapp.runtime.serving.bounded_http import BoundedProtocol, BoundedServer
from webapp.runtime.serving.fault_handlers import install_fault_handlers
from webapp.runtime.serving.metrics import WebMetrics, show_metrics

log = logging.getLogger("workbee")

GRACE_SECONDS = 5
"""How long requests that are under way may go on when the worker is to stop."""
KEEP_ALIVE_SECONDS = 30
ACCEPTED_AT_ONCE = 16
"""New connections that a round of the event loop takes. uvloop takes one from each handle of a listening socket: with
one handle, and rounds of 50 ms in a flood, whoever was new waited half a minute where those already connected waited a
second."""


class AnnouncedServer(BoundedServer):
    """Tells its parent when it accepts requests, and streams of events when it does no more."""

    def __init__(
        self, config: uvicorn.Config, ready_pipe: int, streams: Streams, *, most_of_an_address: int | None
    ) -> None:
        super().__init__(config, most_of_an_address=most_of_an_address)
        self._ready_pipe = ready_pipe
        self._streams = streams

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # What is there now stays as long as the process: no search for cycles needs to look at it again.
        gc.collect()
        gc.freeze()
        if self.started:
            os.write(self._ready_pipe, b"1")
        os.close(self._ready_pipe)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # They would go on until they are cut off: browsers open them again, at the next worker.
        self._streams.end()
        await super().shutdown(sockets)


def accepting(listener: socket.socket) -> list[socket.socket]:
    """The listening socket as often as connections are to be accepted at once."""
    return [listener, *(listener.dup() for _ in range(ACCEPTED_AT_ONCE - 1))]


def serve(settings: Settings, listener: socket.socket, ready_pipe: int, number: int) -> None:
    """Answer requests until this process is told to stop, as the worker of this number, counted from 1."""
    configure(settings.log_level, settings.log_format, log_requests=settings.log_requests)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    app = create_app(settings)
    if settings.metrics_port is not None:
        app_services = current_services(app)
        app_services.counters.times_requests = True
        show_metrics(settings, number, WebMetrics(app_services))
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=BoundedProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # the application decides which proxies it trusts
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    # A proxy's connections are everybody's.
    most = settings.max_connections if not settings.trusted_proxies else None
    AnnouncedServer(config, ready_pipe, current_services(app).streams, most_of_an_address=most).run(
        sockets=accepting(listener)
    )


def check_pooler(settings: Settings) -> None:
    """Look whether the pooler, if there is one, sets what it has to, before anything is served. Raises SettingsError if
    it does not; one that is merely away may come back."""
    if settings.pooler_url is None:
        return
    try:
        asyncio.run(pooler.check(settings.pooler_url, STATEMENT_SECONDS))
    except pooler.PoolerMisconfigured as wrong:
        raise SettingsError({f"{PREFIX}POOLER_URL": f"{wrong}; `workbee db pooler` prints what it should"}) from None
    except DatabaseUnavailable as away:
        log.warning("the pooler does not answer: %s", away)


def main() -> None:
    install_fault_handlers()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listener", type=int, required=True, help="file descriptor of the listening socket")
    parser.add_argument("--ready-pipe", type=int, required=True, help="file descriptor to write to when ready")
    parser.add_argument("--number", type=int, default=1, help="which of the web workers this is, counted from 1")
    options = parser.parse_args()
    settings = load_settings()
    try:
        Storage.of(settings).check()
        check_pooler(settings)
    except SettingsError as wrong:
        sys.exit(f"workbee: {wrong}")
    serve(settings, socket.socket(fileno=options.listener), options.ready_pipe, options.number)


if __name__ == "__main__":
    main()
