"""No test leaves this machine: what Python code connects to, sends to or looks up is on the loopback or a UNIX socket.

What is done below Python is not seen: other processes (servers, browsers, pip) and libraries that connect by
themselves (libpq, libuv).
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any

import pytest


class LeftTheMachine(RuntimeError):
    """Something outside was asked for. No OSError: that would be taken for a line that is down, and handled."""


def is_local(address: object) -> bool:
    """Whether this address of a socket, or this host, is of this machine: paths of UNIX sockets come as text too."""
    if not isinstance(address, tuple):
        return True
    host = address[0]
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    try:
        found = ip_address(host.decode() if isinstance(host, bytes) else str(host))
    except ValueError:
        return False
    # Whoever connects to the address of every interface reaches this machine.
    return found.is_loopback or found.is_unspecified


def _looked_up(host: object) -> tuple[object] | None:
    """The name that a server is asked for; None for an address in numbers, for which none is."""
    try:
        ip_address(str(host))
    except ValueError:
        return (host,)
    return None


@contextmanager
def only_local_sockets() -> Iterator[list[str]]:
    """Refuse the others. The list holds what was refused, for code under test may swallow the error."""
    refused: list[str] = []

    def guarded(name: str, real: Callable[..., Any], address_of: Callable[..., object]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            address = address_of(*arguments, **named)
            if not is_local(address):
                refused.append(f"{name} {address}")
                raise LeftTheMachine(refused[-1])
            return real(*arguments, **named)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex", "sendto"):
            real = getattr(socket.socket, name)
            patch.setattr(socket.socket, name, guarded(name, real, lambda *arguments: arguments[-1]))
        lookup = guarded("getaddrinfo", socket.getaddrinfo, lambda host, *_rest, **_named: _looked_up(host))
        patch.setattr(socket, "getaddrinfo", lookup)
        yield refused
