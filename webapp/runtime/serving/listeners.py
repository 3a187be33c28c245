"""The sockets that the site listens on: the supervisor opens them, as workers may not be allowed ports below 1024."""

import socket
import sys
from typing import Any

from webapp.config import Settings
from webapp.runtime.child import RuntimeFailure

BACKLOG = 2048
KERNEL_SPREADS = sys.platform == "linux" and hasattr(socket, "SO_REUSEPORT")
"""Whether the kernel spreads connections over several sockets on one port. Where workers accept from one socket,
whoever wakes first takes all that wait: measured, 4 connections at 2 workers all went to the same one."""


def listen(settings: Settings) -> list[socket.socket]:
    """The sockets on which the site is to answer, one for each worker where the kernel spreads connections over them.

    They are ours rather than the workers', so that what waits to be accepted outlives a worker.
    """
    host, port = settings.host, settings.port
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as error:
        raise RuntimeFailure(f"WORKBEE_HOST: {host} is no address of this machine ({error.strerror}).") from None
    family, _, _, _, address = found[0]
    try:
        # Alone on its port: sockets that share would share with another server's too, and not notice.
        alone = _listener(family, address, shared=False)
        if not KERNEL_SPREADS or settings.workers == 1:
            return [alone]
        address = alone.getsockname()
        alone.close()
        return [_listener(family, address, shared=True) for _ in range(settings.workers)]
    except OSError as error:
        raise RuntimeFailure(
            f"Cannot listen on {host} port {port}: {error.strerror}. Choose another with --port or WORKBEE_PORT."
        ) from None


def _listener(family: int, address: Any, *, shared: bool) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def site_address(settings: Settings, listener: socket.socket) -> str:
    """Where a browser on this machine finds the site: by name where it can, since there presenters have hosts of their
    own (`webapp.http.security.guests`)."""
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::", "127.0.0.1", "::1"):
        host = "localhost"
    return settings.base_url or f"http://{f'[{host}]' if ':' in host else host}:{port}"
