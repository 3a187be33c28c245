"""An application of this process served on a port of its own, for tools that speak HTTP and run no event loop."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from quart import Quart

START_PATIENCE = 30.0


@contextmanager
def served(app: Quart) -> Iterator[str]:
    """Serve the application in a thread, whose event loop its connections belong to; the address that it has."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", lifespan="on", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{_port(server)}"
    finally:
        server.should_exit = True
        thread.join(START_PATIENCE)


def _port(server: uvicorn.Server) -> int:
    """The port that the system has given it, once it listens."""
    waited = threading.Event()
    for _ in range(int(START_PATIENCE * 100)):
        if server.started and server.servers:
            return int(server.servers[0].sockets[0].getsockname()[1])
        waited.wait(0.01)
    raise TimeoutError("the application does not listen")
