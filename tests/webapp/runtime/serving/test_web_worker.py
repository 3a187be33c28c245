"""A web worker on its own."""

import asyncio
import socket
import subprocess
import sys
from pathlib import Path

import uvloop

from tests.support.bucket import Bucket
from webapp.config import Settings, environment
from webapp.runtime.serving.web_worker import ACCEPTED_AT_ONCE, accepting


def test_a_worker_does_not_start_on_a_bucket_that_there_is_not(bucket: Bucket, tmp_path: Path) -> None:
    settings = bucket.settings(Settings(data_dir=tmp_path), s3_bucket="none-of-ours")
    command = [sys.executable, "-m", "webapp.runtime.serving.web_worker", "--listener", "0", "--ready-pipe", "1"]

    ended = subprocess.run(command, env=environment(settings), capture_output=True, text=True, timeout=60, check=False)

    assert ended.returncode == 1
    assert ended.stderr.endswith("WORKBEE_S3_BUCKET: the store has no bucket of this name\n")
    assert "Traceback" not in ended.stderr


def test_new_connections_do_not_wait_for_as_many_rounds_of_a_busy_loop() -> None:
    rounds = 4
    listener = socket.create_server(("127.0.0.1", 0), backlog=2 * ACCEPTED_AT_ONCE * rounds)
    listener.setblocking(False)
    callers = [socket.create_connection(listener.getsockname()) for _ in range(ACCEPTED_AT_ONCE * rounds)]

    async def accepted() -> int:
        loop = asyncio.get_running_loop()
        made: list[asyncio.Protocol] = []

        class Caller(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                made.append(self)
                transport.close()

        sockets = accepting(listener)
        servers = [await loop.create_server(Caller, sock=one) for one in sockets]
        over = loop.create_future()

        def come_round(left: int) -> None:
            """There is always something else to do, so that the loop looks at its sockets once a round."""
            if left:
                loop.call_soon(come_round, left - 1)
            else:
                over.set_result(len(made))

        loop.call_soon(come_round, rounds + 1)
        n_accepted: int = await over
        for server, one in zip(servers, sockets, strict=True):
            server.close()
            one.close()
        return n_accepted

    try:
        assert uvloop.run(accepted()) == len(callers)
    finally:
        for caller in callers:
            caller.close()
